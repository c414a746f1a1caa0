/// A tensor of the network that training may change. Its memory belongs to the network.
public final class Parameter {
  public enum Role: Sendable {
    /// Of a convolution or a linear map: the only ones that decay.
    case weight
    case bias
    /// Scale and shift of a normalisation.
    case scale, shift
    /// Running mean and variance of a batch normalisation: not trained by gradients, but changed by training.
    case runningMean, runningVariance
    /// A constant that is added, such as a position embedding.
    case embedding
  }

  /// The initialiser's name in the graph.
  public let name: String
  public let shape: [Int]
  public let role: Role
  /// Whether it has a gradient.
  public let isTrained: Bool
  /// Row-major.
  public let values: UnsafeMutableBufferPointer<Float>
  /// Row-major; empty when it is not trained.
  public let gradient: UnsafeMutableBufferPointer<Float>
  /// Position of the node that uses it among all nodes, for rates that depend on depth.
  public let depth: Int

  public init(name: String, shape: [Int], role: Role, isTrained: Bool, values initial: [Float], depth: Int) {
    self.name = name
    self.shape = shape
    self.role = role
    self.isTrained = isTrained
    self.depth = depth
    values = Self.allocate(initial.count)
    _ = values.update(fromContentsOf: initial)
    gradient = isTrained ? Self.allocate(initial.count) : UnsafeMutableBufferPointer(start: nil, count: 0)
    gradient.update(repeating: 0)
  }

  deinit {
    values.deallocate()
    gradient.deallocate()
  }

  private static func allocate(_ count: Int) -> UnsafeMutableBufferPointer<Float> {
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: max(count, 1) * 4, alignment: 64)
    return UnsafeMutableBufferPointer(rebasing: memory.bindMemory(to: Float.self)[..<count])
  }
}
