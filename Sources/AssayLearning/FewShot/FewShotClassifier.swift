import Dispatch
import Synchronization

/// How a classifier is fitted to a handful of images of each class.
public enum FewShotMethod: Sendable, Hashable, CustomStringConvertible {
  /// Nearest class mean under a covariance shrunk by this share, above 0 and at most 1.
  case discriminant(shrinkage: Double)
  /// Logistic regression; scikit-learn's C.
  case probe(inversePenalty: Double)

  public var description: String {
    switch self {
    case .discriminant(let shrinkage): shrinkage < 1 ? "discriminant, shrinkage \(shrinkage)" : "nearest mean"
    case .probe(let inversePenalty): "probe, C = \(inversePenalty)"
    }
  }

  /// - Parameters:
  ///   - features: raw, `[n, D]`; they are standardised by ``Standardisation/init(ofFew:)``.
  ///   - labels: `[n]`, 0..<classCount, each class at least once.
  public func fit(_ features: FeatureMatrix, labels: [Int], classCount: Int) -> LinearModel {
    let support = SupportRows(features, labels: labels, classCount: classCount)
    return support.model(FewShotClassifier.solutions(support, [self])[0])
  }
}

/// A classifier for a handful of images of each class, its method chosen by leave-one-out: every row is judged by the
/// methods fitted to all the others, standardisation included. The best accuracy wins, then the lowest log loss (each
/// method's with its own best temperature), then the first of ``candidates``.
public struct FewShotClassifier: Sendable {
  /// How well a method judged the rows left out.
  public struct Trial: Sendable, Equatable {
    public let method: FewShotMethod
    public let accuracy: Double
    /// At the best temperature.
    public let logLoss: Double
  }

  /// Empty where no row can be left out: one image a class.
  public let trials: [Trial]
  public let chosen: FewShotMethod
  /// Its logits have the scale of ``heldOutLogits``.
  public let model: LinearModel
  /// Rows that were left out: all but those without which their class would have none.
  public let heldOutRows: [Int]
  /// Logits of these rows from the chosen method, fitted without them, `[heldOutRows, K]`; divided by their root mean
  /// square around the mean of each row, so that a temperature near 1 suits them.
  public let heldOutLogits: [Float]

  /// Discriminants first, the middle one foremost: equals go to the first.
  public static let candidates: [FewShotMethod] =
    [0.5, 0.2, 0.05, 0.8, 1].map { .discriminant(shrinkage: $0) }
    + [1e-3, 1e-2, 1e-1].map { .probe(inversePenalty: $0) }

  /// Mean log odds of the rows' own class against another where no row can be left out: nothing tells how sure one can be,
  /// so the probabilities are kept cautious.
  private static let loneOdds = 4.0

  /// - Parameters:
  ///   - features: raw, `[n, D]`.
  ///   - labels: `[n]`, 0..<classCount, each class at least once.
  ///   - folds: `[n]`; rows of the same fold are left out together: copies of one image, or pictures of one part.
  ///   - progress: called with (done, total) folds, one call at a time.
  public init(
    _ features: FeatureMatrix, labels: [Int], classCount: Int, folds: [Int],
    progress: @escaping @Sendable (Int, Int) -> Void = { _, _ in }
  ) {
    precondition(labels.count == folds.count && labels.count == features.rows, "one label and one fold a row")
    let support = SupportRows(features, labels: labels, classCount: classCount)
    let parts = Self.parts(labels, folds, classCount)
    guard !parts.isEmpty else {
      let method = Self.candidates[0]
      trials = []
      chosen = method
      let solution = Self.solutions(support, [method])[0]
      model = support.model(solution, factor: Self.loneOdds / Self.margin(solution, support))
      heldOutRows = []
      heldOutLogits = []
      return
    }
    let outputs = Mutex([Int: [[Double]]]())
    DispatchQueue.concurrentPerform(iterations: parts.count) { index in
      let found = Self.judged(features, labels, classCount, leavingOut: parts[index])
      outputs.withLock {
        $0[index] = found
        progress($0.count, parts.count)
      }
    }
    let byPart = outputs.withLock { $0 }
    let order = parts.indices.flatMap { part in parts[part].indices.map { (row: parts[part][$0], part, $0) } }
      .sorted { $0.row < $1.row }
    let heldOutLabels = order.map { labels[$0.row] }
    var best: (index: Int, trial: Trial, logits: [Float], spread: Double)?
    var trials: [Trial] = []
    for (index, method) in Self.candidates.enumerated() {
      let raw = order.flatMap { (_, part, position) in
        (byPart[part]?[index] ?? [])[position * classCount..<(position + 1) * classCount]
      }
      let spread = Self.spread(raw, classCount)
      let logits = raw.map { Float($0 / spread) }
      let scaling = TemperatureScaling(
        heldOut: logits, labels: heldOutLabels, classCount: classCount, scale: .similarities)
      let trial = Trial(
        method: method, accuracy: Self.accuracy(logits, heldOutLabels, classCount), logLoss: scaling.logLossAfter)
      trials.append(trial)
      if let best, (-best.trial.accuracy, best.trial.logLoss) <= (-trial.accuracy, trial.logLoss) { continue }
      best = (index, trial, logits, spread)
    }
    self.trials = trials
    chosen = best?.trial.method ?? Self.candidates[0]
    heldOutRows = order.map(\.row)
    heldOutLogits = best?.logits ?? []
    model = support.model(Self.solutions(support, [chosen])[0], factor: 1 / (best?.spread ?? 1))
  }

  /// Rows that are left out together, without those that would leave a class empty.
  private static func parts(_ labels: [Int], _ folds: [Int], _ classCount: Int) -> [[Int]] {
    Dictionary(grouping: labels.indices) { folds[$0] }.sorted { $0.key < $1.key }.map(\.value).filter { part in
      Set(labels.indices.filter { folds[$0] != folds[part[0]] }.map { labels[$0] }).count == classCount
    }
  }

  /// For each candidate the logits of the rows left out, `[rows, K]`.
  private static func judged(
    _ features: FeatureMatrix, _ labels: [Int], _ classCount: Int, leavingOut part: [Int]
  ) -> [[Double]] {
    let isOut = Set(part)
    let rest = labels.indices.filter { !isOut.contains($0) }
    let support = SupportRows(features.selecting(rest), labels: rest.map { labels[$0] }, classCount: classCount)
    let products = support.products(with: features.selecting(part))
    return solutions(support, candidates).map { solution in
      part.indices.flatMap { solution.logits(products[$0 * rest.count..<($0 + 1) * rest.count]) }
    }
  }

  static func solutions(_ support: SupportRows, _ methods: [FewShotMethod]) -> [SupportCombination] {
    let moments = ShrunkenDiscriminant.Moments(support)
    let probe = SupportProbe(support)
    return methods.map { method in
      switch method {
      case .discriminant(let shrinkage): moments.solution(shrinkage: shrinkage)
      case .probe(let inversePenalty): probe.solution(inversePenalty: inversePenalty)
      }
    }
  }

  /// By how much the logit of the own class exceeds another's, on average over the rows fitted to; 1 where it does not.
  private static func margin(_ solution: SupportCombination, _ support: SupportRows) -> Double {
    let (n, classes) = (support.count, support.classCount)
    var sum = 0.0
    for (row, label) in support.labels.enumerated() {
      let logits = solution.logits(support.products[row * n..<(row + 1) * n])
      sum += Double(classes) * logits[label] - logits.reduce(0, +)
    }
    let margin = sum / Double(max(1, n * (classes - 1)))
    return margin > 0 ? margin : 1
  }

  /// Root mean square of the logits around the mean of their row; 1 where they do not differ.
  private static func spread(_ logits: [Double], _ classCount: Int) -> Double {
    var sum = 0.0
    for start in stride(from: 0, to: logits.count, by: classCount) {
      let row = logits[start..<start + classCount]
      let mean = row.reduce(0, +) / Double(classCount)
      sum += row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    }
    let spread = (sum / Double(max(1, logits.count))).squareRoot()
    return spread > 0 ? spread : 1
  }

  private static func accuracy(_ logits: [Float], _ labels: [Int], _ classCount: Int) -> Double {
    let right = labels.indices.count { row in
      (0..<classCount).allSatisfy { logits[row * classCount + $0] <= logits[row * classCount + labels[row]] }
    }
    return Double(right) / Double(max(1, labels.count))
  }
}
