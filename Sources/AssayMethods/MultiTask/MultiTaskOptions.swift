import AssayBase
public import AssayLearning

/// How much each task counts, as a user says it.
public enum TaskWeights: Sendable, Hashable {
  case equal
  /// By task; 1 for those that are not named.
  case fixed([String: Double])
  case learned
}

/// Everything that training of several tasks can be told.
public struct MultiTaskOptions: Sendable {
  /// Data, features, seed, split and threshold, as for one task.
  public var base: TrainingOptions
  /// The tasks wanted, by name; nil for all of a CSV manifest.
  public var tasks: [String]?
  /// A trainable layer between the frozen features and the heads; nil to fit each head by itself.
  public var shared: SharedRepresentation.Settings?
  public var weights: TaskWeights

  public init(
    base: TrainingOptions = .init(), tasks: [String]? = nil, shared: SharedRepresentation.Settings? = nil,
    weights: TaskWeights = .equal
  ) {
    self.base = base
    self.tasks = tasks
    self.shared = shared
    self.weights = weights
  }

  /// - Throws: for what would change nothing.
  package func check(isFineTuning: Bool = false) throws {
    guard base.solver == .lbfgs else {
      throw WorkflowError(
        .usage,
        "--optimizer \(base.solver.name): heads of several tasks are fitted by lbfgs, or with --shared-width by AdamW")
    }
    guard shared == nil || !isFineTuning else {
      throw WorkflowError(
        .usage, "--shared-width is for a frozen backbone; fine-tuning trains what the tasks share itself")
    }
    guard !isFineTuning || base.classWeights == .none else {
      throw WorkflowError(.usage, "--class-weights is for one task; leave it out when several are fine-tuned")
    }
    guard shared == nil || base.classWeights == .none else {
      throw WorkflowError(.usage, "--class-weights is for heads on frozen features; leave it out with --shared-width")
    }
    guard weights == .equal || shared != nil || isFineTuning else {
      throw WorkflowError(
        .usage,
        "--task-weights needs --shared-width or --method finetune: on a frozen backbone every head is fitted by itself, and weights would "
          + "change nothing")
    }
  }

  /// The weighting of the tasks named.
  /// - Throws: for weights of tasks that there are not.
  package func weighting(_ names: [String]) throws -> TaskWeighting {
    switch weights {
    case .equal: return .fixed([Double](repeating: 1, count: names.count))
    case .learned: return .uncertainty
    case .fixed(let values):
      if let stranger = values.keys.sorted().first(where: { !names.contains($0) }) {
        throw WorkflowError(
          .usage, "--task-weights \(stranger): there is no such task; there are \(names.joined(separator: ", "))")
      }
      return .fixed(names.map { values[$0] ?? 1 })
    }
  }

  /// The base's solver, so that validation images are held out where the epoch is chosen by them.
  package var training: TrainingOptions {
    var options = base
    if let shared {
      options.solver = .adam(
        .init(
          learningRate: shared.learningRate, batchSize: shared.batchSize, epochs: shared.epochs,
          weightDecay: shared.weightDecay, seed: shared.seed))
    }
    return options
  }
}
