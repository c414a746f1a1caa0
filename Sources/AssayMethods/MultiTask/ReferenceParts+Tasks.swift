package import AssayBase
package import AssayBundle
import AssayData
package import AssayRuntime

extension ReferenceParts {
  /// Of a bundle that states values: there is no score, only features and brightness.
  package static func encoded(
    _ data: MultiTaskDataset, _ division: TrainingSplit, _ method: TrainingMethod, _ network: Network,
    maximumPixels: Int,
    progress: @escaping ProgressHandler
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
}
