import Foundation

/// How a network is fine-tuned.
public struct FineTuneSettings: Sendable, Hashable, Codable {
  public enum OptimiserKind: String, Sendable, Codable, CaseIterable { case adamw, sgd }

  public var optimiser = OptimiserKind.adamw
  /// Peak learning rate of the last layers; where it was not set, ``usualLearningRate(_:)`` of the ``optimiser``.
  public var learningRate: Double {
    get { ownLearningRate ?? Self.usualLearningRate(optimiser) }
    set { ownLearningRate = newValue }
  }

  private var ownLearningRate: Double?
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
  /// nil for that of the data's division, or 0.
  public var seed: UInt64?
  /// nil for all cores that this process may use.
  public var threads: Int?

  public init() {}

  /// The step sizes of the two optimisers are not of the same kind: AdamW divides each gradient by its own size.
  public static func usualLearningRate(_ optimiser: OptimiserKind) -> Double {
    switch optimiser {
    case .adamw: 1.5e-4
    case .sgd: 1e-2
    }
  }

  var usedSeed: UInt64 { seed ?? 0 }
  var usedThreads: Int { threads ?? max(1, ProcessInfo.processInfo.activeProcessorCount) }
}
