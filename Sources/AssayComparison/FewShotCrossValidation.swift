package import AssayBase
import AssayData
package import AssayEvaluation
import AssayInspection
package import AssayLearning
package import AssayMethods

/// Few-shot classification on the folds of ``CrossValidation``: each fold is judged by a classifier that learned from a few
/// images of each class of the others.
package struct FewShotCrossValidation {
  package let evaluation: Evaluation

  /// - Parameters:
  ///   - rule: by which the threshold is chosen where a class is good.
  ///   - shots: images of each class, drawn by the seed from the folds left, or all where there are fewer.
  /// - Throws: when all images of a class are in one fold.
  package init(
    _ data: ExtractedDataset, folds: Int, shots: Int, rule: ThresholdRule, seed: UInt64,
    progress: ProgressHandler = { _ in }
  ) throws {
    let fold = try Folds.stratified(
      labels: data.labels, groups: data.samples.map(\.unit), keys: data.hashes, folds: folds, seed: seed)
    let classes = data.dataset.classes
    var probabilities = [Double](repeating: 0, count: data.labels.count * classes.count)
    for held in 0..<folds {
      let draw = SupportDraw(
        data, among: fold.indices.filter { fold[$0] != held }, tested: fold.indices.filter { fold[$0] == held },
        shots: shots, seed: seed)
      let training = try FewShotHead(data, support: draw.support, seed: seed)
      let found = training.head.probabilities(data, rows: draw.test)
      for (position, row) in draw.test.enumerated() {
        for k in classes.indices {
          probabilities[row * classes.count + k] = found[position * classes.count + k]
        }
      }
      progress(WorkProgress("head", held + 1, folds))
    }
    let threshold = try data.goodIndex.map { good in
      try DecisionThreshold(
        rule, scores: data.labels.indices.map { 1 - probabilities[$0 * classes.count + good] },
        isDefect: data.labels.map { $0 != good }
      ).value
    }
    evaluation = Evaluation(
      rule: .classifier(classes: classes, goodClass: data.dataset.goodClass, threshold: threshold),
      names: data.samples.map(\.name), labels: data.labels, probabilities: probabilities, basis: "cross-validation")
  }
}
