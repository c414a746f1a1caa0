/// A window of a tensor, zero where it reaches beyond: slices, and padding with zeros, which are each other's adjoints. Plain.
final class WindowLayer: Layer {
  private let x: Value
  private let y: Value
  /// Where the window begins on each axis of x; below zero for padding.
  private let offsets: [Int]

  init(_ offsets: [Int], x: Value, y: Value) {
    precondition(offsets.count == x.shape.count && x.shape.count == y.shape.count, "an offset for each axis")
    self.offsets = offsets
    self.x = x
    self.y = y
  }

  func forward(_ schedule: Schedule) {
    Self.add(schedule, from: x.buffer, x.shape, to: y.buffer, y.shape, offsets)
  }

  func backward(_ schedule: Schedule) {
    guard let dy = y.takeWholeGradient(schedule), x.needsGradient else { return }
    let dx = schedule.makeBuffer(x.buffer.count)
    Self.add(schedule, from: dy, y.shape, to: dx, x.shape, offsets.map { -$0 })
    x.give(dx)
  }

  /// target[i] = source[i + offset], or 0 where source ends.
  private static func add(
    _ schedule: Schedule, from source: Buffer, _ sourceShape: [Int], to target: Buffer, _ shape: [Int],
    _ offsets: [Int]
  ) {
    let last = shape.count - 1
    let (inner, innerSource) = (shape[last], sourceShape[last])
    // Of the last axis the part that the source has.
    let from = min(inner, max(0, -offsets[last]))
    let to = max(from, min(inner, innerSource - offsets[last]))
    let team = schedule.oneDNN.team
    schedule.step([source, target]) {
      team.divide(shape.dropLast().reduce(1, *)) { rows in
        for row in rows {
          var (rest, at, step, isInside) = (row, 0, 1, true)
          for axis in (0..<last).reversed() {
            let place = rest % shape[axis] + offsets[axis]
            rest /= shape[axis]
            isInside = isInside && (0..<sourceShape[axis]).contains(place)
            at += place * step
            step *= sourceShape[axis]
          }
          let out = target.pointer + row * inner
          out.update(repeating: 0, count: inner)
          guard isInside, to > from else { continue }
          (out + from).update(from: source.pointer + at * innerSource + from + offsets[last], count: to - from)
        }
      }
    }
  }
}
