import AssayBundle

/// Reads the graph's output `segmentation`: what is marked of a class, and how surely.
struct PixelMarkReader: Sendable {
  static let output = "segmentation"

  private let places: [String: Int]
  private let thresholds: [Double]
  private let mapScale: Float

  /// - Returns: nil for a bundle that marks no pixels.
  /// - Throws: when the graph does not mark what the manifest says.
  init?(_ manifest: Manifest, _ outputs: GraphOutputs) throws(ManifestFault) {
    guard let marks = manifest.kind.spec.pixelMarks else { return nil }
    let names = marks.classes ?? manifest.classes
    try outputs.require(Self.output, [1, names.count, nil, nil])
    places = Dictionary(names.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    thresholds = marks.thresholds
    mapScale = Float(manifest.network.mapScale)
  }

  /// - Returns: nil for a class whose pixels are not known to the bundle.
  func marks(of found: String, _ outputs: some NetworkOutputs, name: String) throws -> ClassMarks? {
    guard let k = places[found], let map = try SegmentationMap(outputs, class: k, name: name) else { return nil }
    return ClassMarks(map: map, threshold: thresholds[k], mapScale: mapScale)
  }
}

/// What is marked as one class on one image.
struct ClassMarks {
  let map: SegmentationMap
  let threshold: Double
  let mapScale: Float

  /// Share of positions that are marked, 0...1.
  var area: Double { Double(map.values.count { Double($0) >= threshold }) / Double(max(1, map.values.count)) }

  /// 0 at the threshold, the hottest colour at certainty.
  var evidence: EvidenceMap {
    let limit = Float(threshold)
    return EvidenceMap(
      values: map.values.map { ($0 - limit) / max(1 - limit, 1e-3) * mapScale }, rows: map.rows, columns: map.columns)
  }
}
