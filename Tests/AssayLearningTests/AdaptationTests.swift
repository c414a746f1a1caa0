import AssayBase
import AssayLearning
import Testing

@Suite struct CovarianceAlignmentTests {
  /// NumPy, for the matrices below:
  ///   def p(C, e): w, v = np.linalg.eigh(C); return v @ np.diag(w**e) @ v.T
  ///   p(Cs, .5) @ p(Ct, -.5)
  @Test func agreesWithNumPy() {
    let source = [2, 0.5, 0.1, 0.5, 1, 0.3, 0.1, 0.3, 1.5]
    let target = [1, -0.2, 0.4, -0.2, 3, 0.6, 0.4, 0.6, 2]
    let expected = [
      1.481408932971, 0.220006957635, -0.199364095181, 0.268830296055, 0.579433768232, -0.019740965644,
      -0.136082273722, -0.031996043967, 0.897879359614,
    ]
    let found = CovarianceAlignment.matrix(source: source, target: target, size: 3)
    for (a, b) in zip(found, expected) { #expect(abs(a - b) < 1e-9) }
    // By definition A C_t Aᵀ is the source's covariance.
    for i in 0..<3 {
      for j in 0..<3 {
        var sum = 0.0
        for p in 0..<3 { for q in 0..<3 { sum += found[3 * i + p] * target[3 * p + q] * found[3 * j + q] } }
        #expect(abs(sum - source[3 * i + j]) < 1e-9)
      }
    }
  }

  /// Ledoit and Wolf (2004), equations 3 to 14, in NumPy:
  ///   Xc = X - X.mean(0); n, k = Xc.shape; S = Xc.T @ Xc / n; m = np.trace(S) / k
  ///   d2 = ((S - m * np.eye(k))**2).sum()
  ///   b2 = sum(((np.outer(x, x) - S)**2).sum() for x in Xc) / n**2; a = min(b2, d2) / d2
  @Test func shrinksAsLedoitAndWolf() {
    let rows: [[Double]] = [
      [0, 0, 0], [10, 6, 3], [4, 4, 0], [4, 0, 1], [10, 0, 1], [0, 3, 0], [7, 1, 3], [9, 0, 0],
    ]
    let mean = (0..<3).map { c in rows.reduce(0) { $0 + $1[c] } / 8 }
    let centred = rows.flatMap { row in (0..<3).map { row[$0] - mean[$0] } }
    let found = CovarianceAlignment.shrunkenCovariance(
      centred, weights: [Double](repeating: 1 / 8, count: 8), size: 3)
    #expect(abs(found.intensity - 0.38682580297623054) < 1e-12)
    let expected = [
      11.929570188876, 0.459880647768, 1.609582267187, 0.459880647768, 5.606211282069, 0.536527422396,
      1.609582267187, 0.536527422396, 3.651718529055,
    ]
    for (a, b) in zip(found.covariance, expected) { #expect(abs(a - b) < 1e-9) }
  }
}

@Suite struct FeatureAlignmentTests {
  private func matrix(_ rows: [[Float]]) -> FeatureMatrix {
    FeatureMatrix(rows: rows.count, columns: rows[0].count, values: rows.flatMap { $0 })
  }

  /// Rows of two dependent features, by formula.
  private func rows(_ count: Int, seed: UInt64, _ change: (Float, Float) -> [Float]) -> FeatureMatrix {
    var generator = SplitMix64(seed: seed)
    return matrix(
      (0..<count).map { _ in
        change(Float.random(in: -1...1, using: &generator), Float.random(in: -1...1, using: &generator))
      })
  }

  /// Weights 3, 1 and mean (3 * 1 + 5) / 4 = 2, variance (3 * 1 + 9) / 4 = 3, by hand.
  @Test func weightsCount() {
    let rows = WeightedRows(matrix([[1], [5]]), weights: [3, 1])
    #expect(rows.mean == [2] && rows.variance == [3] && abs(rows.effectiveCount - 1.6) < 1e-12)
    #expect(WeightedRows.mixing([0, 0, 1], shares: [0.5, 0.5]) == [0.25, 0.25, 0.5])
    #expect(WeightedRows.mixing([0, 0], shares: [0, 1]) == nil, "no row of the only class wanted")
  }

  /// Source: mean 0, deviation 1. Target of eight rows: mean 10, deviation 2. A trust of 8 / (8 + 8) makes the factor
  /// (1 / 2)^(1 / 2), by hand.
  @Test func statisticsByHand() {
    let source = WeightedRows(matrix([[-1], [1]]))
    let target = WeightedRows(matrix([[8], [12], [8], [12], [8], [12], [8], [12]]))
    let map = FeatureAlignment.statistics(source: source, target: target)
    let factor = Float(0.5).squareRoot()
    #expect(abs(map.scale[0] - factor) < 1e-6 && abs(map.offset[0] + 10 * factor) < 1e-5)
  }

  @Test func correlationsBecomeTheSources() {
    let source = rows(2000, seed: 1) { [$0, 0.8 * $0 + 0.6 * $1] }
    // The same parts under another light: turned, scaled and moved.
    let target = rows(2000, seed: 2) { [3 * $0 + 4, 5 * (-0.5 * $0 + 0.9 * $1) - 1] }
    let map = FeatureAlignment.correlations(source: WeightedRows(source), target: WeightedRows(target))
    let moved = map.applied(to: target)
    func correlation(_ m: FeatureMatrix) -> Double {
      let own = WeightedRows(m)
      let product = (0..<m.rows).reduce(0.0) { sum, row in
        sum + (Double(m.values[2 * row]) - own.mean[0]) * (Double(m.values[2 * row + 1]) - own.mean[1])
      }
      return product / Double(m.rows) / (own.variance[0] * own.variance[1]).squareRoot()
    }
    let (before, after) = (WeightedRows(source), WeightedRows(moved))
    #expect(correlation(target) < -0.3 && abs(correlation(moved) - correlation(source)) < 0.03)
    for column in 0..<2 {
      #expect(abs(after.mean[column] - before.mean[column]) < 0.01)
      #expect(abs(after.variance[column] / before.variance[column] - 1) < 0.05)
    }
    let plain = FeatureAlignment.statistics(source: WeightedRows(source), target: WeightedRows(target))
    #expect(correlation(plain.applied(to: target)) < -0.3, "means and deviations alone leave correlations")
  }

  @Test func subspaceForgetsTheShiftAlone() {
    let source = rows(40, seed: 3) { [$0, $1, 0] }
    let target = rows(40, seed: 3) { [$0, $1 + 6, 0] }
    let map = FeatureAlignment.subspace(
      sourceGood: WeightedRows(source), targetGood: WeightedRows(target), directions: 1)
    let moved = map.applied(to: matrix([[0.3, 0.2, 0], [0.3, 99, 0], [0.3, 0.2, 2]]))
    #expect(zip(moved.row(0), moved.row(1)).allSatisfy { abs($0 - $1) < 1e-3 }, "the shifted feature says nothing now")
    #expect(abs(moved.row(0)[0] - 0.3) < 1e-5)
    #expect(abs(Array(moved.row(2))[2] - 2) < 1e-5, "the third feature is as it was")
  }

  @Test func foldedHeadSaysTheSame() {
    let map = FeatureMap(scale: [2, 0.5, 1], offset: [1, -1, 0.5], left: [1, 0, 2], right: [0.5, -1, 1])
    let (weights, bias): ([Float], [Float]) = ([1, 2, 3, -1, 0.5, 0.25], [0.1, -0.2])
    let z = matrix([[0.3, -0.7, 1.1], [2, 1, -1]])
    let moved = map.applied(to: z)
    // By hand: 2 * 0.3 + 1 + 1 * (0.15 + 0.7 + 1.1).
    #expect(abs(moved.row(0)[0] - 3.55) < 1e-5)
    let folded = map.folded(weights: weights, bias: bias)
    for row in 0..<2 {
      for k in 0..<2 {
        let direct = zip(moved.row(row), weights[3 * k..<3 * k + 3]).reduce(bias[k]) { $0 + $1.0 * $1.1 }
        let own = zip(z.row(row), folded.weights[3 * k..<3 * k + 3]).reduce(folded.bias[k]) { $0 + $1.0 * $1.1 }
        #expect(abs(direct - own) < 1e-5)
      }
    }
  }
}

@Suite struct EnergyDistanceTests {
  /// X = {0, 2}, Y = {1, 5}: E|X - Y| = (1 + 5 + 1 + 3) / 4, E|X - X'| = 2, E|Y - Y'| = 4; 2 * 2.5 - 2 - 4 = -1.
  @Test func byHand() {
    let x = FeatureMatrix(rows: 2, columns: 1, values: [0, 2])
    let y = FeatureMatrix(rows: 2, columns: 1, values: [1, 5])
    #expect(abs(EnergyDistance(x, y).value + 1) < 1e-5)
    #expect(EnergyDistance(x, y).pValue == nil)
  }

  @Test func tellsAShiftFromNone() throws {
    var generator = SplitMix64(seed: 5)
    func sample(_ offset: Float) -> FeatureMatrix {
      FeatureMatrix(
        rows: 40, columns: 8, values: (0..<320).map { _ in Float.random(in: -1...1, using: &generator) + offset })
    }
    let (a, b, c) = (sample(0), sample(0), sample(0.5))
    #expect(try #require(EnergyDistance(a, c, permutations: 199).pValue) == 1.0 / 200)
    #expect(try #require(EnergyDistance(a, b, permutations: 199).pValue) > 0.05)
    // As often above as below: over many pairs without a shift p is spread over 0...1.
    let small = (0..<60).count {
      EnergyDistance(sample(0), sample(0), permutations: 39, seed: UInt64($0)).pValue ?? 1 <= 0.1
    }
    #expect(small <= 14, "\(small) of 60 at a level of 0.1")
  }
}

@Suite struct PriorEstimationTests {
  /// A feature that is 1 on 80 % of class 1 and 20 % of class 0, learned in equal shares. Where 90 % are of class 1 it is 1
  /// on 0.9 * 0.8 + 0.1 * 0.2 = 74 % of the parts; the likeliest shares are those that say so.
  @Test func byHand() {
    let parts = (0..<100).flatMap { $0 < 74 ? [0.2, 0.8] : [0.8, 0.2] }
    let shares = PriorEstimation.shares(parts, priors: [0.5, 0.5], iterations: 10_000)
    #expect(abs(shares[1] - 0.9) < 1e-4 && abs(shares[0] + shares[1] - 1) < 1e-9)
    #expect(PriorEstimation.shares([], priors: [0.3, 0.7]) == [0.3, 0.7])
  }
}
