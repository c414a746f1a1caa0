public import AssayBundle
import Foundation

/// How a bundle decides: what is good, from where on a part is defective, when a person should look, and what a person may
/// say instead. Everybody who needs to know asks it.
public struct DecisionRule: Sendable {
  /// What is compared with what.
  package enum Form: Sendable {
    /// One score with one threshold, which may not be set yet.
    case score(threshold: Double?, scale: ThresholdScale)
    /// Each class's probability with its own threshold.
    case labels(thresholds: [Double])
    /// No class is good: the most probable one is the finding.
    case classes
    /// No class is found.
    case values
  }

  package let form: Form
  /// The name of parts that pass; nil where no class is good.
  public let goodClass: String?
  /// In the order of the graph's outputs.
  public let classes: [String]
  /// From where to where a part is uncertain; nil in bundles from before there was a budget, which keep a rule of thumb.
  public package(set) var band: UncertainBand?

  package init(_ form: Form, goodClass: String?, classes: [String], band: UncertainBand? = nil) {
    self.form = form
    self.goodClass = goodClass
    self.classes = classes
    self.band = band
  }

  /// The same with another band.
  package func with(_ band: UncertainBand?) -> DecisionRule {
    var rule = self
    rule.band = band
    return rule
  }

  /// Of a classifier that is being trained or tested.
  package static func classifier(
    classes: [String], goodClass: String?, threshold: Double?, band: UncertainBand? = nil
  ) -> DecisionRule {
    DecisionRule(
      goodClass == nil ? .classes : .score(threshold: threshold, scale: .probability), goodClass: goodClass,
      classes: classes, band: band)
  }

  // MARK: The verdict

  /// The part is good below the threshold; everything else is not, what is no number included.
  package func verdict(score: Double) -> Verdict {
    switch form {
    case .score(let threshold?, _): score < threshold ? .good : .defect
    case .score(nil, _): .unjudged
    case .labels: .unjudged
    case .classes: .classified
    case .values: .measured
    }
  }

  /// Of classes that are found each by itself: a part is good only when every probability is below its threshold.
  package func found(_ probabilities: [Double]) -> [Int] {
    guard case .labels(let thresholds) = form else { return [] }
    return zip(probabilities, thresholds).enumerated().filter { !($0.element.0 < $0.element.1) }.map(\.offset)
  }

  /// The index of the class that a part is said to be of, by the verdict: the good class below the threshold, from there on
  /// the most probable other one; where nothing is decided, the most probable one.
  /// - Parameter probabilities: of ``classes``, one for each.
  package func decide(_ probabilities: [Double]) -> (verdict: Verdict, index: Int, score: Double?) {
    func best(_ candidates: [Int]) -> Int { candidates.max { probabilities[$0] < probabilities[$1] } ?? 0 }
    let all = Array(probabilities.indices)
    guard case .score(let threshold, _) = form, let good = goodIndex else { return (.classified, best(all), nil) }
    let score = 1 - probabilities[good]
    guard threshold != nil else { return (.unjudged, best(all), score) }
    let verdict = verdict(score: score)
    return verdict == .good ? (verdict, good, score) : (verdict, best(all.filter { $0 != good }), score)
  }

  /// Names of the classes found: several where each is found by itself, else one.
  package func foundClasses(_ probabilities: [Double]) -> [String] {
    guard !classes.isEmpty, probabilities.count == classes.count else { return [] }
    if case .labels = form { return found(probabilities).map { classes[$0] } }
    return [classes[decide(probabilities).index]]
  }

  /// The same for `[n, K]`.
  package func decide(rows probabilities: [Double]) -> [Int] {
    let count = classes.count
    guard count > 0 else { return [] }
    return stride(from: 0, to: probabilities.count, by: count).map {
      decide(Array(probabilities[$0..<$0 + count])).index
    }
  }

  /// Position of the good class among ``classes``; nil where there is none.
  package var goodIndex: Int? { goodClass.flatMap { classes.firstIndex(of: $0) } }

  /// The one threshold of the score; nil where there is none, or each class has its own.
  public var threshold: Double? { if case .score(let threshold, _) = form { threshold } else { nil } }

  /// Of each class, where each has its own; empty elsewhere.
  package var labelThresholds: [Double] { if case .labels(let thresholds) = form { thresholds } else { [] } }

  /// What the score is compared on; nil where no threshold can be set.
  public var scale: ThresholdScale? {
    switch form {
    case .score(_, let scale): scale
    case .labels: .probability
    case .classes, .values: nil
    }
  }

  /// Whether every part is called good or defective.
  public var judges: Bool {
    switch form {
    case .score(let threshold, _): threshold != nil
    case .labels: true
    case .classes, .values: false
    }
  }

  /// Why parts are not called good or defective, and what to do about it; nil where they are.
  public var whyNotJudging: String? {
    switch form {
    case .score(_?, _), .labels: nil
    case .score(nil, _):
      "it has no threshold yet, so that parts are scored and not judged; set one with `assay threshold`"
    case .classes:
      "none of its classes \(classes.joined(separator: ", ")) is known to be good; train it again and name the good one "
        + "with --good"
    case .values: "it states values and finds no class; train it with a task that tells good from defective"
    }
  }

  /// Scores of those held-out parts that the rule calls good.
  package func goodScores(of reference: BundleReference) -> [Double] {
    if case .labels = form, let labels = reference.labels, labels.map(\.name) == classes {
      return reference.scores.indices.filter { row in found(labels.map { $0.scores[row] }).isEmpty }
        .map { reference.scores[$0] }
    }
    return reference.scores.filter { verdict(score: $0) == .good }
  }

  // MARK: What a person may say

  /// Names that a part may be corrected to.
  public var correctableClasses: [String] {
    goodIndex == nil ? classes + [goodClass].compactMap { $0 } : classes
  }

  /// `good` or `defect` for the name that a part was corrected to; nil where no class is good.
  /// - Throws: ``DecisionError`` when it is none of ``correctableClasses``.
  public func verdict(correctedTo name: String) throws(DecisionError) -> Verdict? {
    guard correctableClasses.contains(name) else { throw .unknownClass(name, known: correctableClasses) }
    return goodClass.map { $0 == name ? .good : .defect }
  }

  /// Classes in the order by which their numbers are meant at the plant. Where good parts are of none of the classes, their
  /// name comes last, so that they have a number as well.
  public var numberedClasses: [String] { correctableClasses }
}

extension InspectorKind {
  /// How parts are judged.
  public var rule: DecisionRule {
    switch self {
    case .classifier(let spec): spec.rule
    case .multiLabel(let spec): spec.rule
    case .anomaly(let spec): spec.rule
    case .measurement(let spec): spec.rule
    }
  }
}

extension InspectorKind {
  /// The band that other settings have on held-out parts.
  /// - Returns: nil where nothing can be uncertain by a threshold, and where no part is known.
  package func band(for settings: DecisionSettings, budget: Double, on reference: BundleReference) -> UncertainBand? {
    var kind = self
    kind.spec.decision = settings
    return kind.rule.choosingBand(budget: budget, on: reference)
  }
}

extension Manifest {
  /// How parts are judged.
  public var rule: DecisionRule { kind.rule }
}
