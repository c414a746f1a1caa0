import AssayModel
import AssayRuntime

/// Reads the graph's output `segmentation`: what is marked of a class, and how surely.
struct SegmentationReader: Sendable {
  private let places: [String: Int]
  private let thresholds: [Double]
  private let mapScale: Float

  /// - Returns: nil for a bundle that marks no pixels.
  init?(_ manifest: Manifest) {
    guard let segmentation = manifest.segmentation else { return nil }
    places = Dictionary(
      (segmentation.classes ?? manifest.classes).enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    thresholds = segmentation.thresholds
    mapScale = Float(manifest.network.mapScale)
  }

  private func map(_ name: String, _ request: InferenceRequest) -> (map: SegmentationMap, threshold: Double)? {
    guard let k = places[name], k < thresholds.count, let map = SegmentationMap(request, class: k) else { return nil }
    return (map, thresholds[k])
  }

  /// Share of positions that are marked as the class, 0...1; nil when its pixels are not known to the bundle.
  func area(of name: String, _ request: InferenceRequest) -> Double? {
    map(name, request).map { map, threshold in
      Double(map.values.count { Double($0) >= threshold }) / Double(max(1, map.values.count))
    }
  }

  /// 0 at the threshold, the hottest colour at certainty.
  func evidence(of name: String, _ request: InferenceRequest) -> EvidenceMap? {
    map(name, request).map { map, threshold in
      let limit = Float(threshold)
      return EvidenceMap(
        values: map.values.map { ($0 - limit) / max(1 - limit, 1e-3) * mapScale }, rows: map.rows, columns: map.columns)
    }
  }
}
