package import AssayBase
package import AssayBundle
import AssayData
package import AssayRuntime
import Foundation

/// What a trained classifier says of held-out parts, for its bundle's `reference.json`.
package enum ReferenceParts {
  /// Without features, which ``addFeatures(to:_:_:_:_:maximumPixels:)`` adds once there is a graph.
  package static func reference(
    _ data: ExtractedDataset, _ division: TrainingSplit, _ head: FittedHead
  ) -> BundleReference {
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
  package static func addFeatures(
    to reference: inout BundleReference, _ data: ExtractedDataset, _ division: TrainingSplit, _ method: TrainingMethod,
    _ network: Network, maximumPixels: Int, progress: @escaping ProgressHandler
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

  package static func json(_ reference: BundleReference) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    return [UInt8](try encoder.encode(reference))
  }
}
