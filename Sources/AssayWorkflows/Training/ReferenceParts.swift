import AssayModel
import AssayRuntime
import Foundation

/// What a trained classifier says of held-out parts, for its bundle's `reference.json`.
enum ReferenceParts {
  static func reference(
    _ data: ExtractedDataset, _ division: Division, _ trained: Trainer.Trained
  ) -> BundleReference {
    let head = trained.head
    let classes = data.dataset.classes.count
    let rows = head.heldOutLabels.indices
    func probability(_ row: Int, _ k: Int) -> Double { head.heldOutProbabilities[row * classes + k] }
    let scores = rows.map { row in
      1 - (data.goodIndex.map { probability(row, $0) } ?? (0..<classes).map { probability(row, $0) }.max() ?? 0)
    }
    let isDefect = data.goodIndex.map { good in rows.map { head.heldOutLabels[$0] != good } } ?? []
    return BundleReference(
      basis: division.heldOutBasis, scores: scores, isDefect: isDefect, features: features(data, division, trained))
  }

  /// Of images of the good class, or of all where none is good. A fine-tuned network's features are not those of the data
  /// set, and a graph of several tasks does not tell its features.
  private static func features(
    _ data: ExtractedDataset, _ division: Division, _ trained: Trainer.Trained
  ) -> BundleReference.Features? {
    guard trained.method.judgesFeatures, trained.tasks == nil else { return nil }
    let learned = division.heldOutRows
    let rows = learned.filter { data.goodIndex == nil || data.labels[$0] == data.goodIndex }
    return features(data.features, rows)
  }

  /// nil for too few rows to tell how they vary.
  private static func features(_ set: FeatureSet, _ rows: [Int]) -> BundleReference.Features? {
    guard rows.count >= 2 else { return nil }
    return BundleReference.Features(rows: rows, of: set.values, dimension: set.dimension)
  }

  /// Of a bundle that finds several classes: the largest probability of each part, and every class's own.
  static func reference(
    _ data: MultiLabelDataset, _ division: Division, _ heads: MultiLabelHeads
  ) -> BundleReference {
    let rows = division.heldOutRows
    let count = data.classes.count
    let probabilities = heads.heldOutProbabilities
    let isDefect = data.isDefect
    return BundleReference(
      basis: division.heldOutBasis,
      scores: rows.indices.map { row in (0..<count).map { probabilities[row * count + $0] }.max() ?? 0 },
      isDefect: rows.map { isDefect[$0] }, features: features(data.extracted.features, rows.filter { !isDefect[$0] }),
      labels: data.classes.indices.map { k in
        BundleReference.Label(
          name: data.classes[k], scores: rows.indices.map { probabilities[$0 * count + k] },
          isThere: rows.map { data.truth[$0 * count + k] })
      })
  }

  static func json(_ reference: BundleReference) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    return [UInt8](try encoder.encode(reference))
  }
}
