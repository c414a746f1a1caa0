import AssayGraph
import AssayTestSupport
import AssayTraining

/// ONNX files, up to where another library takes over.
enum GraphTargets {
  static let all = [
    FuzzTarget("onnx", longest: 8192, throwing: ModelError.self, TrainingError.self, seeds: try seeds()) { bytes in
      var model = try ONNXModel(bytes: bytes, source: "model.onnx")
      _ = (model.inputs, model.outputs, model.opset, model.metadata, model.hasExternalData)
      try ONNXInspection.check(model, source: "model.onnx")
      try model.checkFiniteWeights(source: "model.onnx")
      model = try model.upgraded(source: "model.onnx")
      let graph = model.proto.graph
      for tensor in graph.initializer { _ = model.constant(tensor.name) }
      let exposed = ImportedBackbone.exposing(ImportedBackbone.candidates(in: model).map(\.name), in: model)
      _ = try ONNXModel(bytes: try exposed.serialized(), source: "model.onnx")
      // Fine-tuning reads the graph itself.
      let inputs = model.inputs.map { ($0.name, [1, 3, 32, 32]) }
      _ = try GraphReader(
        model, inputs: Dictionary(inputs, uniquingKeysWith: { first, _ in first }), outputs: model.outputs.map(\.name),
        dropsOut: true)
    }
  ]

  @Sendable private static func seeds() throws -> [[UInt8]] {
    let bundles = BundleKind.allCases.compactMap { TinyBundle($0).files["model.onnx"] }
    return [try network()] + bundles.filter { $0.count <= 8192 }
  }

  /// A small network with what networks are made of, weights included.
  private static func network() throws -> [UInt8] {
    var builder = GraphBuilder(name: "small")
    let image = builder.input("image", shape: [3, 32, 32])
    let first = try builder.convolution(
      image, outputs: 4, window: .square(3, stride: 2, padding: 1), hasBias: true, weights: SeededWeights(),
      key: "first")
    let second = try builder.convolution(
      builder.relu(first, name: "stage1"), outputs: 4, window: .square(3, stride: 2, padding: 1), hasBias: false,
      weights: SeededWeights(), key: "second")
    let normed = try builder.batchNormalisation(second, epsilon: 1e-5, weights: SeededWeights(), key: "norm")
    builder.declareOutput(builder.relu(normed, name: "stage2"))
    return try builder.model().serialized()
  }
}
