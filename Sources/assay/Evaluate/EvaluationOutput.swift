import AssayBundle
import AssayData
import AssayMetrics
import AssayWorkflows

/// A test or cross-validation of named classes as JSON.
struct EvaluationOutput: Encodable {
  struct ClassFigures: Encodable {
    let precision: Double
    let recall: Double
    let f1: Double
    let support: Int
    /// Of 95 %; nil where there is no part to tell by.
    let precisionInterval: Interval?
    let recallInterval: Interval?
    let f1Interval: Interval?
  }

  let basis: String
  let images: Int
  let refused: Int?
  let unreadable: [String]
  let classes: [String]
  let metrics: [String: Manifest.Metric]
  let perClass: [String: ClassFigures]
  let confusion: [[Int]]
  let foldAccuracies: [Double]?
  let penalties: [Double]?
  /// Every task of the bundle or data set by name, this one among them.
  let tasks: [String: TaskOutput]?
  /// Of marked pixels, for each class of defect.
  let pixels: [SegmentationEvaluation.ClassFigures]?
  /// Severstal's metric.
  let meanDice: Double?

  init(
    _ evaluation: Evaluation, _ segmentation: SegmentationEvaluation? = nil, refused: Int? = nil,
    unreadable: [String], foldAccuracies: [Double]? = nil,
    penalties: [Double]? = nil, tasks: [String: TaskOutput]? = nil
  ) {
    self.tasks = tasks
    pixels = segmentation?.classes
    meanDice = segmentation?.meanDice
    basis = evaluation.basis
    images = evaluation.labels.count
    self.refused = refused
    self.unreadable = unreadable
    classes = evaluation.classes
    metrics = Dictionary(uniqueKeysWithValues: evaluation.metrics.map { ($0.name, $0) })
    let matrix = evaluation.confusion
    let (precision, recall, f1) = (matrix.precisionIntervals, matrix.recallIntervals, matrix.f1Intervals)
    perClass = Dictionary(
      uniqueKeysWithValues: evaluation.classes.enumerated().map { k, name in
        (
          name,
          ClassFigures(
            precision: matrix.precision[k], recall: matrix.recall[k], f1: matrix.f1[k], support: matrix.support[k],
            precisionInterval: precision[k], recallInterval: recall[k], f1Interval: f1[k])
        )
      })
    confusion = matrix.counts
    self.foldAccuracies = foldAccuracies
    self.penalties = penalties
  }
}

/// The same of a bundle or data set of which no task classifies.
struct TasksOutput: Encodable {
  let images: Int
  let refused: Int?
  let unreadable: [String]
  let tasks: [String: TaskOutput]

  /// What the task that decides between good and defective gives, as with one task, and all tasks by name.
  static func show(
    _ evaluations: [TaskEvaluation], _ primary: Evaluation?, _ fitness: LineFitness, images: Int, refused: Int?,
    unreadable: [String], _ reading: DataReading, json: Bool
  ) throws {
    if json {
      let tasks = TaskOutput.all(evaluations)
      if let primary {
        try Console.print(
          json: WithReading(
            EvaluationOutput(primary, refused: refused, unreadable: unreadable, tasks: tasks), reading,
            fitness: fitness))
      } else {
        try Console.print(
          json: WithReading(
            TasksOutput(images: images, refused: refused, unreadable: unreadable, tasks: tasks), reading,
            fitness: fitness))
      }
    }
    FitnessText.say(fitness)
    TaskText.say(evaluations)
  }
}

/// A test of an anomaly detector as JSON.
struct AnomalyOutput: Encodable {
  let basis: String
  let images: Int
  let refused: Int
  let unreadable: [String]
  let metrics: [String: Manifest.Metric]
  let types: [AnomalyEvaluation.DefectType]
  let threshold: Double?
  /// Score of each image by name.
  let scores: [String: Double]

  init(_ result: AnomalyEvaluator.Result) {
    let evaluation = result.evaluation
    basis = evaluation.basis
    images = evaluation.scores.count
    refused = result.refused
    unreadable = evaluation.unreadable.map(\.description)
    metrics = Dictionary(evaluation.metrics.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    types = evaluation.types
    threshold = evaluation.threshold
    scores = Dictionary(zip(evaluation.names, evaluation.scores), uniquingKeysWith: { first, _ in first })
  }
}
