package import AssayBase
package import AssayBundle
import AssayData
package import AssayGraph
package import AssayLearning
import AssayRuntime

/// A fitted, calibrated head with the held-out predictions that calibration and threshold rest on.
package struct FittedHead {
  package let head: LinearHead
  package let temperature: TemperatureScaling
  /// Calibrated probabilities of images that the model which scored them was not trained on, `[n, K]`.
  package let heldOutProbabilities: [Double]
  package let heldOutLabels: [Int]
  /// The same before calibration.
  package let uncalibratedProbabilities: [Double]
  /// For the manifest.
  package let recipe: Recipe
  package let penaltyPath: [PenaltySearch.Entry]
  package let epochs: [AdamProbe.Epoch]
  package let chosenPenalty: Double?
  /// Of the cross-validation that chose it.
  package let foldCount: Int?
  /// The epoch that was kept.
  package let bestEpoch: Int?

  /// - Parameters:
  ///   - training: rows to fit; `validation`: rows to hold out for Adam, and to train on as well for L-BFGS, which
  ///     cross-validates instead.
  package init(
    _ data: ExtractedDataset, training: [Int], validation: [Int], options: TrainingOptions, progress: ProgressHandler
  ) throws {
    let matrix = FeatureMatrix(
      rows: data.labels.count, columns: data.features.dimension, values: data.features.values)
    let classCount = data.dataset.classes.count
    let model: LinearModel
    let logits: [Float]
    let solver: LinearRecipe.Solver
    switch options.solver {
    case .lbfgs:
      let rows = (training + validation).sorted()
      let labels = rows.map { data.labels[$0] }
      let (folds, foldCount) = try Self.folds(data, rows: rows, options: options, wanted: options.folds)
      let probe = ProbeData(
        rows.count == matrix.rows ? matrix : matrix.selecting(rows), labels: labels, classCount: classCount,
        folds: folds,
        weights: options.classWeights)
      let search = PenaltySearch(probe) { progress(WorkProgress("head", $0, $1)) }
      model = search.model
      logits = search.heldOutLogits
      heldOutLabels = labels
      penaltyPath = search.path
      epochs = []
      chosenPenalty = search.chosen
      self.foldCount = foldCount
      bestEpoch = nil
      solver = .lbfgs(inversePenalty: search.chosen, folds: foldCount)
    case .adam(let adam):
      guard !validation.isEmpty else {
        throw WorkflowError(
          .badData, "there are no validation images: raise --validation-fraction, or use the default --optimizer lbfgs")
      }
      let probe = AdamProbe(
        training: matrix.selecting(training), labels: training.map { data.labels[$0] },
        validation: matrix.selecting(validation), validationLabels: validation.map { data.labels[$0] },
        classCount: classCount, weights: options.classWeights, settings: adam
      ) { progress(WorkProgress("head", $0.number, adam.epochs)) }
      model = probe.model
      logits = probe.validationLogits
      heldOutLabels = validation.map { data.labels[$0] }
      penaltyPath = []
      epochs = probe.history
      chosenPenalty = nil
      foldCount = nil
      bestEpoch = probe.bestEpoch
      solver = .adam(AdamRecipe(adam), bestEpoch: probe.bestEpoch)
    }
    recipe = try Recipe(
      LinearRecipe(solver, classWeights: options.classWeights, split: SplitShares(options.split)))
    let temperature = TemperatureScaling(heldOut: logits, labels: heldOutLabels, classCount: classCount)
    self.temperature = temperature
    heldOutProbabilities = Softmax.probabilities(logits, classCount: classCount, temperature: temperature.temperature)
    uncalibratedProbabilities = Softmax.probabilities(logits, classCount: classCount)
    head = LinearHead.folded(
      weights: model.weights, bias: model.bias, mean: model.standardisation.mean, scale: model.standardisation.scale,
      temperature: temperature.temperature)
  }

  /// Fold of each row.
  package static func folds(
    _ data: ExtractedDataset, rows: [Int], options: TrainingOptions, wanted: Int
  ) throws -> (assignment: [Int], count: Int) {
    let labels = rows.map { data.labels[$0] }
    let hashes = data.hashes
    let count = try foldCount(wanted, labels)
    return (
      try Folds.stratified(
        labels: labels, groups: rows.map { data.samples[$0].unit }, keys: rows.map { hashes[$0] }, folds: count,
        seed: options.seed), count
    )
  }

  /// A head that was trained together with its backbone.
  /// - Parameter heldOutLogits: of networks that had not seen the rows, `[n, K]`.
  package init(
    head: LinearHead, temperature: TemperatureScaling, heldOutLogits: [Float], labels: [Int], classCount: Int,
    recipe: Recipe
  ) {
    self.head = head
    self.temperature = temperature
    heldOutProbabilities = Softmax.probabilities(
      heldOutLogits, classCount: classCount, temperature: temperature.temperature)
    uncalibratedProbabilities = Softmax.probabilities(heldOutLogits, classCount: classCount)
    heldOutLabels = labels
    self.recipe = recipe
    penaltyPath = []
    epochs = []
    chosenPenalty = nil
    foldCount = nil
    bestEpoch = nil
  }

  /// As many folds as asked, but no more than the smallest class has images: with fewer than two there is nothing to
  /// hold out.
  private static func foldCount(_ wanted: Int, _ labels: [Int]) throws -> Int {
    let smallest = Set(labels).map { label in labels.count { $0 == label } }.min() ?? 0
    guard smallest >= 2 else {
      throw WorkflowError(
        .badData, "a class has \(smallest) usable training image; at least two of each class are needed: add images")
    }
    return max(2, min(wanted, smallest))
  }

  /// Calibrated probabilities of rows that were not trained on, `[rows, K]`.
  package func probabilities(_ data: ExtractedDataset, rows: [Int]) -> [Double] {
    let logits = rows.flatMap { row in
      head.logits(data.features.values(of: row)).map { Float($0) }
    }
    return Softmax.probabilities(logits, classCount: head.classCount)
  }
}
