/// Tensors one behind another along an axis: plain, or blocked along the channels when all but the last fill whole blocks.
final class ConcatenationLayer: Layer {
  private let inputs: [Value]
  private let y: Value
  private let axis: Int

  init(_ inputs: [Value], axis: Int, y: Value) {
    self.inputs = inputs
    self.y = y
    self.axis = axis
  }

  static func fitsBlocked(_ shapes: [[Int]], axis: Int, block: Int) -> Bool {
    axis == 1 && shapes.allSatisfy { $0.count == 4 } && shapes.dropLast().allSatisfy { $0[1] % block == 0 }
  }

  /// Numbers of one row of each input, and of y: what lies behind the axis, and the axis itself.
  private var widths: [Int] {
    let outer = y.shape[..<axis].reduce(1, *)
    return inputs.map { $0.buffer.count / outer }
  }

  func forward(_ schedule: Schedule) {
    let (widths, outer, team) = (widths, y.shape[..<axis].reduce(1, *), schedule.oneDNN.team)
    let total = widths.reduce(0, +)
    schedule.step(inputs.map(\.buffer) + [y.buffer]) { [self] in
      let out = y.buffer.pointer
      let sources = inputs.map(\.buffer.pointer)
      team.divide(outer) { rows in
        for row in rows {
          var at = row * total
          for (source, width) in zip(sources, widths) {
            (out + at).update(from: source + row * width, count: width)
            at += width
          }
        }
      }
    }
  }

  func backward(_ schedule: Schedule) {
    guard let dy = y.takeWholeGradient(schedule) else { return }
    let (widths, outer, team) = (widths, y.shape[..<axis].reduce(1, *), schedule.oneDNN.team)
    let total = widths.reduce(0, +)
    var start = 0
    for (input, width) in zip(inputs, widths) {
      defer { start += width }
      guard input.needsGradient else { continue }
      let dx = schedule.makeBuffer(input.buffer.count)
      let offset = start
      schedule.step([dy, dx]) {
        let (g, target) = (dy.pointer, dx.pointer)
        team.divide(outer) { rows in
          for row in rows { (target + row * width).update(from: g + row * total + offset, count: width) }
        }
      }
      input.give(dx)
    }
  }
}
