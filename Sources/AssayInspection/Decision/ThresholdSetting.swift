import AssayBase
public import AssayBundle
public import Foundation

/// The one way in which a bundle's threshold is changed, for the command, the station and retraining alike.
///
/// Every change is kept in the manifest with when, who and why, and can be undone. It is written only when the bundle on
/// disk is still the one that it was decided on.
public struct ThresholdSetting: Sendable {
  /// Who changes it, and why.
  public struct Author: Sendable {
    public let by: String
    public let reason: String?
    /// When, for the history.
    public let date: Date

    public init(by: String, reason: String? = nil, date: Date = Date()) {
      self.by = by
      self.reason = reason.flatMap { $0.isEmpty ? nil : $0 }
      self.date = date
    }

    var stamp: String { Timestamp.text(date) }
  }

  public private(set) var bundle: ModelBundle
  private let author: Author

  /// - Parameter bundle: as it was read; when it is another one on disk by now, nothing is written.
  public init(_ bundle: ModelBundle, _ author: Author) {
    self.bundle = bundle
    self.author = author
  }

  /// Sets the threshold to a number that a person chose.
  /// - Parameters:
  ///   - class: whose threshold, where each class has its own; nil elsewhere.
  /// - Throws: ``DecisionError`` when the number makes no sense, `BundleError` when it cannot be written.
  public mutating func set(_ value: Double, for class: String? = nil) throws {
    let spec = bundle.manifest.kind.spec
    let rule = bundle.manifest.rule
    guard let scale = rule.scale else { throw DecisionError.nothingToSet(why: rule.whyNotJudging ?? "") }
    // 0 is below every score: it would reject all, which is safe but never meant to be beyond that.
    guard value.isFinite, scale.contains(value) else { throw DecisionError.outOfRange(value, scale) }
    let reference = try bundle.reference()
    var settings = spec.decision
    let before: Double?
    switch rule.form {
    case .labels:
      guard let name = `class` else { throw DecisionError.classNeeded(rule.classes) }
      guard let k = rule.classes.firstIndex(of: name) else {
        throw DecisionError.unknownClass(name, known: rule.classes)
      }
      before = settings.labelThresholds?[k].value
      settings.labelThresholds?[k] = byHand(value, before, reference?.outcome(of: name, threshold: value))
    case .score, .classes, .values:
      guard `class` == nil else { throw DecisionError.noClassThresholds }
      before = settings.threshold?.value
      settings.threshold = byHand(value, before, reference?.outcome(threshold: value))
      // What was proven was proven of the old threshold. Areas are marked in the same proportion as before.
      settings.guarantee = nil
      if spec.mapScale != nil {
        settings.mapThreshold = Self.scaled(settings.mapThreshold, from: before, to: value)
      }
    }
    try apply(settings, note: Self.note(`class`, from: before, to: value) + ", set by hand")
  }

  /// Takes over what was chosen by a rule.
  /// - Parameter note: what was done, for people.
  public mutating func apply(_ settings: DecisionSettings, note: String) throws {
    var settings = settings
    if let band = settings.band { settings.band = try derived(settings, budget: band.budget) ?? band }
    try write(settings, action: "threshold", note: note)
  }

  /// Sets the share of parts that may be uncertain, and chooses the band for it anew.
  /// - Parameter budget: 0..<1; 0 for none.
  /// - Throws: ``DecisionError`` when it is no share, or nothing is known of held-out parts.
  public mutating func setUncertain(_ budget: Double) throws {
    guard (0..<1).contains(budget) else { throw DecisionError.noShare(budget) }
    var settings = bundle.manifest.kind.spec.decision
    guard let band = try derived(settings, budget: budget) else { throw DecisionError.noHeldOutParts }
    let before = settings.band.map { String(format: "%.4g %%", $0.budget * 100) } ?? "a rule of thumb"
    settings.band = band
    try write(
      settings, action: "threshold",
      note: "uncertain parts: \(before) to \(String(format: "%.4g %%", budget * 100))")
  }

  /// The band of new settings; nil where no held-out part is known, so that the old one's widths stay.
  private func derived(_ settings: DecisionSettings, budget: Double) throws -> UncertainBand? {
    let reference =
      try settings.calibration.map {
        BundleReference(basis: "held-out parts", scores: $0.scores, isDefect: $0.isDefect, features: nil)
      } ?? bundle.reference()
    return reference.flatMap { bundle.manifest.kind.band(for: settings, budget: budget, on: $0) }
  }

  /// Takes the last change that has not been undone back.
  /// - Throws: ``DecisionError/nothingToUndo``
  public mutating func undo() throws {
    guard let change = Self.undoable(bundle.manifest.changes), let before = change.before else {
      throw DecisionError.nothingToUndo
    }
    try write(before, action: "undo", note: "taken back: \(change.note)")
  }

  /// The change that ``undo()`` would take back; nil when there is none.
  /// - Parameter changes: the earliest first.
  public static func undoable(_ changes: [Manifest.Change]) -> Manifest.Change? {
    var undone = 0
    for change in changes.reversed() {
      switch change.action {
      case "undo": undone += 1
      case "threshold" where undone > 0: undone -= 1
      case "threshold": return change.before == nil ? nil : change
      // A memory that has changed since gives other scores: an older threshold says nothing of them.
      default: return nil
      }
    }
    return nil
  }

  private mutating func write(_ settings: DecisionSettings, action: String, note: String) throws {
    var before = bundle.manifest.kind.spec.decision
    // Scores are kept in the history only when they change: they are many.
    if settings.calibration == nil || settings.calibration == before.calibration { before.calibration = nil }
    let change = Manifest.Change(
      date: author.stamp, action: action, by: author.by, reason: author.reason, note: note, before: before)
    try bundle.replaceManifest { manifest in
      manifest.kind.spec.decision = settings
      if let scale = manifest.kind.spec.mapScale { manifest.network.mapScale = scale }
      manifest.changes.append(change)
    }
  }

  private func byHand(
    _ value: Double, _ before: Double?, _ outcome: (escapes: Int, defects: Int, overkills: Int, goods: Int)?
  ) -> Manifest.Threshold {
    Manifest.Threshold(
      value: value, rule: "operator", rate: nil,
      explanation: "Set by hand at \(author.stamp); before it was \(before.map { "\($0)" } ?? "not set").",
      escapes: outcome?.escapes ?? 0, defects: outcome?.defects ?? 0, overkills: outcome?.overkills ?? 0,
      goods: outcome?.goods ?? 0)
  }

  private static func scaled(_ map: Double?, from before: Double?, to value: Double) -> Double? {
    guard let map, let before, before > 0, value > 0 else { return value > 0 ? map ?? value : map }
    return map * value / before
  }

  /// `0.4 to 0.35`, for the history.
  public static func note(_ class: String? = nil, from before: Double?, to value: Double) -> String {
    let old = before.map { String(format: "%.6g", $0) } ?? "none"
    return (`class`.map { "\($0): " } ?? "") + "\(old) to \(String(format: "%.6g", value))"
  }
}
