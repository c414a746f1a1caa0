/// What an optimiser knows of one tensor.
public struct OptimisedParameter: Sendable, Hashable, Codable {
  /// As in the state dict, `blocks.3.0.conv.weight`.
  public let name: String
  /// Elements.
  public let count: Int
  /// Multiplies the learning rate of every step: below 1 for the early stages (discriminative fine-tuning, Howard and
  /// Ruder 2018), 0 for a frozen tensor.
  public let learningRateFactor: Double
  /// Whether weight decay applies. It should not to biases and to the scales of normalisation.
  public let decays: Bool

  public init(name: String, count: Int, learningRateFactor: Double = 1, decays: Bool) {
    precondition(count >= 0 && learningRateFactor >= 0, "\(name): \(count) elements at \(learningRateFactor)")
    self.name = name
    self.count = count
    self.learningRateFactor = learningRateFactor
    self.decays = decays
  }
}

/// The memory of one tensor: its values, and the gradient of the loss by them.
public struct ParameterTensor: @unchecked Sendable {
  // Threads work on disjoint ranges; whoever owns the memory keeps it alive during a call.
  public let values: UnsafeMutableBufferPointer<Float>
  /// Only ``GradientClipping`` changes it.
  public let gradient: UnsafeMutableBufferPointer<Float>

  public init(values: UnsafeMutableBufferPointer<Float>, gradient: UnsafeMutableBufferPointer<Float>) {
    precondition(values.count == gradient.count, "\(values.count) values, \(gradient.count) derivatives")
    self.values = values
    self.gradient = gradient
  }
}
