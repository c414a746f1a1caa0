import AssayData
import AssayImage
import AssayInspection
import AssayModel
import AssayRuntime

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

  /// Images that the bundle was trained on are refused: figures on them say nothing about new parts.
  /// - Throws: when no image is left, or a class is not known to the bundle.
  public static func run(
    bundle path: String, on data: String, options: EvaluationOptions = .init(),
    progress: @escaping ProgressHandler = { _ in }
  ) throws(WorkflowError) -> BundleTest {
    do {
      let manifest = try ModelBundle(path: path).manifest
      if MultiTaskEvaluator.accepts(manifest, data: data) {
        guard options.labels == nil, options.goodClass == nil else {
          throw WorkflowError(.usage, "--labels and --good are for data sets with one label an image")
        }
        return .tasks(
          try MultiTaskEvaluator.evaluate(
            bundle: path, on: data, allowsTrained: options.allowsTrained, isStrict: options.isStrict,
            maximumPixels: options.maximumPixels, progress: progress))
      }
      switch manifest.kind {
      case .classifier, .measurement:
        return .classes(
          try Evaluator.evaluate(
            bundle: path, on: data, labels: options.labels, goodClass: options.goodClass,
            allowsTrained: options.allowsTrained, isStrict: options.isStrict, maximumPixels: options.maximumPixels,
            progress: progress))
      case .multiLabel:
        guard options.labels == nil else {
          throw WorkflowError(.usage, "--labels is for bundles that name one class")
        }
        return .labels(
          try MultiLabelEvaluator.evaluate(
            bundle: path, on: data, goodClass: options.goodClass, allowsTrained: options.allowsTrained,
            isStrict: options.isStrict, maximumPixels: options.maximumPixels, progress: progress))
      case .anomaly:
        guard options.labels == nil else {
          throw WorkflowError(
            .usage, "--labels is for bundles that name classes; an anomaly detector knows good and other parts")
        }
        return .anomaly(
          try AnomalyEvaluator.evaluate(
            bundle: path, on: data, goodClass: options.goodClass, allowsTrained: options.allowsTrained,
            isStrict: options.isStrict, maximumPixels: options.maximumPixels, progress: progress))
      }
    } catch {
      throw WorkflowError(error)
    }
  }

  /// What a person must know of how a bundle reads the pictures of a data set: samples of 16 bits above its white level, or
  /// pictures that it sees nearly black. What cannot be read says so elsewhere.
  public static func pictureNotes(
    bundle path: String, on data: String, cache: FeatureCache?,
    maximumPixels: Int = DecodingOptions().maximumPixels
  ) -> [String] {
    guard let manifest = try? ModelBundle(path: path).manifest, let dataset = try? DatasetReader.read(data) else {
      return []
    }
    return WhiteLevelReader.notes(
      dataset.samples.map(\.path), manifest.preprocessing, cache: cache, maximumPixels: maximumPixels)
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
