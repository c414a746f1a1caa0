public import AssayBase
public import AssayBundle
public import AssayData
public import AssayInspection
public import AssayLearning
import Foundation

/// Changes a bundle's threshold without training, for every kind that has one.
public enum ThresholdChange {
  public struct Result: Sendable, Encodable {
    public let before: Double?
    public let threshold: Manifest.Threshold
    /// Whose threshold, where each class has its own.
    public let `class`: String?
    public let guarantee: Double?
    /// Images scored for it; 0 when the scores kept from training were used.
    public let scored: Int
    public let unreadable: [String]
    /// How the parts were read, and what was left out; nil when there were none.
    public let reading: DataReading?
  }

  /// Chooses the threshold by a rule.
  /// - Parameters:
  ///   - data: parts to set it by, good ones or labelled ones; nil for the scores kept from training.
  ///   - class: whose threshold, where each class has its own; nil elsewhere.
  ///   - reading: how they are read.
  ///   - author: who changes it, and why, for the bundle's history.
  public static func run(
    bundle path: String, rule: ThresholdRule, data: String? = nil, class: String? = nil,
    reading: PartsReading = .init(), author: ThresholdSetting.Author, progress: @escaping ProgressHandler = { _ in }
  ) throws(WorkflowError) -> Result {
    do {
      let bundle = try ModelBundle(path: path)
      try check(`class`, bundle)
      let found: HeldOutScores
      if let data {
        found = try HeldOutScores(bundle, data: data, class: `class`, reading: reading, progress: progress)
      } else {
        found = try HeldOutScores(bundle, class: `class`)
      }
      var settings = bundle.manifest.kind.spec.decision
      let before = value(settings, `class`, bundle)
      let chosen = try found.threshold(rule, bundle, into: &settings, class: `class`)
      var setting = ThresholdSetting(bundle, author)
      try setting.apply(
        settings, note: ThresholdSetting.note(`class`, from: before, to: chosen.value) + ": " + chosen.explanation)
      return Result(
        before: before, threshold: chosen, class: `class`, guarantee: settings.guarantee,
        scored: data == nil ? 0 : found.calibration.scores.count, unreadable: found.unreadable.map(\.description),
        reading: found.reading)
    } catch let error as DecisionError {
      throw WorkflowError(.usage, "\(path): \(error)")
    } catch {
      throw WorkflowError(error)
    }
  }

  /// Sets the threshold to a number.
  public static func set(
    bundle path: String, to value: Double, class: String? = nil, author: ThresholdSetting.Author
  ) throws(WorkflowError) -> Result {
    do {
      let bundle = try ModelBundle(path: path)
      var setting = ThresholdSetting(bundle, author)
      try setting.set(value, for: `class`)
      return try result(bundle, setting.bundle, `class`)
    } catch let error as DecisionError {
      throw WorkflowError(.usage, "\(path): \(error)")
    } catch {
      throw WorkflowError(error)
    }
  }

  /// Sets the share of parts that may be uncertain.
  /// - Returns: the new band, and what it means for people.
  public static func setUncertain(
    bundle path: String, to budget: Double, author: ThresholdSetting.Author
  ) throws(WorkflowError) -> (band: UncertainBand?, sentence: String) {
    do {
      var setting = ThresholdSetting(try ModelBundle(path: path), author)
      try setting.setUncertain(budget)
      let manifest = setting.bundle.manifest
      return (manifest.kind.spec.decision.band, manifest.uncertainSentence)
    } catch let error as DecisionError {
      throw WorkflowError(.usage, "\(path): \(error)")
    } catch {
      throw WorkflowError(error)
    }
  }

  /// Takes the last change back.
  public static func undo(bundle path: String, author: ThresholdSetting.Author) throws(WorkflowError) -> Result {
    do {
      let bundle = try ModelBundle(path: path)
      var setting = ThresholdSetting(bundle, author)
      try setting.undo()
      let (old, new) = (bundle.manifest.kind.spec.decision, setting.bundle.manifest.kind.spec.decision)
      let changed = zip(old.labelThresholds ?? [], new.labelThresholds ?? []).enumerated()
        .first { $0.element.0 != $0.element.1 }.map { bundle.manifest.classes[$0.offset] }
      return try result(bundle, setting.bundle, changed)
    } catch let error as DecisionError {
      throw WorkflowError(.usage, "\(path): \(error)")
    } catch {
      throw WorkflowError(error)
    }
  }

  private static func result(_ old: ModelBundle, _ new: ModelBundle, _ class: String?) throws -> Result {
    let settings = new.manifest.kind.spec.decision
    guard let threshold = Self.threshold(settings, `class`, new) else {
      throw WorkflowError(.badData, "\(new.path): it has no threshold any more; set one with `assay threshold`")
    }
    return Result(
      before: value(old.manifest.kind.spec.decision, `class`, old), threshold: threshold, class: `class`,
      guarantee: settings.guarantee, scored: 0, unreadable: [], reading: nil)
  }

  private static func threshold(
    _ settings: DecisionSettings, _ class: String?, _ bundle: ModelBundle
  ) -> Manifest.Threshold? {
    guard let name = `class` else { return settings.threshold }
    return bundle.manifest.classes.firstIndex(of: name).flatMap { settings.labelThresholds?[$0] }
  }

  private static func value(_ settings: DecisionSettings, _ class: String?, _ bundle: ModelBundle) -> Double? {
    threshold(settings, `class`, bundle)?.value
  }

  /// Whether there is a threshold to change, and whether a class is named where each has its own.
  private static func check(_ class: String?, _ bundle: ModelBundle) throws(DecisionError) {
    let rule = bundle.manifest.rule
    guard rule.scale != nil else { throw .nothingToSet(why: rule.whyNotJudging ?? "") }
    let isEach = bundle.manifest.kind.spec.decision.labelThresholds != nil
    guard let name = `class` else {
      if isEach { throw .classNeeded(rule.classes) }
      return
    }
    guard isEach else { throw .noClassThresholds }
    guard rule.classes.contains(name) else { throw .unknownClass(name, known: rule.classes) }
  }

  /// How often good parts would be rejected, over random divisions of them into a part that sets the threshold and a part
  /// that is judged.
  public struct Check: Sendable, Encodable {
    public let rate: Double
    public let splits: Int
    public let parts: Int
    /// Mean share of judged parts that were rejected, and its standard error over the divisions.
    public let meanOverkill: Double
    public let standardError: Double
    /// How the parts were read, and what was left out.
    public let reading: DataReading?
  }

  /// Tests the promise of split-conformal thresholds on good parts that the bundle has not seen.
  public static func check(
    bundle path: String, rate: Double, data: String, splits: Int, reading: PartsReading = .init(), seed: UInt64 = 0,
    progress: @escaping ProgressHandler = { _ in }
  ) throws(WorkflowError) -> Check {
    do {
      let bundle = try ModelBundle(path: path)
      guard bundle.manifest.rule.scale != nil, bundle.manifest.kind.spec.decision.labelThresholds == nil else {
        throw WorkflowError(
          .usage, "\(path): it has no single score that good and defective parts are told by, so nothing to check")
      }
      let found = try HeldOutScores(bundle, data: data, class: nil, reading: reading, progress: progress)
      let good = found.calibration.goodScores
      guard good.count >= 2 else {
        throw WorkflowError(.badData, "\(data): \(good.count) good part is too few to divide; add good parts")
      }
      var generator = SplitMix64(seed: seed)
      var rates: [Double] = []
      for _ in 0..<splits {
        let order = good.shuffled(using: &generator)
        let half = order.count / 2
        let threshold = try DecisionThreshold(
          .maximumOverkill(rate), scores: Array(order[..<half]), isDefect: [Bool](repeating: false, count: half))
        rates.append(Double(order[half...].count { $0 >= threshold.value }) / Double(order.count - half))
      }
      let mean = rates.reduce(0, +) / Double(max(1, rates.count))
      let variance = rates.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(max(1, rates.count - 1))
      return Check(
        rate: rate, splits: splits, parts: good.count, meanOverkill: mean,
        standardError: (variance / Double(max(1, rates.count))).squareRoot(), reading: found.reading)
    } catch let error as DecisionError {
      throw WorkflowError(.usage, "\(path): \(error)")
    } catch {
      throw WorkflowError(error)
    }
  }
}
