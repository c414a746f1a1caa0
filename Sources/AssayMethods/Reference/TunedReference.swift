import AssayBundle
package import AssayImage
package import AssayRuntime

/// Of a network that has learned from the images: distances are those of the test set, which it has not seen.
package struct TunedReference {
  package let network: Network
  package let preprocessing: Preprocessing
  package let maximumPixels: Int
  package let picture: (Int) -> KnownPicture

  /// A ruler needs no more: each image is a run of the network.
  private static let mostRuled = 400

  package func features(learned: [Int], tested: [Int], isGood: (Int) -> Bool) throws -> ReferenceFeatures {
    guard tested.contains(where: isGood) else {
      return .failure(
        NoReference(
          reason:
            "its network has learned from every good image, so that no distance from them is one of a new part; train it "
            + "again with a test set (--test-fraction)"))
    }
    guard learned.count >= 2 else { return .failure(.few(learned.count)) }
    let step = (learned.count + Self.mostRuled - 1) / Self.mostRuled
    let ruled = stride(from: 0, to: learned.count, by: step).map { learned[$0] }
    return .success(
      BundleReference.Features(
        ruled: try read(ruled), heldOut: try read(tested), isGood: tested.map(isGood), basis: "held-out test"))
  }

  private func read(_ rows: [Int]) throws -> [[Float]] {
    let request = try network.makeRequest()
    let resampler = Resampler()
    return try rows.map { row in
      let image = try picture(row).read(preprocessing.decodingOptions(maximumPixels: maximumPixels))
      request.withInput { preprocessing.apply(to: image, into: $0, using: resampler) }
      try request.run()
      return try request.withOutput("features") { Array($0) }
    }
  }
}
