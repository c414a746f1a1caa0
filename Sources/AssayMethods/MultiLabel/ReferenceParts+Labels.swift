package import AssayBase
package import AssayBundle
import AssayData
import AssayRuntime

extension ReferenceParts {
  /// Of a bundle that finds several classes: the largest probability of each part, and every class's own.
  package static func labels(
    _ data: MultiLabelDataset, _ division: TrainingSplit, _ heads: MultiLabelHeads, maximumPixels: Int,
    progress: @escaping ProgressHandler
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
}
