import ArgumentParser
import AssayBundle
import AssayData
import AssayLearning
import AssayWorkflows
import Foundation

/// Several tasks on one representation: shared by `train` and `evaluate --folds`.
struct TaskArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Tasks to learn, comma separated: columns label:NAME, level:NAME and score:NAME of a CSV manifest, or defect, type and probability of ELPV. (default: all of a manifest, none of ELPV)",
      valueName: "task,task,..."))
  var tasks: String?

  @Option(
    help:
      "Units of a trainable layer that the tasks share, e.g. 256. (default: none, each task has a head of its own)")
  var sharedWidth: Int?

  @Option(
    help: ArgumentHelp(
      "How much each task counts in training what they share: equal, learned (by uncertainty), or e.g. defect=1,type=0.5. (default: equal)",
      valueName: "weights"))
  var taskWeights: String?

  func validate() throws {
    if let sharedWidth, !(1...8192).contains(sharedWidth) {
      throw ValidationError("--shared-width must be 1 to 8192 units")
    }
    if let names, names.isEmpty { throw ValidationError("--tasks names no task") }
    _ = try Self.weights(taskWeights)
  }

  private var names: [String]? { tasks.map(Self.parts) }

  private static func parts(_ text: String) -> [String] {
    text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
  }

  private static func weights(_ text: String?) throws -> TaskWeights {
    switch text {
    case nil, "equal": return .equal
    case "learned": return .learned
    case let text?:
      var weights: [String: Double] = [:]
      for part in parts(text) {
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

  /// The tasks by which a data set is learned; nil where it is learned as one set of classes.
  func found(in path: String, _ images: ImageArguments, _ use: OptionUse) throws -> [TaskDescription]? {
    let encoding = images.encoding(use)
    if let names = use("--tasks", names) {
      do { return try DatasetReader.read(path, options: .init(tasks: names, encoding: encoding)).tasks } catch {
        throw WorkflowError(error)
      }
    }
    // What cannot be read is left to whoever trains, who says why.
    let tasks = (try? DatasetReader.read(path, options: .init(encoding: encoding)))?.tasks ?? []
    if tasks.isEmpty {
      use.without(["--shared-width", "--task-weights"], because: "the data set has one set of classes and no tasks")
    }
    return tasks.isEmpty ? nil : tasks
  }

  /// Heads of several tasks on a frozen backbone: each fitted by itself, or on a layer that they share.
  /// - Parameters:
  ///   - base: without solver and class weights, which depend on that.
  ///   - classWeights: as the command was given them.
  ///   - solver: reads the options of the shared layer.
  func options(
    _ base: TrainingOptions, _ tasks: [TaskDescription], _ classWeights: ClassWeights,
    solver: (inout SharedRepresentation.Settings) -> Void = { _ in }, _ use: OptionUse
  ) throws -> MultiTaskOptions {
    var options = MultiTaskOptions(base: base, tasks: names)
    if let width = use("--shared-width", sharedWidth) {
      var settings = SharedRepresentation.Settings(width: width, seed: base.seed)
      solver(&settings)
      options.shared = settings
      options.weights = try Self.weights(use("--task-weights", taskWeights))
      use.without(["--class-weights", "--folds"], because: "the layer of --shared-width is trained by AdamW")
    } else {
      use.without(
        ["--task-weights"],
        because: "on a frozen backbone every head is fitted by itself; give --shared-width or --method finetune")
      if tasks.contains(where: { $0.kind != .real }) {
        options.base.classWeights = use("--class-weights", classWeights)
      } else {
        use.without(["--class-weights"], because: "no task has classes or levels")
      }
    }
    return options
  }

  /// The same where the backbone is trained further.
  func tuned(_ base: TrainingOptions, _ use: OptionUse) throws -> MultiTaskOptions {
    use.without(["--shared-width"], because: "fine-tuning trains what the tasks share itself")
    use.without(["--class-weights"], because: "it is for one task")
    return MultiTaskOptions(base: base, tasks: names, weights: try Self.weights(use("--task-weights", taskWeights)))
  }

  /// Threshold and good class, where a task decides between good and defective.
  static func decision(
    _ options: inout TrainingOptions, _ tasks: [TaskDescription], good: String?, _ decision: ThresholdArguments,
    _ use: OptionUse
  ) {
    guard tasks.contains(where: { $0.kind == .classification }) else {
      use.without(
        ["--good", "--max-escape", "--max-overkill"],
        because: "no task classifies, so that nothing is good or defective")
      return
    }
    options.goodClass = use("--good", good)
    options.thresholdRule = decision.rule(use) ?? options.thresholdRule
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
