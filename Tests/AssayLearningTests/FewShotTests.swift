import AssayBase
import AssayGraph
import AssayLearning
import Testing

// The reference (scikit-learn 1.8), whose covariance is the mean of the classes' own weighted by their share of the rows,
// each divided by its number of rows, as is the pooled one here; its log priors are taken away:
//   r = np.random.default_rng(5); y = np.array([0, 0, 0, 0, 1, 1, 1, 2, 2]); m = r.normal(size=(3, 6))
//   x = np.round(m[y] + 0.7 * r.normal(size=(9, 6)), 3).astype(np.float32)
//   t = np.round(r.normal(size=(3, 6)), 3).astype(np.float32)
//   d = x.std(0); s = lambda v: (v - x.mean(0)) / (d + d.mean())
//   f = LinearDiscriminantAnalysis(solver='lsqr', shrinkage=l).fit(s(x), y)
//   f.decision_function(s(t)) - np.log(f.priors_)
//   LogisticRegression(C=0.1, tol=1e-8, max_iter=10000).fit(s(x), y).predict_proba(s(t))
private enum Reference {
  static let labels = [0, 0, 0, 0, 1, 1, 1, 2, 2]
  static let x = FeatureMatrix(
    rows: 9, columns: 6,
    values: [
      -1.242, -1.666, -0.748, 0.808, 1.092, -0.303, -0.515, -0.743, -1.398, 0.241, 0.45, -0.012, -1.705, -1.31, -0.275,
      0.207, 0.402, -0.168, -1.566, -2.273, -0.091, -0.356, 1.955, 0.611, -1.951, -0.594, -0.022, 1.658, 0.303, -2.625,
      -0.716, -0.964, 1.422, 0.808, 0.789, -2.003, -0.785, -1.373, 1.763, 2.033, 1.975, -0.784, -0.367, 2.188, -0.222,
      -1.781, 0.862, -1.441, -0.826, 1.585, 0.629, -1.988, -0.19, -0.994,
    ])
  static let tested: [[Float]] = [
    [0.103, -0.865, 0.896, -1.298, -1.201, -1.282], [0.967, -0.361, -0.971, -1.136, 0.421, -1.055],
    [-1.272, 0.614, -1.197, -0.322, -0.007, -0.445],
  ]
  static let discriminant: [Double: [Double]] = [
    0.05: [-12.76476, -21.12127, -83.76371, 2.15515, -41.44456, -83.1186, -8.12313, -62.39267, -31.13988],
    0.5: [-9.83001, -10.72518, -7.74184, -3.68801, -19.2965, -7.16886, -0.50762, -22.59717, -8.57864],
  ]
  static let probe = [
    0.401117, 0.3248, 0.274083, 0.446702, 0.284207, 0.269091, 0.472014, 0.278315, 0.249671,
  ]
}

private func logits(_ model: LinearModel, _ row: [Float]) -> [Double] {
  LinearHead.folded(
    weights: model.weights, bias: model.bias, mean: model.standardisation.mean, scale: model.standardisation.scale,
    temperature: 1
  ).logits(row)
}

/// Overlapping classes: no method is right on all.
private func overlapping(each count: Int, classes: Int, dimension: Int) -> (FeatureMatrix, [Int]) {
  var generator = SplitMix64(seed: 11)
  var values: [Float] = []
  var labels: [Int] = []
  for row in 0..<count * classes {
    let label = row % classes
    labels.append(label)
    for d in 0..<dimension {
      values.append(Float.random(in: -1...1, using: &generator) + (d % classes == label ? 0.5 : 0))
    }
  }
  return (FeatureMatrix(rows: labels.count, columns: dimension, values: values), labels)
}

@Suite struct FewShotTests {
  @Test(arguments: [0.05, 0.5])
  func discriminantIsScikitLearns(shrinkage: Double) throws {
    let model = FewShotMethod.discriminant(shrinkage: shrinkage).fit(
      Reference.x, labels: Reference.labels, classCount: 3)
    let expected = try #require(Reference.discriminant[shrinkage])
    for (own, reference) in zip(Reference.tested.flatMap { logits(model, $0) }, expected) {
      #expect(abs(own - reference) < 1e-3 * max(1, abs(reference)))
    }
  }

  @Test func probeIsScikitLearns() {
    let model = FewShotMethod.probe(inversePenalty: 0.1).fit(Reference.x, labels: Reference.labels, classCount: 3)
    let own = Softmax.probabilities(
      Reference.tested.flatMap { logits(model, $0) }.map { Float($0) }, classCount: 3)
    for (own, reference) in zip(own, Reference.probe) { #expect(abs(own - reference) < 1e-3) }
  }

  /// With all shrunk away, and with one image a class, the nearest class mean decides.
  @Test func nearestMean() {
    let (x, labels) = overlapping(each: 4, classes: 3, dimension: 12)
    for (matrix, labels, shrinkage) in [(x, labels, 1.0), (x.selecting([0, 1, 2]), [0, 1, 2], 0.5)] {
      let model = FewShotMethod.discriminant(shrinkage: shrinkage).fit(matrix, labels: labels, classCount: 3)
      let scale = Standardisation(ofFew: matrix).scale
      for row in 0..<x.rows {
        let distances = (0..<3).map { k in
          (0..<12).reduce(0.0) { sum, d in
            let own = labels.indices.filter { labels[$0] == k }
            let mean =
              own.reduce(0.0) { $0 + Double(matrix.row($1)[matrix.row($1).startIndex + d]) } / Double(own.count)
            let gap = (Double(x.row(row)[x.row(row).startIndex + d]) - mean) / scale[d]
            return sum + gap * gap
          }
        }
        let found = logits(model, Array(x.row(row)))
        #expect((0..<3).max { found[$0] < found[$1] } == (0..<3).min { distances[$0] < distances[$1] })
      }
    }
  }

  /// Every row judged by an explicit fit to the others: accuracies of all methods, logits of the chosen one.
  @Test func leaveOneOutIsExplicitRefitting() throws {
    let (x, labels) = overlapping(each: 5, classes: 3, dimension: 20)
    let found = FewShotClassifier(x, labels: labels, classCount: 3, folds: Array(labels.indices))
    #expect(found.heldOutRows == Array(labels.indices))
    #expect(found.trials.map(\.method) == FewShotClassifier.candidates)
    for trial in found.trials {
      let outputs = labels.indices.map { left in
        let rest = labels.indices.filter { $0 != left }
        let model = trial.method.fit(x.selecting(rest), labels: rest.map { labels[$0] }, classCount: 3)
        return logits(model, Array(x.row(left)))
      }
      let right = labels.indices.count { row in (0..<3).max { outputs[row][$0] < outputs[row][$1] } == labels[row] }
      #expect(abs(trial.accuracy - Double(right) / 15) < 1e-9)
      guard trial.method == found.chosen else { continue }
      let centred = outputs.flatMap { row in row.map { $0 - row.reduce(0, +) / 3 } }
      let spread = (centred.reduce(0) { $0 + $1 * $1 } / 45).squareRoot()
      for (own, expected) in zip(found.heldOutLogits, outputs.joined()) {
        #expect(abs(Double(own) - expected / spread) < 1e-3 * max(1, abs(expected / spread)))
      }
    }
    let best = try #require(found.trials.map(\.accuracy).max())
    let chosen = try #require(found.trials.first { $0.method == found.chosen })
    #expect(chosen.accuracy == best && found.trials.contains { $0.accuracy < best })
    #expect(found.trials.allSatisfy { $0.accuracy < best || $0.logLoss >= chosen.logLoss })
  }

  /// A class's only image cannot be left out; copies are left out together.
  @Test func whatCannotBeLeftOut() {
    let (x, labels) = overlapping(each: 3, classes: 3, dimension: 20)
    let lone = FewShotClassifier(
      x.selecting([0, 1, 3, 4, 2]), labels: [0, 1, 0, 1, 2], classCount: 3, folds: [0, 1, 2, 3, 4])
    #expect(lone.heldOutRows == [0, 1, 2, 3])
    let copies = FewShotClassifier(
      x.selecting([0, 0, 1, 4]), labels: [0, 0, 1, 1], classCount: 2, folds: [0, 0, 1, 2])
    #expect(copies.heldOutRows == [2, 3])

    let one = FewShotClassifier(
      x.selecting([0, 1, 2]), labels: labels.prefix(3).map { $0 }, classCount: 3, folds: [0, 1, 2])
    #expect(one.trials.isEmpty && one.heldOutRows.isEmpty && one.chosen == FewShotClassifier.candidates[0])
    // The images' own class leads by log odds of 4, on average.
    let margins = (0..<3).map { row in
      let own = logits(one.model, Array(x.row(row)))
      return own[row] - (own.reduce(0, +) - own[row]) / 2
    }
    #expect(abs(margins.reduce(0, +) / 3 - 4) < 1e-3)
  }
}
