import AssayBase
package import AssayGraph
package import AssayInspection
package import AssayLearning

/// A classifier, its own line, and another line: everything that a test of adaptation looks at. Features are in units of
/// the source's deviations.
package struct AdaptationCase {
  /// A belief about which parts the new line's images show.
  package struct Mix {
    package let name: String
    /// Of each class, with a sum of 1.
    package let shares: [Double]
  }

  /// How parts are judged.
  package let rule: DecisionRule
  /// Of the source: `[n, D]`, class of each, and each class's share in training.
  package let source: FeatureMatrix
  package let sourceLabels: [Int]
  package let priors: [Double]
  package let head: LinearHead
  /// Of the new line, unlabelled.
  package let target: FeatureMatrix
  /// Of the new line, known to be good.
  package let good: FeatureMatrix?

  /// - Parameter rows: `[n, D]`.
  /// - Returns: `[n, K]`.
  package func logits(_ rows: FeatureMatrix) -> [Float] {
    (0..<rows.rows).flatMap { row in head.logits(Array(rows.row(row))).map { Float($0) } }
  }

  package var classes: [String] { rule.classes }
  package var goodIndex: Int? { rule.goodIndex }

  /// The class of each row by the bundle's rule, as its verdicts have it.
  package func predicted(_ rows: FeatureMatrix) -> [Int] {
    rule.decide(rows: Softmax.probabilities(logits(rows), classCount: classes.count))
  }

  /// Whether each row is named rightly.
  package func hits(_ rows: FeatureMatrix, _ labels: [Int]) -> [Bool] { zip(predicted(rows), labels).map { $0 == $1 } }

  package func source(_ mix: Mix) -> WeightedRows {
    WeightedRows(source, weights: WeightedRows.mixing(sourceLabels, shares: mix.shares))
  }

  private var sourceGood: WeightedRows? {
    guard let goodIndex else { return nil }
    let rows = sourceLabels.indices.filter { sourceLabels[$0] == goodIndex }
    return rows.isEmpty ? nil : WeightedRows(source.selecting(rows))
  }

  /// The map that a method makes of some images.
  /// - Parameters:
  ///   - rows: of the new line; or the good ones among them where these are known.
  ///   - mix: what they are believed to show; left out of account where good parts are known.
  /// - Returns: nil where the method has not what it needs.
  package func fit(_ method: AdaptationMethod, _ mix: Mix, _ rows: FeatureMatrix) -> FeatureMap? {
    guard rows.rows > 0 else { return nil }
    let target = WeightedRows(rows)
    let reference = good == nil ? source(mix) : sourceGood
    guard let reference else { return nil }
    switch method {
    case .statistics: return FeatureAlignment.statistics(source: reference, target: target)
    case .coral: return rows.rows < 8 ? nil : FeatureAlignment.correlations(source: reference, target: target)
    case .subspace: return good == nil ? nil : FeatureAlignment.subspace(sourceGood: reference, targetGood: target)
    case .batchStatistics: return nil
    }
  }

  /// Beliefs worth comparing. Where good parts are known there is only one.
  package func mixes() -> [Mix] {
    if good != nil, let goodIndex {
      return [Mix(name: "good parts, as said", shares: classes.indices.map { $0 == goodIndex ? 1 : 0 })]
    }
    var found = [Mix(name: "the classes as in training", shares: priors)]
    func add(_ mix: Mix) {
      // Shares that differ by less than a tenth of the parts are one belief.
      let isNew = found.allSatisfy { known in
        zip(known.shares, mix.shares).reduce(0) { $0 + abs($1.0 - $1.1) } / 2 >= 0.1
      }
      if isNew { found.append(mix) }
    }
    add(Mix(name: "the classes as found without adaptation", shares: shares(of: target)))
    if let goodIndex {
      add(Mix(name: "good parts only", shares: classes.indices.map { $0 == goodIndex ? 1 : 0 }))
    }
    var refined = found[0]
    for _ in 0..<3 {
      guard let map = fit(.statistics, refined, target) else { break }
      refined = Mix(name: "the classes as found after adaptation", shares: shares(of: map.applied(to: target)))
    }
    add(refined)
    return found
  }

  private func shares(of rows: FeatureMatrix) -> [Double] {
    let probabilities = Softmax.probabilities(logits(rows), classCount: classes.count)
    return PriorEstimation.shares(probabilities, priors: priors.map { max($0, 1e-6) })
  }

  /// As many rows of the source as there are, in the proportions of a mix, none twice.
  package func matched(_ mix: Mix, most: Int, seed: UInt64) -> FeatureMatrix {
    if good != nil || mix.shares.filter({ $0 > 0.005 }).count == 1,
      let only = mix.shares.indices.max(by: { mix.shares[$0] < mix.shares[$1] })
    {
      return source.selecting(Array(sourceLabels.indices.filter { sourceLabels[$0] == only }.prefix(max(most, 2))))
    }
    var generator = SplitMix64(seed: seed)
    var pools = classes.indices.map { label in
      sourceLabels.indices.filter { sourceLabels[$0] == label }.shuffled(using: &generator)
    }
    var chosen: [Int] = []
    // The class that lies most behind its share gives the next row; a class that has no more ends it.
    while chosen.count < most {
      let next = classes.indices.max { a, b in
        behind(a, chosen, mix) < behind(b, chosen, mix)
      }
      guard let next, let row = pools[next].popLast() else { break }
      chosen.append(row)
    }
    if chosen.count < 16 { chosen += pools.flatMap { $0 }.prefix(16 - chosen.count) }
    return source.selecting(chosen)
  }

  private func behind(_ label: Int, _ chosen: [Int], _ mix: Mix) -> Double {
    mix.shares[label] * Double(chosen.count + 1) - Double(chosen.count { sourceLabels[$0] == label })
  }
}
