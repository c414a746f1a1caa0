import AssayBase
import AssayBundle
import AssayData
import AssayGraph
import AssayInspection
import AssayLearning

/// A small data set drawn from a large one, a head trained on it, and what it says of all the other parts.
struct Draw {
  /// Parts of each class to learn from.
  static let sizes = [6, 10, 20, 30]
  static let classCounts = [2, 3, 7]

  let classCount: Int
  let size: Int
  let heldOut: [Float]
  let heldOutLabels: [Int]
  let new: [Float]
  let newLabels: [Int]

  /// - Parameters:
  ///   - values: `[n, D]`.
  ///   - good: the class that passes, which is then in every draw, as class 0.
  init(_ number: Int, _ values: [Float], dimension: Int, labels: [Int], good: Int?) throws {
    var generator = SplitMix64(seed: UInt64(number) &+ 1)
    let all = Set(labels).sorted()
    classCount = min(all.count, Self.classCounts[number % Self.classCounts.count])
    let size = Self.sizes[number / Self.classCounts.count % Self.sizes.count]
    self.size = size
    let others = all.filter { $0 != good }.shuffled(using: &generator)
    let chosen = ([good].compactMap { $0 } + others).prefix(classCount)
    var (training, rest): ([Int], [Int]) = ([], [])
    for label in chosen {
      let own = labels.indices.filter { labels[$0] == label }.shuffled(using: &generator)
      training += own.prefix(min(size, own.count / 2))
      rest += own.dropFirst(min(size, own.count / 2))
    }
    let index = Dictionary(uniqueKeysWithValues: chosen.enumerated().map { ($1, $0) })
    func own(_ rows: [Int]) -> [Int] { rows.compactMap { index[labels[$0]] } }
    let matrix = FeatureMatrix(
      rows: training.count, columns: dimension,
      values: training.flatMap { values[$0 * dimension..<($0 + 1) * dimension] })
    let folds = try Folds.stratified(
      labels: own(training), groups: training.map { _ in nil }, keys: training.map(String.init), folds: 5,
      seed: UInt64(number))
    let search = PenaltySearch(ProbeData(matrix, labels: own(training), classCount: classCount, folds: folds))
    let model = search.model
    let head = LinearHead.folded(
      weights: model.weights, bias: model.bias, mean: model.standardisation.mean, scale: model.standardisation.scale,
      temperature: 1)
    heldOut = search.heldOutLogits
    heldOutLabels = own(training)
    newLabels = own(rest)
    new = rest.flatMap { row in head.logits(Array(values[row * dimension..<(row + 1) * dimension])).map { Float($0) } }
  }

  /// Log loss of new parts.
  func loss(_ temperature: Double) -> Double {
    Softmax.logLoss(new, labels: newLabels, classCount: classCount, temperature: temperature)
  }

  /// Good parts called defects with a probability above 1 - 1e-6.
  func certainlyWrong(_ temperature: Double) -> Int {
    let probabilities = Softmax.probabilities(new, classCount: classCount, temperature: temperature)
    return newLabels.indices.count { newLabels[$0] == 0 && probabilities[$0 * classCount] < 1e-6 }
  }

  /// Share of new parts that are uncertain, where class 0 is good and the threshold has the best F1.
  /// - Parameter budget: nil for the earlier rule of thumb.
  func uncertain(_ temperature: Double, budget: Double?) throws -> Double {
    func scores(_ logits: [Float]) -> [Double] {
      let probabilities = Softmax.probabilities(logits, classCount: classCount, temperature: temperature)
      return stride(from: 0, to: probabilities.count, by: classCount).map { 1 - probabilities[$0] }
    }
    let (held, isDefect) = (scores(heldOut), heldOutLabels.map { $0 != 0 })
    let threshold = try DecisionThreshold(.bestF1, scores: held, isDefect: isDefect)
    var rule = DecisionRule.classifier(
      classes: (0..<classCount).map(String.init), goodClass: "0", threshold: threshold.value)
    if let budget {
      rule = rule.with(
        rule.choosingBand(
          budget: budget,
          on: BundleReference(basis: "cross-validation", scores: held, isDefect: isDefect, features: nil)))
    }
    let found = scores(new)
    return Double(found.count { rule.isUncertain(score: $0, probability: nil) }) / Double(max(1, found.count))
  }
}
