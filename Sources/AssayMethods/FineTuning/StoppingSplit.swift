import AssayData
import AssayImage
package import AssayLearning
import AssayMetrics
import AssayRuntime
import AssayTraining
import Foundation

/// Some of the training images are held back to decide when to stop.
package struct StoppingSplit {
  package let training: [Int]
  package let validation: [Int]

  /// Fewest images of each class for which holding some back is worth it.
  package static let fewest = 8

  package init(_ data: ExtractedDataset, rows: [Int], _ options: FineTuneOptions) throws {
    let labels = rows.map { data.labels[$0] }
    let smallest = Set(labels).map { label in labels.count { $0 == label } }.min() ?? 0
    try self.init(
      labels: labels, groups: rows.map { data.samples[$0].unit }, hashes: data.hashes, rows: rows,
      isWorthwhile: smallest >= Self.fewest, options)
  }

  /// - Parameters:
  ///   - labels, groups: of each of the rows: what is stratified by, and what belongs together.
  ///   - hashes: of all rows of the data set.
  package init(
    labels: [Int], groups: [String?], hashes: [String], rows: [Int], isWorthwhile: Bool, _ options: FineTuneOptions
  ) throws {
    guard options.stoppingShare > 0, isWorthwhile else {
      (training, validation) = (rows, [])
      return
    }
    let parts = try Folds.stratified(
      labels: labels, groups: groups, keys: rows.map { hashes[$0] },
      folds: max(2, Int(clamping: (1 / options.stoppingShare).rounded())), seed: options.base.seed &+ 1)
    training = rows.indices.filter { parts[$0] != 0 }.map { rows[$0] }
    validation = rows.indices.filter { parts[$0] == 0 }.map { rows[$0] }
  }

  /// The probe's solution on the training rows alone.
  package func probe(_ data: ExtractedDataset, penalty: Double, _ options: TrainingOptions) -> LinearModel {
    let matrix = FeatureMatrix(rows: data.labels.count, columns: data.features.dimension, values: data.features.values)
    let own = ProbeData(
      matrix.selecting(training), labels: training.map { data.labels[$0] }, classCount: data.dataset.classes.count,
      folds: [Int](repeating: 0, count: training.count), weights: options.classWeights)
    let solutions = LogisticRegression.fit(own, [.init(excludedFolds: [], inversePenalty: penalty)])
    return solutions[0].model
  }
}
