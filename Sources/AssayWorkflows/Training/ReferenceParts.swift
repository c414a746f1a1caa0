import AssayModel
import Foundation

/// What a trained classifier says of held-out parts, for its bundle's `reference.json`.
enum ReferenceParts {
  static func encoded(_ data: ExtractedDataset, _ division: Division, _ trained: Trainer.Trained) throws -> [UInt8] {
    let head = trained.head
    let classes = data.dataset.classes.count
    let rows = head.heldOutLabels.indices
    func probability(_ row: Int, _ k: Int) -> Double { head.heldOutProbabilities[row * classes + k] }
    let scores = rows.map { row in
      1 - (data.goodIndex.map { probability(row, $0) } ?? (0..<classes).map { probability(row, $0) }.max() ?? 0)
    }
    let isDefect = data.goodIndex.map { good in rows.map { head.heldOutLabels[$0] != good } } ?? []
    let reference = BundleReference(
      basis: division.heldOutBasis, scores: scores, isDefect: isDefect, features: features(data, division, trained))
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    return [UInt8](try encoder.encode(reference))
  }

  /// Of images of the good class, or of all where none is good. A fine-tuned network's features are not those of the data
  /// set, and a graph of several tasks does not tell its features.
  private static func features(
    _ data: ExtractedDataset, _ division: Division, _ trained: Trainer.Trained
  ) -> BundleReference.Features? {
    guard ["linear", FewShotTrainer.method].contains(trained.method), trained.tasks == nil else { return nil }
    let dimension = data.features.dimension
    let learned = division.heldOutRows
    let rows = learned.filter { data.goodIndex == nil || data.labels[$0] == data.goodIndex }
    guard rows.count >= 2 else { return nil }
    return BundleReference.Features(
      rows.flatMap { data.features.values[$0 * dimension..<($0 + 1) * dimension] }, dimension: dimension)
  }
}
