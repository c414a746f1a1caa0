import AssayGraph

/// A convolutional network of five stages with 8 channels each, its weights made by ``SeededWeights``: trained inspectors on
/// it have some 20 kB and are made in seconds.
package enum TinyBackbone {
  /// Name under which it is imported.
  package static let name = "tiny"
  /// Side of its input in pixels.
  package static let side = 64

  /// `image` `[N, 3, 64, 64]` to the last stage; for `assay backbones import`.
  package static func onnx() throws -> [UInt8] {
    var builder = GraphBuilder(name: name)
    var x = builder.input("image", shape: [3, side, side])
    for stage in 1...5 {
      let sum = try builder.convolution(
        x, outputs: 8, window: .square(3, stride: 2, padding: 1), hasBias: true, weights: SeededWeights(),
        key: "stage\(stage).convolution")
      x = builder.relu(sum, name: "stage\(stage)")
    }
    builder.declareOutput(x)
    return try builder.model().serialized()
  }
}
