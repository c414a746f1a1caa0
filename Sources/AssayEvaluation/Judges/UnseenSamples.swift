package import AssayBundle
package import AssayData
import AssayImage

/// The images of a data set that a bundle does not know: figures and thresholds from others would flatter it.
package struct UnseenSamples {
  package let samples: [Sample]
  /// How many were left out.
  package let refused: Int

  /// - Parameter takesAll: leave none out.
  package init(_ candidates: [Sample], for manifest: Manifest, takesAll: Bool = false) {
    let known = Set(manifest.training.images)
    samples =
      takesAll
      ? candidates
      : candidates.filter { sample in
        // What cannot be read is reported later, by whoever reads it.
        guard let bytes = try? ImageFile.contents(path: sample.path, maximumPixels: .max) else { return true }
        return !known.contains(ContentHash.of(bytes))
      }
    refused = candidates.count - samples.count
  }
}
