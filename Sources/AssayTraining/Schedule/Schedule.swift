/// The steps of one iteration in their order, from which the lifetimes of all buffers follow.
final class Schedule {
  let oneDNN: OneDNN
  var winograd: WinogradUse = .whereFaster
  private(set) var steps: [() -> Void] = []
  private(set) var buffers: [Buffer] = []
  /// Steps before this one are forward.
  private(set) var backwardStart = 0

  init(_ oneDNN: OneDNN) { self.oneDNN = oneDNN }

  func makeBuffer(_ count: Int) -> Buffer {
    let buffer = Buffer(count: count)
    buffers.append(buffer)
    return buffer
  }

  /// Appends a step.
  /// - Parameter buffers: all that it reads or writes.
  func step(_ buffers: [Buffer?], _ work: @escaping () -> Void) {
    for buffer in buffers { buffer?.use(at: steps.count) }
    steps.append(work)
  }

  func step(_ primitive: Primitive, _ buffers: [Buffer?]) { step(buffers) { primitive.run() } }

  /// Ends the forward part with a step that keeps what is read from outside.
  func beginBackward(keeping buffers: [Buffer]) {
    step(buffers) {}
    backwardStart = steps.count
  }

  /// target += source
  func add(_ source: Buffer, to target: Buffer) {
    let team = oneDNN.team
    step([source, target]) {
      let (x, y) = (source.pointer, target.pointer)
      team.divide(target.count) { range in for index in range { y[index] += x[index] } }
    }
  }

  func copy(_ source: Buffer, to target: Buffer) {
    let team = oneDNN.team
    step([source, target]) {
      let (x, y) = (source.pointer, target.pointer)
      team.divide(target.count) { range in (y + range.lowerBound).update(from: x + range.lowerBound, count: range.count)
      }
    }
  }

  func run(_ range: Range<Int>) {
    for index in range { steps[index]() }
  }
}

/// A part of the network: appends its steps to a schedule, first all forward, then all backward in reverse order.
protocol Layer: AnyObject {
  func forward(_ schedule: Schedule) throws(TrainingError)
  /// Takes its output's gradient, computes those of its parameters, and gives its inputs theirs.
  func backward(_ schedule: Schedule) throws(TrainingError)
}
