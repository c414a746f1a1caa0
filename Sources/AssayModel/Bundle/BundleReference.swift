import Foundation

/// `reference.json` of a bundle: what parts that the model had not learned from looked like to it. Thresholds are weighed
/// against it, and drift is measured from it.
public struct BundleReference: Codable, Sendable, Equatable {
  /// How far the features of a part lie from those of the training images.
  public struct Features: Codable, Sendable, Equatable {
    /// 32-bit floats, little-endian, `[D]` each.
    public var mean: Data
    public var scale: Data
    /// Distances of the training images, sorted.
    public var distances: [Double]

    /// - Parameters:
    ///   - values: `[n, D]`, row by row.
    ///   - dimension: D.
    public init(_ values: [Float], dimension: Int) {
      self.init(rows: Array(0..<values.count / max(1, dimension)), of: FeatureValues(values), dimension: dimension)
    }

    /// - Parameters:
    ///   - rows: which of the rows.
    ///   - values: `[n, D]`, row by row.
    ///   - dimension: D.
    package init(rows: [Int], of values: FeatureValues, dimension: Int) {
      var mean = [Double](repeating: 0, count: dimension)
      var square = mean
      values.withUnsafeBufferPointer { values in
        for row in rows {
          for d in 0..<dimension {
            let value = Double(values[row * dimension + d])
            mean[d] += value
            square[d] += value * value
          }
        }
      }
      values.release(0..<values.count)
      let count = Double(max(1, rows.count))
      var scale = mean
      for d in 0..<dimension {
        mean[d] /= count
        scale[d] = max(square[d] / count - mean[d] * mean[d], 0).squareRoot()
      }
      // A feature that never varied would weigh without bound.
      let floor = max(scale.reduce(0, +) / Double(max(1, dimension)) * 1e-3, 1e-12)
      let (means, scales) = (mean.map { Float($0) }, scale.map { Float(max($0, floor)) })
      self.mean = Self.data(means)
      self.scale = Self.data(scales)
      distances = []
      let ruler = FeatureRuler(mean: means, scale: scales)
      distances = values.withUnsafeBufferPointer { buffer in
        rows.map { row in
          ruler.distance(UnsafeBufferPointer(rebasing: buffer[row * dimension..<(row + 1) * dimension]))
        }
      }.sorted()
      values.release(0..<values.count)
    }

    /// nil when the file does not hold what it should.
    public var ruler: FeatureRuler? {
      let (means, scales) = (Self.floats(mean), Self.floats(scale))
      return means.isEmpty || means.count != scales.count ? nil : FeatureRuler(mean: means, scale: scales)
    }

    private static func data(_ values: [Float]) -> Data { Data(FloatBytes.encode(values)) }
    private static func floats(_ data: Data) -> [Float] { data.withUnsafeBytes(FloatBytes.decode) }
  }

  /// `validation`, `cross-validation` or `held-out parts`.
  public var basis: String
  /// Of each part: the probability of being defective or the anomaly score; where no class is good, what is missing from
  /// certainty (1 less the largest probability); where several classes are found, the largest of their probabilities.
  public var scores: [Double]
  /// Empty where no class is good.
  public var isDefect: [Bool]
  /// nil when the graph does not tell its features.
  public var features: Features?
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
    basis: String, scores: [Double], isDefect: [Bool], features: Features?, labels: [Label]? = nil,
    tested: AnomalyModel.Tested? = nil
  ) {
    self.basis = basis
    self.scores = scores
    self.isDefect = isDefect
    self.features = features
    self.labels = labels
    self.tested = tested
  }

  /// Whether lists that belong together are as long as one another, and every number is one.
  var isSound: Bool {
    (isDefect.isEmpty || isDefect.count == scores.count)
      && scores.allSatisfy(\.isFinite)
      && (labels ?? []).allSatisfy { label in
        label.scores.count == scores.count && label.isThere.count == scores.count
          && label.scores.allSatisfy(\.isFinite)
      }
      && (features?.distances ?? []).allSatisfy(\.isFinite)
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

/// Measures how far features lie from the training images: the mean over all features of `((x - mean) / scale)²`, which
/// is about 1 for parts like those.
public struct FeatureRuler: Sendable {
  /// `[D]`
  public let mean: [Float]
  public let scale: [Float]

  public init(mean: [Float], scale: [Float]) {
    precondition(mean.count == scale.count && !mean.isEmpty, "mean and scale have one value for each feature")
    self.mean = mean
    self.scale = scale
  }

  /// - Parameter features: `[D]`; infinity when there are more or fewer.
  public func distance(_ features: UnsafeBufferPointer<Float>) -> Double {
    guard features.count == mean.count else { return .infinity }
    var sum = 0.0
    for index in features.indices {
      let z = Double((features[index] - mean[index]) / scale[index])
      sum += z * z
    }
    return sum / Double(features.count)
  }
}

extension ModelBundle {
  /// What is known of held-out parts: the bundle's `reference.json`, or the scores that an anomaly detector's threshold
  /// rests on; nil for older bundles.
  public func reference() throws(BundleError) -> BundleReference? {
    if case .anomaly(let anomaly) = manifest.kind {
      let calibration = anomaly.model.calibration
      return BundleReference(
        basis: "held-out parts", scores: calibration.scores, isDefect: calibration.isDefect, features: nil,
        tested: anomaly.model.tested)
    }
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
