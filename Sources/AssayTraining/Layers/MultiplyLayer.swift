import CKernels

/// x * gate, where the gate has one number for each image and channel (squeeze-and-excite, Hu et al. 2018). Both blocked.
final class ChannelGateLayer: Layer {
  private let x: Value
  private let gate: Value
  private let y: Value
  private let zeros: BlockVectors

  init(x: Value, gate: Value, y: Value, block: Int) {
    self.x = x
    self.gate = gate
    self.y = y
    zeros = .init(count: block)
  }

  private func planes(_ oneDNN: OneDNN) -> Int { x.shape[0] * oneDNN.blocks(x.channels) }

  func forward(_ schedule: Schedule) {
    let (oneDNN, zeros, plane) = (schedule.oneDNN, zeros, x.plane)
    let (block, planes) = (oneDNN.block, planes(oneDNN))
    schedule.step([x.buffer, gate.buffer, y.buffer]) { [x, gate, y] in
      let (a, s, out) = (x.buffer.pointer, gate.buffer.pointer, y.buffer.pointer)
      oneDNN.team.divide(planes) { range in
        for index in range {
          let at = index * plane * block
          oneDNN.kernels.affine(a + at, out + at, plane, s + index * block, zeros.pointer, 0)
        }
      }
    }
  }

  func backward(_ schedule: Schedule) {
    guard let dy = y.takeWholeGradient(schedule) else { return }
    let (oneDNN, zeros, plane) = (schedule.oneDNN, zeros, x.plane)
    let (block, planes) = (oneDNN.block, planes(oneDNN))
    let ds = gate.needsGradient ? schedule.makeBuffer(gate.buffer.count) : nil
    let needsX = x.needsGradient
    schedule.step([x.buffer, gate.buffer, dy, ds]) { [x, gate] in
      let (a, s, g, d) = (x.buffer.pointer, gate.buffer.pointer, dy.pointer, ds?.pointer)
      oneDNN.team.divide(planes) { range in
        for index in range {
          let at = index * plane * block
          if let d { oneDNN.kernels.dot(a + at, g + at, plane, d + index * block) }
          // In place: the plane's gradient has been read.
          if needsX { oneDNN.kernels.affine(g + at, g + at, plane, s + index * block, zeros.pointer, 0) }
        }
      }
    }
    if let ds { gate.give(ds) }
    if needsX { x.give(dy) }
  }
}

/// first * second, of one shape and layout.
final class ProductLayer: Layer {
  private let first: Value
  private let second: Value
  private let y: Value

  init(first: Value, second: Value, y: Value) {
    self.first = first
    self.second = second
    self.y = y
  }

  func forward(_ schedule: Schedule) { Self.multiply(schedule, first.buffer, second.buffer, into: y.buffer) }

  private static func multiply(_ schedule: Schedule, _ a: Buffer, _ b: Buffer, into c: Buffer) {
    let team = schedule.oneDNN.team
    schedule.step([a, b, c]) {
      let (a, b, out) = (a.pointer, b.pointer, c.pointer)
      team.divide(c.count) { range in for index in range { out[index] = a[index] * b[index] } }
    }
  }

  func backward(_ schedule: Schedule) {
    guard let dy = y.takeWholeGradient(schedule) else { return }
    for (own, other) in [(first, second), (second, first)] where own.needsGradient {
      let dx = schedule.makeBuffer(own.buffer.count)
      Self.multiply(schedule, dy, other.buffer, into: dx)
      own.give(dx)
    }
  }
}
