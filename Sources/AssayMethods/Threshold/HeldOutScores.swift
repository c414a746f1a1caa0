package import AssayBase
package import AssayBundle
package import AssayData
import AssayEvaluation
public import AssayImage
package import AssayInspection
package import AssayLearning
public import AssayRuntime
import Synchronization

/// How parts are read that set a threshold.
public struct PartsReading: Sendable {
  /// The class that passes; found by its name when nil.
  public var goodClass: String?
  /// Of texts that are not UTF-8; nil for the one that the bundle's own data set has.
  public var encoding: String?
  /// Stop where something cannot be used instead of leaving it out.
  public var isStrict: Bool
  public var maximumPixels: Int
  /// What runs networks.
  public var engines: Engines

  public init(
    goodClass: String? = nil, encoding: String? = nil, isStrict: Bool = false,
    maximumPixels: Int = DecodingOptions().maximumPixels, engines: Engines = .automatic
  ) {
    self.goodClass = goodClass
    self.encoding = encoding
    self.isStrict = isStrict
    self.maximumPixels = maximumPixels
    self.engines = engines
  }
}

/// Scores of parts that a bundle has not learned from, by which a threshold is chosen.
package struct HeldOutScores {
  /// Where each class has its own threshold, the scores are those of one class, and a part counts as defective when that
  /// class is on it.
  package let calibration: AnomalyModel.Calibration
  package let unreadable: [InspectionError]
  /// How the parts were read, and what was left out; nil where the scores are those kept from training.
  package let reading: DataReading?

  /// What the bundle keeps from its training.
  /// - Throws: when it keeps nothing of the kind.
  package init(_ bundle: ModelBundle, class: String?) throws {
    unreadable = []
    reading = nil
    if let own = bundle.manifest.kind.spec.decision.calibration {
      calibration = own
      return
    }
    guard let reference = try bundle.reference() else { throw Self.nothingKept(bundle) }
    if let name = `class` {
      guard let own = reference.labels?.first(where: { $0.name == name }) else { throw Self.nothingKept(bundle) }
      calibration = .init(scores: own.scores, peaks: own.scores, isDefect: own.isThere, folds: 1)
    } else {
      guard !reference.isDefect.isEmpty else { throw Self.nothingKept(bundle) }
      calibration = .init(scores: reference.scores, peaks: reference.scores, isDefect: reference.isDefect, folds: 1)
    }
  }

  private static func nothingKept(_ bundle: ModelBundle) -> WorkflowError {
    WorkflowError(
      .badData,
      "\(bundle.path): it keeps no scores of held-out parts; name a folder of parts to set the threshold by, behind the bundle"
    )
  }

  /// Scores parts that the bundle has not learned from.
  package init(
    _ bundle: ModelBundle, data path: String, class: String?, reading options: PartsReading,
    progress: @escaping ProgressHandler
  ) throws {
    var dataset = try DatasetReader.read(
      path,
      options: DatasetOptions(
        goodClass: options.goodClass, encoding: options.encoding ?? bundle.manifest.training.encoding))
    try dataset.take(path, for: .goodParts, isStrict: options.isStrict, progress: progress)
    let good = dataset.goodClass
    guard dataset.layout == .unlabelled || good != nil else { throw dataset.noGoodClass(path) }
    let unseen = UnseenSamples(dataset.samples, for: bundle.manifest)
    let (samples, refused) = (unseen.samples, unseen.refused)
    guard !samples.isEmpty else {
      throw WorkflowError(
        .badData,
        "\(path): the bundle has learned from all \(refused) images; a threshold needs parts that it has not seen")
    }
    let inspector = try Inspector(
      path: bundle.path, mode: .throughput, maximumPixels: options.maximumPixels, engines: options.engines)
    let rows = Mutex<(scored: [(Int, Double, Double)], failures: [InspectionError])>(([], []))
    let count = samples.count
    let name = `class`
    try inspector.inspect(samples.map(\.path)) { index, result in
      rows.withLock { rows in
        switch result {
        case .failure(let error): rows.failures.append(error)
        case .success(let finding):
          let score = name.map { finding.inspection.probabilities?[$0] } ?? finding.inspection.score
          if let score { rows.scored.append((index, score, finding.reading.map { Double($0.map.peak) } ?? score)) }
        }
        progress(WorkProgress("scoring", rows.scored.count + rows.failures.count, count))
      }
    }
    let (scored, failures) = rows.withLock { ($0.scored, $0.failures) }
    guard !scored.isEmpty else {
      throw WorkflowError(.badData, "\(path): no image can be read; \(failures.first.map(\.description) ?? "")")
    }
    dataset.leaveOut(failures, of: path, progress: progress)
    if options.isStrict, let error = failures.first { throw error }
    unreadable = failures
    reading = DataReading(dataset, path: path)
    calibration = AnomalyModel.Calibration(
      scores: scored.map { $0.1 }, peaks: scored.map { $0.2 },
      isDefect: scored.map { row in
        let sample = samples[row.0]
        if let name { return sample.defects(goodClass: good).contains(name) }
        return sample.label.map { $0 != good } ?? false
      }, folds: 1)
  }

  /// Chooses a threshold and puts it, with what follows from it, into a bundle's settings.
  package func threshold(
    _ rule: ThresholdRule, _ bundle: ModelBundle, into settings: inout DecisionSettings, class: String?
  ) throws -> Manifest.Threshold {
    let isDefect = calibration.isDefect
    guard rule != .bestF1 || (isDefect.contains(true) && isDefect.contains(false)) else {
      throw WorkflowError(
        .badData,
        "\(bundle.path): the best F1 needs good and defective parts, and there are only "
          + "\(isDefect.contains(true) ? "defective" : "good") ones; choose by --max-overkill, or name labelled parts")
    }
    if settings.calibration != nil {
      let chosen = try AnomalyThreshold(rule, calibration)
      settings.threshold = chosen.threshold
      settings.mapThreshold = chosen.mapThreshold
      settings.guarantee = chosen.guarantee
      settings.calibration = calibration
      return chosen.threshold
    }
    let chosen = Manifest.Threshold(
      try DecisionThreshold(rule, scores: calibration.scores, isDefect: isDefect))
    if let name = `class`, let k = bundle.manifest.classes.firstIndex(of: name) {
      settings.labelThresholds?[k] = chosen
    } else {
      settings.threshold = chosen
    }
    return chosen
  }
}
