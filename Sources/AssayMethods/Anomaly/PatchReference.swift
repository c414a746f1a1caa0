import AssayBase
package import AssayBundle
package import AssayData
import AssayGraph
package import AssayInspection
package import AssayRuntime

/// What good parts look like to an anomaly detector as a whole, for its bundle's `reference.json`: the mean of each image's
/// patches, as the graph's output `features` gives it. A defect is small and changes it little, a darker lamp changes it all.
package struct PatchReference {
  package let store: PatchStore
  /// In the order of the store's images.
  package let samples: [Sample]
  package let view: AnomalyView

  /// The scores of held-out parts are in the manifest.
  /// - Parameters:
  ///   - learned: good images of the store.
  ///   - others: images that are not good.
  package func reference(learned: [Int], others: [Int]) -> BundleReference {
    var reference = BundleReference(basis: "held-out parts", scores: [], isDefect: [], features: nil)
    guard view.input.tiling == nil else {
      reference.whyNoFeatures =
        "it looks at photographs in tiles, which differ too much by place for one mean; its score is compared"
      return reference
    }
    let images = learned + others
    let channels = store.grid.channels
    let set = FeatureSet(
      values: FeatureValues(images.flatMap(mean)), dimension: channels, rows: Array(images.indices),
      hashes: images.compactMap { store.hashes[$0] }, failures: [], cachedCount: 0, computedCount: 0, cacheWarning: nil)
    reference.add(
      FrozenReference(set, units: images.map { samples[$0].unit }).features(
        Array(images.indices), isGood: { $0 < learned.count }))
    return reference
  }

  /// `[D]`: of the patches that count.
  private func mean(_ image: Int) -> [Float] {
    let grid = store.grid
    guard let item = store.items(of: image).first(where: { store.items[$0].symmetry == .identity }) else { return [] }
    let inside = view.graphRegion ?? [Float](repeating: 1, count: grid.positions)
    let weight = Double(max(inside.reduce(0, +), 1e-12))
    return withUnsafeTemporaryAllocation(of: Float.self, capacity: grid.count) { patches in
      store.read(item, into: patches)
      return (0..<grid.channels).map { channel in
        var sum = 0.0
        for position in 0..<grid.positions {
          sum += Double(patches[channel * grid.positions + position]) * Double(inside[position])
        }
        return Float(sum / weight)
      }
    }
  }
}
