/// How a network is fine-tuned.
public struct FineTuneSettings: Sendable, Hashable, Codable {
  public enum OptimiserKind: String, Sendable, Codable, CaseIterable { case adamw, sgd }

  public var optimiser = OptimiserKind.adamw
  /// Peak learning rate of the last layers.
  public var learningRate = 1.5e-4
  /// The head's rate as a multiple of ``learningRate``.
  public var headFactor = 0.03
  /// The first trained layer's rate as a share of the last one's, in between geometrically (discriminative rates, Howard
  /// and Ruder 2018).
  public var depthFactor = 0.5
  public var momentum = 0.9
  /// Of weights only, never of norms and biases.
  public var weightDecay = 0.01
  public var batchSize = 32
  public var epochs = 12
  /// Epochs of linear warm-up.
  public var warmUp = 1.0
  public var labelSmoothing = 0.0
  /// Largest norm of all gradients together.
  public var clipping = 5.0
  /// Decay of the exponential moving average of the weights; 0 for none.
  public var averaging = 0.995
  /// Epochs without improvement after which to stop.
  public var patience = 5
  public var isBalanced = false
  /// Share of the features that is dropped before the head.
  public var dropout = 0.0
  public var stochasticDepth = 0.0
  /// Whether batch normalisations normalise by the batch; otherwise by their running statistics, which stay.
  public var normalisesByBatch = false
  public var seed: UInt64 = 0
  public var threads = 2

  public init() {}
}
