package import AssayBundle
package import AssayData
package import AssayImage

/// What is known of an inspector beside how it was tested: what the advice of ``LineFitness`` goes by.
package struct FitnessContext: Sendable {
  /// nil where a recipe is tested and no bundle.
  package var method: TrainingMethod?
  /// Parts of each class that was learned from.
  package var learned: [String: Int] = [:]
  /// The class that passes.
  package var goodClass: String?
  /// Side of the network's input in pixels.
  package var inputSide: Int
  /// The middle one of the photographs' longer sides in pixels; nil where it is not known.
  package var photographSide: Int?
  /// Photographs are looked at in pieces, at their own resolution.
  package var isTiled = false

  /// Bad parts learned from, of all classes.
  package var learnedDefects: Int { learned.filter { $0.key != goodClass }.reduce(0) { $0 + $1.value } }

  package init(method: TrainingMethod?, inputSide: Int) {
    self.method = method
    self.inputSide = inputSide
  }

  /// - Parameter paths: photographs that it was trained or tested on.
  package init(_ manifest: Manifest, photographs paths: [String]) {
    method = manifest.training.method
    learned = manifest.training.counts
    goodClass = manifest.goodClass
    inputSide = max(manifest.preprocessing.width, manifest.preprocessing.height)
    isTiled = manifest.kind.spec.tiling != nil
    photographSide = Self.side(paths)
  }

  /// Of a recipe that is cross-validated.
  package init(_ samples: [Sample], _ preprocessing: Preprocessing, method: TrainingMethod, goodClass: String?) {
    self.init(method: method, inputSide: max(preprocessing.width, preprocessing.height))
    learned = Dictionary(samples.compactMap(\.label).map { ($0, 1) }, uniquingKeysWith: +)
    self.goodClass = goodClass
    photographSide = Self.side(samples.map(\.path))
  }

  /// Photographs whose headers are read.
  private static let sampled = 31

  /// Of some of them, from their headers alone.
  package static func side(_ paths: [String]) -> Int? {
    guard !paths.isEmpty else { return nil }
    let step = max(1, paths.count / sampled)
    let sides = stride(from: 0, to: paths.count, by: step).compactMap { index -> Int? in
      do throws(ImageError) {
        let header = try ImageFile.header(path: paths[index])
        return max(header.width, header.height)
      } catch {
        // It has been said where it was to be learned from or to be tested.
        return nil
      }
    }.sorted()
    return sides.isEmpty ? nil : sides[sides.count / 2]
  }
}
