import CKernels

/// y = activation(first + second), of one shape and layout, with ReLU or ReLU6 or nothing behind it.
final class AddLayer: Layer {
  private let first: Value
  private let second: Value
  private let y: Value
  private let activation: Int32
  private let oneDNN: OneDNN
  /// Of each image: what stochastic depth multiplies `first` by; nil without it.
  private let keep: UnsafePointer<Float>?
  private let zeros: BlockVectors

  init(_ oneDNN: OneDNN, first: Value, second: Value, y: Value, activation: Int32, keep: UnsafePointer<Float>?) {
    self.oneDNN = oneDNN
    self.first = first
    self.second = second
    self.y = y
    self.activation = activation
    self.keep = keep
    zeros = .init(count: oneDNN.block)
  }

  private var each: Int { y.buffer.count / y.shape[0] }

  func forward(_ schedule: Schedule) {
    schedule.step([first.buffer, second.buffer, y.buffer]) { [self] in
      let (a, b, y) = (first.buffer.pointer, second.buffer.pointer, y.buffer.pointer)
      let (each, block) = (each, oneDNN.block)
      perImage { image, range in
        let factor = keep?[image] ?? 1
        if first.layout == .blocked {
          withUnsafeTemporaryAllocation(of: Float.self, capacity: block) { factors in
            factors.initialize(repeating: factor)
            let at = image * each + range.lowerBound * block
            oneDNN.kernels.normalise(
              a + at, b + at, y + at, range.count, factors.baseAddress, zeros.pointer, activation)
          }
        } else {
          for index in image * each + range.lowerBound..<image * each + range.upperBound {
            y[index] = factor * a[index] + b[index]
          }
        }
      }
    }
  }

  /// Calls with parts of each image: positions of a block when blocked, else numbers.
  private func perImage(_ work: (Int, Range<Int>) -> Void) {
    let count = first.layout == .blocked ? each / oneDNN.block : each
    let images = y.shape[0]
    let team = oneDNN.team
    team.run { thread in
      let range = count * thread / team.threads..<count * (thread + 1) / team.threads
      if !range.isEmpty { for image in 0..<images { work(image, range) } }
    }
  }

  func backward(_ schedule: Schedule) {
    let dy: Buffer
    if activation == 0 {
      guard let whole = y.takeWholeGradient(schedule) else { return }
      dy = whole
    } else {
      guard let (part, other) = y.takeGradient(schedule) else { return }
      dy = part
      ActivationGate.add(schedule, y: y, dy: dy, other: other, activation: activation)
    }
    if second.needsGradient, !first.needsGradient { return second.give(dy) }
    if second.needsGradient {
      let copy = schedule.makeBuffer(dy.count)
      schedule.copy(dy, to: copy)
      second.give(copy)
    }
    guard first.needsGradient else { return }
    if let keep {
      let (each, images, team) = (each, y.shape[0], oneDNN.team)
      schedule.step([dy]) {
        let g = dy.pointer
        team.divide(images) { range in
          for image in range where keep[image] != 1 {
            for index in image * each..<(image + 1) * each { g[index] *= keep[image] }
          }
        }
      }
    }
    first.give(dy)
  }
}

/// Backward through ReLU and ReLU6 by their output, in the blocked layout.
enum ActivationGate {
  /// dy = (dy + other) where the activation that gave y was open.
  static func add(_ schedule: Schedule, y: Value, dy: Buffer, other: Buffer?, activation: Int32) {
    let oneDNN = schedule.oneDNN
    let block = oneDNN.block
    schedule.step([y.buffer, dy, other]) {
      let (out, g, extra) = (y.buffer.pointer, dy.pointer, other?.pointer)
      oneDNN.team.divide(dy.count / block) { range in
        let at = range.lowerBound * block
        oneDNN.kernels.gate(g + at, extra.map { $0 + at }, out + at, range.count, activation)
      }
    }
  }
}
