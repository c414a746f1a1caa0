import AssayData
import AssayModel
import AssayRuntime
import Foundation

/// What a trained classifier says of held-out parts, for its bundle's `reference.json`.
enum ReferenceParts {
  /// Without features, which ``addFeatures(to:_:_:_:_:maximumPixels:)`` adds once there is a graph.
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
    return BundleReference(basis: division.heldOutBasis, scores: scores, isDefect: isDefect, features: nil)
  }

  /// Of images of the good class, or of all where none is good.
  /// - Parameter network: the bundle's graph; a fine-tuned one is asked for features.
  static func addFeatures(
    to reference: inout BundleReference, _ data: ExtractedDataset, _ division: Division, _ method: TrainingMethod,
    _ network: Network, maximumPixels: Int, progress: ProgressHandler
  ) throws {
    let isGood = { (row: Int) in data.goodIndex == nil || data.labels[row] == data.goodIndex }
    let learned = (division.training + division.validation).sorted()
    reference.brightness = BrightnessReference.measure(
      data.pictures(learned.filter(isGood)), data.preprocessing, maximumPixels: maximumPixels, progress: progress)
    if method.keepsBackbone {
      reference.add(
        FrozenReference(data.features, units: data.samples.map(\.unit)).features(learned, isGood: isGood))
    } else {
      reference.add(
        try TunedReference(
          network: network, preprocessing: data.preprocessing, maximumPixels: maximumPixels, picture: data.picture
        ).features(learned: learned.filter(isGood), tested: division.test, isGood: isGood))
    }
  }

  /// Of a bundle that finds several classes: the largest probability of each part, and every class's own.
  static func reference(
    _ data: MultiLabelDataset, _ division: Division, _ heads: MultiLabelHeads, maximumPixels: Int,
    progress: ProgressHandler
  ) -> BundleReference {
    let rows = division.heldOutRows
    let count = data.classes.count
    let probabilities = heads.heldOutProbabilities
    let isDefect = data.isDefect
    var reference = BundleReference(
      basis: division.heldOutBasis,
      scores: rows.indices.map { row in (0..<count).map { probabilities[row * count + $0] }.max() ?? 0 },
      isDefect: rows.map { isDefect[$0] }, features: nil,
      labels: data.classes.indices.map { k in
        BundleReference.Label(
          name: data.classes[k], scores: rows.indices.map { probabilities[$0 * count + k] },
          isThere: rows.map { data.truth[$0 * count + k] })
      })
    let extracted = data.extracted
    let learned = (division.training + division.validation).sorted()
    reference.brightness = BrightnessReference.measure(
      learned.filter { !isDefect[$0] }.map(extracted.picture), extracted.preprocessing, maximumPixels: maximumPixels,
      progress: progress)
    reference.add(
      FrozenReference(extracted.features, units: extracted.samples.map(\.unit)).features(
        learned, isGood: { !isDefect[$0] }))
    return reference
  }

  /// Of a bundle that states values: there is no score, only features and brightness.
  static func encoded(
    _ data: MultiTaskDataset, _ division: Division, _ method: TrainingMethod, _ network: Network, maximumPixels: Int,
    progress: ProgressHandler
  ) throws -> [UInt8] {
    let extracted = data.extracted
    var reference = BundleReference(basis: division.heldOutBasis, scores: [], isDefect: [], features: nil)
    let learned = (division.training + division.validation).sorted()
    reference.brightness = BrightnessReference.measure(
      learned.map(extracted.picture), extracted.preprocessing, maximumPixels: maximumPixels, progress: progress)
    if method.keepsBackbone {
      reference.add(
        FrozenReference(extracted.features, units: extracted.samples.map(\.unit)).features(
          learned, isGood: { _ in true }))
    } else {
      reference.add(
        try TunedReference(
          network: network, preprocessing: extracted.preprocessing, maximumPixels: maximumPixels,
          picture: extracted.picture
        ).features(learned: learned, tested: division.test, isGood: { _ in true }))
    }
    return try json(reference)
  }

  static func json(_ reference: BundleReference) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    return [UInt8](try encoder.encode(reference))
  }
}
