import AssayBundle
import AssayInspection
import AssayMetrics
import Foundation

/// What each kind of inspector is judged by.
extension LineFitness {
  /// An inspector that was fitted to another line: what is known of it is of the line that it was trained on.
  package static let adapted = LineFitness(
    .unjudged, .newParts, why: "it was adapted to another line, and its figures are of the line that it was trained on",
    help: "what would help most is a test on labelled parts of the new line (assay evaluate)")

  /// One class a part: escapes and overkill where a class is good, else how many are named wrongly.
  package init(_ evaluation: Evaluation, _ context: FitnessContext) {
    self.init(Self.evidence(evaluation), context)
  }

  private static func evidence(_ evaluation: Evaluation) -> Evidence {
    let confusion = evaluation.confusion
    guard let threshold = evaluation.threshold, let scores = evaluation.defectScores else {
      let classes = confusion.support.indices.compactMap { k in
        Rate(.wrong, confusion.support[k] - confusion.counts[k][k], of: confusion.support[k]).map {
          (name: evaluation.classes[k], missed: $0)
        }
      }
      return Evidence(
        basis: evaluation.basis,
        rates: [Rate(.wrong, confusion.total - confusion.correct, of: confusion.total)].compactMap { $0 },
        judges: false,
        hasThreshold: false, weakest: weakest(classes))
    }
    let isDefect = evaluation.isDefect
    let outcome = EscapeOverkill(threshold: threshold, scores: scores, isDefect: isDefect)
    // Of the classes of defect, which one passes.
    let classes = confusion.support.indices.filter { $0 != evaluation.goodIndex }.compactMap { k in
      Rate(.escape, evaluation.goodIndex.map { confusion.counts[k][$0] } ?? 0, of: confusion.support[k]).map {
        (name: evaluation.classes[k], missed: $0)
      }
    }
    return Evidence(
      basis: evaluation.basis, rates: rates(outcome), judges: true, hasThreshold: true, scores: (scores, isDefect),
      weakest: classes.count > 1 ? weakest(classes) : nil, knownDefects: outcome.defects)
  }

  private static func rates(_ outcome: EscapeOverkill) -> [Rate] {
    [Rate(.escape, outcome.escapes, of: outcome.defects), Rate(.overkill, outcome.overkills, of: outcome.goods)]
      .compactMap { $0 }
  }

  /// The class that is shown to be missed most.
  private static func weakest(_ classes: [(name: String, missed: Rate)]) -> (name: String, missed: Rate)? {
    classes.filter { $0.missed.isBeyond }.max { ($0.missed.low, $1.name) < ($1.missed.low, $0.name) }
  }

  /// None, one or several classes a part: a part passes on which nothing is found.
  package init(_ evaluation: MultiLabelEvaluation, _ context: FitnessContext) {
    let outcome = evaluation.outcome
    let classes = zip(evaluation.classes, evaluation.scores.classes).compactMap { name, own in
      Rate(.escape, own.support - own.found, of: own.support).map { (name: name, missed: $0) }
    }
    self.init(
      Evidence(
        basis: evaluation.basis,
        rates: [
          Rate(.escape, outcome.escapes, of: outcome.defects), Rate(.overkill, outcome.overkills, of: outcome.goods),
        ].compactMap { $0 }, judges: true, hasThreshold: true, weakest: Self.weakest(classes),
        knownDefects: outcome.defects), context)
  }

  /// Unlike good parts.
  /// - Parameter evaluation: nil where there were no labelled parts to test on.
  package init(_ evaluation: AnomalyEvaluation?, _ context: FitnessContext) {
    guard let evaluation else {
      self.init(
        Evidence(basis: "held-out test", rates: [], judges: true, hasThreshold: true), context)
      return
    }
    guard let threshold = evaluation.threshold else {
      self.init(
        .unjudged, .threshold, why: "it scores parts and has no threshold yet",
        help: "what would help most is good parts to set one by (assay threshold)")
      return
    }
    let outcome = EscapeOverkill(
      threshold: threshold, scores: evaluation.scores, isDefect: evaluation.isDefect)
    let kinds = Dictionary(grouping: evaluation.scores.indices.filter { evaluation.isDefect[$0] }) {
      evaluation.labels[$0]
    }.compactMap { name, rows in
      Rate(.escape, rows.count { evaluation.scores[$0] < threshold }, of: rows.count).map { (name: name, missed: $0) }
    }
    self.init(
      Evidence(
        basis: evaluation.basis, rates: Self.rates(outcome), judges: true, hasThreshold: true,
        scores: (evaluation.scores, evaluation.isDefect), weakest: kinds.count > 1 ? Self.weakest(kinds) : nil,
        knownDefects: outcome.defects), context)
  }

  /// Several tasks: the one that decides between good and defective is judged by; where none does, levels and classes by how
  /// many are wrong, and values by the tolerance that their error would do for.
  package init(_ evaluations: [TaskEvaluation], primary: Evaluation?, _ context: FitnessContext) {
    if let primary {
      self.init(primary, context)
      return
    }
    var wrong: (name: String, rate: Rate, basis: String)?
    var values: [String] = []
    for evaluation in evaluations {
      switch evaluation.result {
      case .classification(let own): Self.take(&wrong, evaluation, own.confusion)
      case .ordinal(let own): Self.take(&wrong, evaluation, own.confusion)
      case .real:
        if let words = Self.tolerance(evaluation) { values.append(words) }
      }
    }
    guard evaluations.first?.basis != Self.knownBasis, let wrong else {
      let isKnown = evaluations.first?.basis == Self.knownBasis
      self.init(
        .unjudged, isKnown ? .newParts : .tolerance,
        why: isKnown
          ? "it was tested on parts of which it may know some"
          : "it states values, and what they are needed for is not known"
            + (values.isEmpty ? "" : " (\(values.joined(separator: ", ")))"),
        help: isKnown
          ? "what would help most is a test on parts that it has not learned from"
          : "what would help most is the tolerance that the values are compared with")
      return
    }
    self.init(
      Evidence(
        basis: wrong.basis, rates: [wrong.rate], judges: false, hasThreshold: false,
        weakest: evaluations.count > 1 && wrong.rate.isBeyond ? (wrong.name, wrong.rate) : nil), context)
  }

  /// The task with the most mistakes is the one that counts.
  private static func take(
    _ wrong: inout (name: String, rate: Rate, basis: String)?, _ evaluation: TaskEvaluation,
    _ confusion: ConfusionMatrix
  ) {
    guard let rate = Rate(.wrong, confusion.total - confusion.correct, of: confusion.total),
      rate.high > wrong?.rate.high ?? -1
    else { return }
    wrong = (evaluation.name, rate, evaluation.basis)
  }

  /// AIAG: six standard deviations of the error may take up 30 % of the tolerance at most. By the error's upper bound.
  private static func tolerance(_ evaluation: TaskEvaluation) -> String? {
    guard let error = evaluation.metric("root mean square error"), let high = error.high else { return nil }
    return
      "\(evaluation.name) is known well enough for tolerances of \(String(format: "%.3g", 6 * high / 0.3)) or wider"
  }
}
