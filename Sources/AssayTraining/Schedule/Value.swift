/// A tensor that flows through the network, and what has been gathered of its gradient.
final class Value {
  enum Layout { case plain, blocked }

  let name: String
  /// With the batch: `[N, C, H, W]`, or any shape when plain.
  let shape: [Int]
  let layout: Layout
  let buffer: Buffer
  /// Whether something that is trained lies before it.
  let needsGradient: Bool
  /// Parts of the gradient that are still to be added; each buffer belongs to this value alone, so that its maker may
  /// write into it.
  private var gradients: [Buffer] = []

  init(name: String, shape: [Int], layout: Layout, buffer: Buffer, needsGradient: Bool) {
    self.name = name
    self.shape = shape
    self.layout = layout
    self.buffer = buffer
    self.needsGradient = needsGradient
  }

  var channels: Int { shape.count > 1 ? shape[1] : 1 }
  /// Positions of an image.
  var plane: Int { shape.dropFirst(2).reduce(1, *) }

  /// Hands over a part of the gradient.
  func give(_ gradient: Buffer) {
    precondition(needsGradient && gradient.count == buffer.count, "a gradient of another size for \(name)")
    gradients.append(gradient)
  }

  /// Takes the gradient as two parts at most; nil when nothing depends on this value.
  func takeGradient(_ schedule: Schedule) -> (first: Buffer, second: Buffer?)? {
    while gradients.count > 2 {
      let extra = gradients.removeLast()
      schedule.add(extra, to: gradients[0])
    }
    defer { gradients = [] }
    return gradients.first.map { ($0, gradients.count > 1 ? gradients[1] : nil) }
  }

  /// Takes the gradient as one buffer.
  func takeWholeGradient(_ schedule: Schedule) -> Buffer? {
    guard let (first, second) = takeGradient(schedule) else { return nil }
    if let second { schedule.add(second, to: first) }
    return first
  }
}
