public import AssayBase
public import AssayBundle
public import AssayData
public import AssayImage
import AssayInspection
public import AssayRuntime

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
  /// What runs networks.
  public var engines: Engines
  /// Of the data set's texts that are not UTF-8; nil for the one that the bundle's own data set has.
  public var encoding: String?

  public init(
    labels: LabelScheme? = nil, goodClass: String? = nil, allowsTrained: Bool = false, isStrict: Bool = false,
    maximumPixels: Int = DecodingOptions().maximumPixels, encoding: String? = nil,
    engines: Engines = .automatic
  ) {
    self.labels = labels
    self.goodClass = goodClass
    self.allowsTrained = allowsTrained
    self.isStrict = isStrict
    self.maximumPixels = maximumPixels
    self.encoding = encoding
    self.engines = engines
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

  /// - Parameters:
  ///   - data: one that names tasks of the bundle tests them; a folder of classes tests the verdict.
  ///   - encoding: of texts that are not UTF-8; nil for the one that the bundle's own data set has.
  public static func way(_ manifest: Manifest, data: String, encoding: String? = nil) -> Way {
    if MultiTaskEvaluator.accepts(manifest, data: data, encoding: encoding) { return .tasks }
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
      switch way(try ModelBundle(path: path).manifest, data: data, encoding: options.encoding) {
      case .tasks:
        guard options.labels == nil, options.goodClass == nil else {
          throw WorkflowError(.usage, "--labels and --good are for data sets with one label an image")
        }
        return .tasks(
          try MultiTaskEvaluator.evaluate(
            bundle: path, on: data, encoding: options.encoding, allowsTrained: options.allowsTrained,
            isStrict: options.isStrict, maximumPixels: options.maximumPixels, engines: options.engines,
            progress: progress))
      case .classes:
        return .classes(
          try Evaluator.evaluate(
            bundle: path, on: data, labels: options.labels, goodClass: options.goodClass, encoding: options.encoding,
            allowsTrained: options.allowsTrained, isStrict: options.isStrict, maximumPixels: options.maximumPixels,
            engines: options.engines,
            progress: progress))
      case .labels:
        return .labels(
          try MultiLabelEvaluator.evaluate(
            bundle: path, on: data, goodClass: options.goodClass, encoding: options.encoding,
            allowsTrained: options.allowsTrained, isStrict: options.isStrict, maximumPixels: options.maximumPixels,
            engines: options.engines,
            progress: progress))
      case .anomaly:
        return .anomaly(
          try AnomalyEvaluator.evaluate(
            bundle: path, on: data, goodClass: options.goodClass, encoding: options.encoding,
            allowsTrained: options.allowsTrained, isStrict: options.isStrict, maximumPixels: options.maximumPixels,
            engines: options.engines,
            progress: progress))
      }
    } catch {
      throw WorkflowError(error)
    }
  }

  /// How the data set was read, and what was left out.
  public var reading: DataReading {
    switch self {
    case .classes(let test): test.reading
    case .labels(let test): test.reading
    case .tasks(let test): test.reading
    case .anomaly(let test): test.reading
    }
  }

  /// What a person must know of how a bundle reads the pictures of a data set: samples of 16 bits above its white level, or
  /// pictures that it sees nearly black. What cannot be read says so elsewhere.
  public static func pictureNotes(
    bundle path: String, on data: String, encoding: String? = nil, cache: FeatureCache?,
    maximumPixels: Int = DecodingOptions().maximumPixels
  ) -> [String] {
    guard let manifest = try? ModelBundle(path: path).manifest,
      let dataset = try? DatasetReader.read(data, options: .init(encoding: encoding ?? manifest.training.encoding))
    else { return [] }
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
