/// The same tensor in the other layout.
final class LayoutLayer: Layer {
  private let x: Value
  private let y: Value

  init(x: Value, y: Value) {
    self.x = x
    self.y = y
  }

  private static func layout(_ value: Value, _ oneDNN: OneDNN) throws(TrainingError) -> MemoryDescriptor {
    value.layout == .blocked ? try .blocked(value.shape, block: oneDNN.block) : try .plain(value.shape)
  }

  func forward(_ schedule: Schedule) throws(TrainingError) {
    try Self.add(schedule, from: x, x.buffer, to: y, y.buffer)
  }

  private static func add(
    _ schedule: Schedule, from: Value, _ source: Buffer, to: Value, _ target: Buffer
  ) throws(TrainingError) {
    let primitive = try Primitive.reorder(
      schedule.oneDNN, from: (layout(from, schedule.oneDNN), .buffer(source)),
      to: (layout(to, schedule.oneDNN), .buffer(target)))
    schedule.step(primitive, [source, target])
  }

  func backward(_ schedule: Schedule) throws(TrainingError) {
    guard let dy = y.takeWholeGradient(schedule), x.needsGradient else { return }
    let dx = schedule.makeBuffer(x.buffer.count)
    try Self.add(schedule, from: y, dy, to: x, dx)
    x.give(dx)
  }
}

/// The same numbers under another shape; shares the memory.
final class ReshapeLayer: Layer {
  private let x: Value
  private let y: Value

  init(x: Value, y: Value) {
    self.x = x
    self.y = y
  }

  func forward(_ schedule: Schedule) {}

  func backward(_ schedule: Schedule) {
    guard let dy = y.takeWholeGradient(schedule), x.needsGradient else { return }
    x.give(dy)
  }
}

/// Axes in another order, plain.
final class TransposeLayer: Layer {
  private let x: Value
  private let y: Value
  private let order: [Int]

  init(_ order: [Int], x: Value, y: Value) {
    self.order = order
    self.x = x
    self.y = y
  }

  func forward(_ schedule: Schedule) {
    add(schedule, from: x.buffer, to: y.buffer, isForward: true)
  }

  func backward(_ schedule: Schedule) {
    guard let dy = y.takeWholeGradient(schedule), x.needsGradient else { return }
    let dx = schedule.makeBuffer(x.buffer.count)
    add(schedule, from: dy, to: dx, isForward: false)
    x.give(dx)
  }

  private func add(_ schedule: Schedule, from source: Buffer, to target: Buffer, isForward: Bool) {
    // Step in x for each axis of y.
    var steps = [Int](repeating: 1, count: x.shape.count)
    for axis in (0..<x.shape.count - 1).reversed() { steps[axis] = steps[axis + 1] * x.shape[axis + 1] }
    let strides = order.map { steps[$0] }
    let shape = y.shape
    let team = schedule.oneDNN.team
    schedule.step([source, target]) {
      let (a, b) = (source.pointer, target.pointer)
      let inner = shape[shape.count - 1]
      let step = strides[strides.count - 1]
      team.divide(shape.dropLast().reduce(1, *)) { rows in
        for row in rows {
          var (rest, at) = (row, 0)
          for axis in (0..<shape.count - 1).reversed() {
            at += rest % shape[axis] * strides[axis]
            rest /= shape[axis]
          }
          for index in 0..<inner {
            if isForward {
              b[row * inner + index] = a[at + index * step]
            } else {
              b[at + index * step] = a[row * inner + index]
            }
          }
        }
      }
    }
  }
}
