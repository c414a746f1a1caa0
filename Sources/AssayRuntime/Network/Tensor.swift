/// A tensor copied out of a network.
public struct Tensor: Sendable, Equatable {
  public let shape: [Int]
  public let values: [Float]

  package init(shape: [Int], values: [Float]) {
    self.shape = shape
    self.values = values
  }
}
