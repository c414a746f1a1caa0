import AssayBundle
import AssayMetrics

extension LineFitness {
  /// What was found out on labelled parts.
  package struct Evidence {
    /// Of the evaluation: `held-out test` or another.
    package var basis: String
    /// The rates that decide, in the order in which they are told.
    package var rates: [Rate]
    /// Whether good and defective parts are told apart, so that both rates are needed.
    package var judges: Bool
    /// Whether a threshold was chosen on the very parts of a cross-validation.
    package var hasThreshold: Bool
    /// Each part's score and truth, where one threshold decides.
    package var scores: (values: [Double], isDefect: [Bool])?
    /// The class that is named or found worst, where its interval lies beyond the limit.
    package var weakest: (name: String, missed: Rate)?
    /// Labelled bad parts that there are, learned from or not.
    package var knownDefects = 0
  }

  package static let knownBasis = "images of which the bundle may know some"

  package init(_ evidence: Evidence, _ context: FitnessContext) {
    if evidence.basis == Self.knownBasis {
      self.init(
        .unjudged, .newParts, why: "it was tested on parts of which it may know some",
        help: "what would help most is a test on parts that it has not learned from")
      return
    }
    if let missing = Self.missingKind(evidence) {
      self = missing
      return
    }
    let rates = evidence.rates
    let beyond = rates.filter(\.isBeyond)
    if !beyond.isEmpty {
      let advice = Advice(evidence, context, isShown: true)
      self.init(
        .unfit, advice.remedy, rates: rates, why: Self.list(beyond) + Self.weakness(evidence),
        help: "what would help most is \(advice.words)")
      return
    }
    let open = rates.filter { !$0.isWithin }
    if open.isEmpty {
      self = Self.within(evidence)
      return
    }
    let advice = Advice(evidence, context, isShown: false)
    self.init(
      .unproven, advice.remedy, rates: rates, why: Self.list(open) + Self.weakness(evidence),
      help: "what would help most is \(advice.words)")
  }

  /// All bounds are within their limits: fit, if the threshold was chosen on other parts.
  private static func within(_ evidence: Evidence) -> LineFitness {
    let why = list(evidence.rates)
    guard !evidence.hasThreshold || evidence.basis == "held-out test" else {
      return LineFitness(
        .unproven, .newParts, rates: evidence.rates,
        why: "\(why), but the threshold was chosen on these very parts (\(evidence.basis))",
        help: "what would help most is a test on new parts (assay evaluate)")
    }
    return LineFitness(
      .fit, .testAgain, rates: evidence.rates, why: why,
      help: "what helps most now is to test it again when material, light or camera change")
  }

  /// Without good parts nothing is known of overkill, without bad ones nothing of escapes.
  private static func missingKind(_ evidence: Evidence) -> LineFitness? {
    guard !evidence.rates.isEmpty else {
      return LineFitness(
        .unjudged, evidence.judges ? .badParts : .moreParts, why: "it was tested on no labelled parts",
        help: "what would help most is \(evidence.judges ? "good and defective parts" : "labelled parts") to test it on"
      )
    }
    guard evidence.judges else { return nil }
    for (kind, remedy) in [(Rate.Kind.escape, Remedy.badParts), (.overkill, .goodParts)]
    where !evidence.rates.contains(where: { $0.kind == kind }) {
      let name = kind == .escape ? "defective" : "good"
      let needed = Proportion.needed(limit: kind.limit)
      let beyond = evidence.rates.filter(\.isBeyond)
      return LineFitness(
        beyond.isEmpty ? .unproven : .unfit, remedy, rates: evidence.rates,
        why: (beyond.isEmpty ? "" : list(beyond) + ", and ") + "it was tested on no \(name) part",
        help: "what would help most is at least \(needed) \(name) parts to test it on")
    }
    return nil
  }

  private static func list(_ rates: [Rate]) -> String { rates.map(\.words).joined(separator: ", and ") }

  private static func weakness(_ evidence: Evidence) -> String {
    guard let (name, missed) = evidence.weakest else { return "" }
    return " (worst is \(name): \(missed.errors) of \(missed.parts) missed)"
  }
}

extension LineFitness {
  /// What would help most: the first of these that applies.
  package struct Advice {
    package let remedy: Remedy
    package let words: String

    /// Fewer bad parts than these teach little of what a defect is.
    package static let fewDefects = 20
    /// So many times the input's side a photograph must have for a larger input to show more of it.
    package static let enlargement = 2
    /// Few-shot is for so many of a class.
    package static let manyShots = 16

    /// - Parameter isShown: whether an error is shown to be beyond its limit; else it is not shown to be within.
    package init(_ evidence: Evidence, _ context: FitnessContext, isShown: Bool) {
      // More of the same would settle it, as far as can be told.
      if !isShown, let open = Self.largest(evidence.rates),
        evidence.rates.allSatisfy({ $0.isWithin || $0.isLikelyWithin })
      {
        (remedy, words) = Self.moreTests(open)
        return
      }
      if isShown, let words = Self.otherThreshold(evidence) {
        (remedy, self.words) = (.threshold, words)
        return
      }
      let learnsDefects = context.method != .anomaly && context.method != nil
      if evidence.judges, learnsDefects, context.learnedDefects < Self.fewDefects {
        remedy = .badParts
        words = "more bad parts to learn from (it has learned from \(context.learnedDefects))"
        return
      }
      if let side = context.photographSide, !context.isTiled, side >= Self.enlargement * context.inputSide {
        remedy = .largerInput
        words =
          "a larger input (photographs of \(side) pixels are looked at with \(context.inputSide): --input-size "
          + "\(Self.size(side, context.inputSide)))"
        return
      }
      (remedy, words) = Self.otherMethod(evidence, context)
    }

    private static func size(_ photograph: Int, _ input: Int) -> Int { min(2 * input, photograph / 32 * 32) }

    private static func largest(_ rates: [Rate]) -> Rate? {
      rates.filter { !$0.isWithin }.max { $0.high / $0.limit < $1.high / $1.limit }
    }

    private static func moreTests(_ rate: Rate) -> (Remedy, String) {
      switch rate.kind {
      case .escape: (.badParts, "\(rate.missing) more bad parts to test it on, if none of them passes")
      case .overkill: (.goodParts, "\(rate.missing) more good parts to test it on, if none of them is rejected")
      case .wrong: (.moreParts, "\(rate.missing) more parts to test it on, if all of them are named rightly")
      }
    }

    /// Where a threshold would leave neither error shown to be beyond its limit.
    private static func otherThreshold(_ evidence: Evidence) -> String? {
      guard let (scores, isDefect) = evidence.scores else { return nil }
      let bad = zip(scores, isDefect).filter(\.1).map(\.0).sorted()
      let good = zip(scores, isDefect).filter { !$0.1 }.map(\.0).sorted()
      var below = 0
      for (escapes, threshold) in bad.enumerated() {
        while below < good.count, good[below] < threshold { below += 1 }
        guard let escape = Rate(.escape, escapes, of: bad.count),
          let overkill = Rate(.overkill, good.count - below, of: good.count)
        else { return nil }
        if !escape.isBeyond, !overkill.isBeyond {
          return "another threshold (one of these parts' scores would let \(escapes) of \(bad.count) pass and reject "
            + "\(good.count - below) of \(good.count): assay threshold, on other parts)"
        }
      }
      return nil
    }

    private static func otherMethod(_ evidence: Evidence, _ context: FitnessContext) -> (Remedy, String) {
      switch context.method {
      case .anomaly where evidence.knownDefects >= fewDefects:
        return (
          .otherMethod,
          "another method (--method linear learns from defects too, of which \(evidence.knownDefects) are labelled)"
        )
      case .anomaly:
        return (
          .badParts, "labelled bad parts (from about \(fewDefects) on, --method linear learns from them as well)"
        )
      case .fewShot where (context.learned.values.min() ?? 0) >= manyShots:
        return (.otherMethod, "another method (--method linear learns from more than \(manyShots) images of a class)")
      case .fewShot:
        return (evidence.judges ? .badParts : .moreParts, "more images of each class to learn from (assay add)")
      case .linear, .sharedLayer:
        return (.otherMethod, "another method (--method finetune trains the backbone further)")
      case .fineTuned: return (.otherBackbone, "another backbone (assay compare says which)")
      case nil: return (.otherBackbone, "another backbone or method (assay compare says which)")
      }
    }
  }
}

extension Proportion {
  /// The fewest parts without an error whose upper bound is within a limit.
  package static func needed(limit: Double) -> Int {
    var count = 1
    while let bound = wilson(0, of: count)?.high, bound > limit, count < 1_000_000 { count += 1 }
    return count
  }
}
