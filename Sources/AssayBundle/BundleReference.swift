import Foundation

/// `reference.json` of a bundle: what parts that the model had not learned from looked like to it. Thresholds are weighed
/// against it, and drift is measured from it.
public struct BundleReference: Codable, Sendable, Equatable {
  /// `validation`, `cross-validation` or `held-out parts`.
  public var basis: String
  /// Of each part: the probability of being defective or the anomaly score; where no class is good, what is missing from
  /// certainty (1 less the largest probability); where several classes are found, the largest of their probabilities.
  public var scores: [Double]
  /// Empty where no class is good.
  public var isDefect: [Bool]
  /// nil when the graph does not tell its features, or none of its distances would be held out.
  public var features: Features?
  /// Why there are none, and what to do about it; nil where there are some, and in bundles of earlier versions.
  public var whyNoFeatures: String?
  /// Mean luma of photographs of training, 0 (black) ... 1, sorted: of good parts, or of all where none is good; nil in
  /// bundles of earlier versions.
  public var brightness: [Double]?
  /// Of a bundle that finds several classes: what it said of each class on the same parts, in the order of the classes.
  public var labels: [Label]?
  /// Of an anomaly detector: parts that took no part in setting its threshold, defects among them; nil where none were
  /// tested.
  public var tested: AnomalyModel.Tested?

  /// One class's own probabilities.
  public struct Label: Codable, Sendable, Equatable {
    public var name: String
    /// Of each part, 0...1.
    public var scores: [Double]
    /// Whether the class is on the part.
    public var isThere: [Bool]

    public init(name: String, scores: [Double], isThere: [Bool]) {
      self.name = name
      self.scores = scores
      self.isThere = isThere
    }
  }

  public init(
    basis: String, scores: [Double], isDefect: [Bool], features: Features?, brightness: [Double]? = nil,
    labels: [Label]? = nil, tested: AnomalyModel.Tested? = nil, whyNoFeatures: String? = nil
  ) {
    self.basis = basis
    self.scores = scores
    self.isDefect = isDefect
    self.features = features
    self.brightness = brightness
    self.labels = labels
    self.tested = tested
    self.whyNoFeatures = whyNoFeatures
  }

  /// Whether lists that belong together are as long as one another, and every number is one.
  package var isSound: Bool {
    (isDefect.isEmpty || isDefect.count == scores.count)
      && scores.allSatisfy(\.isFinite)
      && (labels ?? []).allSatisfy { label in
        label.scores.count == scores.count && label.isThere.count == scores.count
          && label.scores.allSatisfy(\.isFinite)
      }
      && (features.map { $0.distances + ($0.others ?? []) } ?? []).allSatisfy(\.isFinite)
      && (brightness ?? []).allSatisfy(\.isFinite)
  }

  /// What a threshold would have done.
  public typealias Outcome = (escapes: Int, defects: Int, overkills: Int, goods: Int)

  /// What a threshold would have done to these parts; nil where no class is good, and where each class has its own.
  public func outcome(threshold: Double) -> Outcome? {
    guard labels == nil, isDefect.count == scores.count, !scores.isEmpty else { return nil }
    return Self.outcome(scores, isDefect, threshold)
  }

  /// What a class's own threshold would have done: escapes are parts on which it would be missed, overkills parts on which
  /// it would be found though it is not there. nil when nothing is known of the class.
  public func outcome(of name: String, threshold: Double) -> Outcome? {
    labels?.first { $0.name == name }.map { Self.outcome($0.scores, $0.isThere, threshold) }
  }

  private static func outcome(_ scores: [Double], _ isDefect: [Bool], _ threshold: Double) -> Outcome {
    var outcome = (escapes: 0, defects: 0, overkills: 0, goods: 0)
    for (score, isDefect) in zip(scores, isDefect) {
      if isDefect {
        outcome.defects += 1
        if score < threshold { outcome.escapes += 1 }
      } else {
        outcome.goods += 1
        if !(score < threshold) { outcome.overkills += 1 }
      }
    }
    return outcome
  }
}

extension ModelBundle {
  /// What is known of held-out parts: the bundle's `reference.json`, or the scores that an anomaly detector's threshold
  /// rests on; nil for older bundles.
  public func reference() throws(BundleError) -> BundleReference? {
    guard case .anomaly(let anomaly) = manifest.kind else { return try storedReference() }
    let calibration = anomaly.model.calibration
    let stored = try storedReference()
    return BundleReference(
      basis: "held-out parts", scores: calibration.scores, isDefect: calibration.isDefect, features: stored?.features,
      brightness: stored?.brightness, tested: anomaly.model.tested, whyNoFeatures: stored?.whyNoFeatures)
  }

  private func storedReference() throws(BundleError) -> BundleReference? {
    guard manifest.files[Self.referenceName] != nil else { return nil }
    let damaged = BundleError(
      path: path, reason: .damaged, cause: "its \(Self.referenceName) cannot be read", remedy: "train it again")
    let reference: BundleReference
    do {
      reference = try JSONDecoder().decode(BundleReference.self, from: Data(try contents(Self.referenceName)))
    } catch let error as BundleError {
      throw error
    } catch {
      throw damaged
    }
    guard reference.isSound else { throw damaged }
    return reference
  }
}
