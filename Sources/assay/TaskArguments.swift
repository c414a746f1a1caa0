import ArgumentParser
import AssayLearning
import AssayModel
import AssayWorkflows
import Foundation

/// Several tasks on one representation: shared by `train` and `evaluate --folds`.
struct TaskArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Tasks to learn, comma separated: columns label:NAME, level:NAME and score:NAME of a CSV manifest (all when not given), or defect, type and probability of ELPV.",
      valueName: "task,task,..."))
  var tasks: String?

  @Option(
    help: "Units of a trainable layer that the tasks share, e.g. 256; without it each task has a head of its own.")
  var sharedWidth: Int?

  @Option(
    help: ArgumentHelp(
      "How much each task counts in training the shared layer: equal, learned (by uncertainty), or e.g. defect=1,type=0.5.",
      valueName: "weights"))
  var taskWeights: String?

  func validate() throws {
    if let sharedWidth, !(1...8192).contains(sharedWidth) {
      throw ValidationError("--shared-width must be 1 to 8192 units")
    }
    if let names, names.isEmpty { throw ValidationError("--tasks names no task") }
    _ = try weights()
  }

  /// The first of these options that was given, for methods that do not know them.
  var given: String? {
    if tasks != nil { return "--tasks" }
    if sharedWidth != nil { return "--shared-width" }
    return taskWeights == nil ? nil : "--task-weights"
  }

  var names: [String]? { tasks.map(Self.parts) }

  private static func parts(_ text: String) -> [String] {
    text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
  }

  private func weights() throws -> TaskWeights {
    switch taskWeights {
    case nil, "equal": return taskWeights == nil ? .equal : .fixed([:])
    case "learned": return .learned
    case let text?:
      var weights: [String: Double] = [:]
      for part in Self.parts(text) {
        let pair = part.split(separator: "=", maxSplits: 1).map(String.init)
        guard pair.count == 2, let weight = Double(pair[1]), weight >= 0, weight.isFinite else {
          throw ValidationError("--task-weights \(part): write task=weight with a weight of 0 or more, or learned")
        }
        weights[pair[0]] = weight
      }
      guard weights.values.contains(where: { $0 > 0 }) || weights.isEmpty else {
        throw ValidationError("--task-weights must leave a task with a weight above 0")
      }
      return .fixed(weights)
    }
  }

  /// - Parameters:
  ///   - learningRate, batchSize, epochs, weightDecay: of the shared layer; its own when nil.
  func options(
    _ base: TrainingOptions, learningRate: Double? = nil, batchSize: Int? = nil, epochs: Int? = nil,
    weightDecay: Double? = nil
  ) throws -> MultiTaskOptions {
    let shared = sharedWidth.map { width in
      var settings = SharedRepresentation.Settings(width: width, seed: base.seed)
      settings.learningRate = learningRate ?? settings.learningRate
      settings.batchSize = batchSize ?? settings.batchSize
      settings.epochs = epochs ?? settings.epochs
      settings.weightDecay = weightDecay ?? settings.weightDecay
      return settings
    }
    return MultiTaskOptions(base: base, tasks: names, shared: shared, weights: try weights())
  }
}

/// One task's figures as JSON.
struct TaskOutput: Encodable {
  let kind: String
  let images: Int
  let metrics: [String: Manifest.Metric]
  let classes: [String]?
  let levels: [Double]?
  /// Of classes or levels: rows are the truth.
  let confusion: [[Int]]?

  init(_ evaluation: TaskEvaluation) {
    images = evaluation.count
    metrics = Dictionary(uniqueKeysWithValues: evaluation.metrics.map { ($0.name, $0) })
    switch evaluation.result {
    case .classification(let own):
      (kind, classes, levels, confusion) = ("classification", own.classes, nil, own.confusion.counts)
    case .ordinal(let own): (kind, classes, levels, confusion) = ("ordinal", nil, own.levels, own.confusion.counts)
    case .real: (kind, classes, levels, confusion) = ("real", nil, nil, nil)
    }
  }

  static func all(_ evaluations: [TaskEvaluation]) -> [String: TaskOutput] {
    Dictionary(uniqueKeysWithValues: evaluations.map { ($0.name, TaskOutput($0)) })
  }
}

/// Several tasks in a few lines each for people.
enum TaskText {
  static func say(_ evaluations: [TaskEvaluation], threshold: Manifest.Threshold? = nil) {
    for evaluation in evaluations {
      Console.say("\(evaluation.name): \(evaluation.basis), \(evaluation.count) images:")
      EvaluationText.say(evaluation.metrics)
    }
    if let threshold {
      Console.say("  threshold \(String(format: "%.4f", threshold.value)): \(threshold.explanation)")
    }
  }
}
