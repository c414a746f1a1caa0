import AssayData
import AssayImage
import AssayInspection
import AssayModel

/// What a test of a bundle can be told.
public struct EvaluationOptions: Sendable {
  /// How the data set's labels are read; nil for the way in which the bundle knows them.
  public var labels: LabelScheme?
  public var goodClass: String?
  /// Take images that the bundle was trained on all the same.
  public var allowsTrained: Bool
  /// Stop at the first unusable file instead of listing it.
  public var isStrict: Bool
  public var maximumPixels: Int

  public init(
    labels: LabelScheme? = nil, goodClass: String? = nil, allowsTrained: Bool = false, isStrict: Bool = false,
    maximumPixels: Int = DecodingOptions().maximumPixels
  ) {
    self.labels = labels
    self.goodClass = goodClass
    self.allowsTrained = allowsTrained
    self.isStrict = isStrict
    self.maximumPixels = maximumPixels
  }
}

/// A bundle of any kind, tested on images of which is known what is to be found.
public enum BundleTest: Sendable {
  case classes(BundleEvaluation)
  case labels(MultiLabelTest)
  case tasks(MultiTaskTest)
  case anomaly(AnomalyEvaluator.Result)

  /// What a bundle is tested for on a data set.
  public enum Way: Sendable {
    case classes, labels, tasks, anomaly
  }

  /// - Parameter data: one that names tasks of the bundle tests them; a folder of classes tests the verdict.
  public static func way(_ manifest: Manifest, data: String) -> Way {
    if MultiTaskEvaluator.accepts(manifest, data: data) { return .tasks }
    return switch manifest.kind {
    case .classifier: .classes
    case .multiLabel: .labels
    case .anomaly: .anomaly
    case .measurement: .tasks
    }
  }

  /// Images that the bundle was trained on are refused: figures on them say nothing about new parts.
  /// - Throws: when no image is left, or a class is not known to the bundle.
  public static func run(
    bundle path: String, on data: String, options: EvaluationOptions = .init(),
    progress: @escaping ProgressHandler = { _ in }
  ) throws(WorkflowError) -> BundleTest {
    do {
      switch way(try ModelBundle(path: path).manifest, data: data) {
      case .tasks:
        return .tasks(
          try MultiTaskEvaluator.evaluate(
            bundle: path, on: data, allowsTrained: options.allowsTrained, isStrict: options.isStrict,
            maximumPixels: options.maximumPixels, progress: progress))
      case .classes:
        return .classes(
          try Evaluator.evaluate(
            bundle: path, on: data, labels: options.labels, goodClass: options.goodClass,
            allowsTrained: options.allowsTrained, isStrict: options.isStrict, maximumPixels: options.maximumPixels,
            progress: progress))
      case .labels:
        return .labels(
          try MultiLabelEvaluator.evaluate(
            bundle: path, on: data, goodClass: options.goodClass, allowsTrained: options.allowsTrained,
            isStrict: options.isStrict, maximumPixels: options.maximumPixels, progress: progress))
      case .anomaly:
        return .anomaly(
          try AnomalyEvaluator.evaluate(
            bundle: path, on: data, goodClass: options.goodClass, allowsTrained: options.allowsTrained,
            isStrict: options.isStrict, maximumPixels: options.maximumPixels, progress: progress))
      }
    } catch {
      throw WorkflowError(error)
    }
  }

  public var report: String {
    switch self {
    case .classes(let test): test.report
    case .labels(let test): test.report
    case .tasks(let test): test.report
    case .anomaly(let test): test.report
    }
  }
}
