import AssayBackbones
import AssayBundle
import AssayGraph

/// A graph to be timed.
struct BenchmarkSubject {
  let name: String
  let onnx: [UInt8]
  /// `[1, 3, H, W]`
  let shape: [Int]
  /// nil for a backbone's features.
  let bundle: String?

  /// - Parameter subject: a bundle's path or a backbone's name.
  init(_ subject: String) throws {
    name = subject
    if BackboneCatalogue.entries.contains(where: { $0.name == subject }) {
      let backbone = try BackboneCatalogue.load(subject)
      let size = backbone.inputSize
      onnx = try FeatureGraph.build(
        backbone, FeatureSpecification(taps: backbone.defaultTaps, width: size, height: size)
      ).serialized()
      shape = [1, 3, size, size]
      bundle = nil
    } else {
      let bundle = try ModelBundle(path: subject)
      onnx = try bundle.contents(ModelBundle.modelName)
      shape = [1, 3, bundle.manifest.preprocessing.height, bundle.manifest.preprocessing.width]
      self.bundle = subject
    }
  }
}
