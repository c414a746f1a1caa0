public import AssayBundle

extension AnomalyRecipe {
  /// Schema 1 did not write the coreset's share, whether images were left out, how many were drawn, nor the shares of the
  /// split; images that were turned and mirrored it did.
  public init(solver words: SolverWords) throws(ManifestFault) {
    let detector: Detector
    // The words of schema 1, which no later detector was written with.
    switch try words.text("detector") {
    case "patchcore":
      let rows = try words.required("memory rows", words.read("memory rows") { Self.share($0, of: " patches") })
      detector = .patchCore(memoryRows: rows.part, patches: rows.whole, coreset: nil)
    case "padim":
      let features = try words.required(
        "features of a patch", words.read("features of a patch") { Self.share($0) })
      detector = .paDiM(features: features.part, available: features.whole)
    case "subspace":
      let components = try words.required("components", words.read("components") { Self.share($0) })
      let explained = try words.required("variance explained", words.read("variance explained", Self.percent))
      detector = .subspace(components: components.part, available: components.whole, explained: explained)
    default: throw words.notUnderstood("detector")
    }
    let isTurned = try words.read("augmentation") { $0 == "turned and mirrored, 8 views" ? true : nil }
    self.init(detector, isTurned: isTurned ?? false, isTrimmed: false, shots: nil, split: SplitShares())
  }

  /// Of `26 of 256 patches`.
  private static func share(_ text: String, of unit: String = "") -> (part: Int, whole: Int)? {
    guard text.hasSuffix(unit), let between = text.firstRange(of: " of "),
      let part = Int(text[..<between.lowerBound]),
      let whole = Int(text[between.upperBound...].dropLast(unit.count))
    else { return nil }
    return (part, whole)
  }

  /// Of `95.12 %`, as a share.
  private static func percent(_ text: String) -> Double? {
    text.hasSuffix(" %") ? Double(text.dropLast(2)).map { $0 / 100 } : nil
  }
}
