import AssayGraph
import Testing

/// What the newer set cannot say is refused by the operator and its set, and never read as something else.
@Suite struct OperatorSetRefusalTests {
  @Test(arguments: [1, 6, 22, 30]) func versions(opset: Int) throws {
    let error = #expect(throws: ModelError.self) {
      try SmallGraph(opset, [1, 4], "Relu").model.upgraded(source: "net.onnx")
    }
    #expect(error?.description.hasPrefix("net.onnx: its operator set is \(opset), and 7 to 21 are read;") == true)
    #expect(error?.remedy.contains("operator set 17") == true)
  }

  @Test func noVersion() throws {
    var graph = SmallGraph(17, [1, 4], "Relu")
    graph.proto.opsetImport = []
    #expect(throws: ModelError.self) { try graph.model.upgraded(source: "") }
    // Another domain's version says nothing about the standard operators.
    graph.proto.opsetImport = [.init()]
    graph.proto.opsetImport[0].domain = "com.example"
    graph.proto.opsetImport[0].version = 17
    #expect(throws: ModelError.self) { try graph.model.upgraded(source: "") }
    graph.proto.opsetImport[0].domain = "ai.onnx"
    #expect(try graph.model.upgraded(source: "").opset == 17)
  }

  private static let refused: [(SmallGraph, String)] = {
    let image = [1, 3, 4, 4]
    let statistics: [String: [Float]] = ["s": [1, 1, 1], "b": [0, 0, 0], "m": [0, 0, 0], "v": [1, 1, 1]]
    let inputs = ["x", "s", "b", "m", "v"]
    func resize(
      _ opset: Int, _ attributes: [String: SmallGraph.Attribute], scales: [Float] = [1, 1, 2, 2]
    ) -> SmallGraph {
      SmallGraph(
        opset, image, "Resize", opset == 10 ? ["x", "s"] : ["x", "", "s"], with: attributes, floats: ["s": scales])
    }
    var computedAxes = SmallGraph(18, image)
    computedAxes.node("Shape", ["x"], ["a"])
    computedAxes.node("ReduceMean", ["x", "a"], ["y"])
    return [
      (SmallGraph(8, image, "BatchNormalization", inputs, with: ["spatial": .int(0)], floats: statistics), "spatial"),
      (SmallGraph(9, image, "BatchNormalization", inputs, outputs: ["y", "mean"], floats: statistics), "training"),
      (
        SmallGraph(15, image, "BatchNormalization", inputs, with: ["training_mode": .int(1)], floats: statistics),
        "training"
      ),
      (SmallGraph(13, image, "Dropout", ["x", "", "t"], integers: ["t": [1]]), "training mode"),
      (resize(10, ["mode": .text("nearest")], scales: [1, 1, 0.5, 2]), "scales of both kinds"),
      (resize(11, ["coordinate_transformation_mode": .text("tf_half_pixel_for_nn")]), "tf_half_pixel_for_nn"),
      (resize(19, ["coordinate_transformation_mode": .text("half_pixel_symmetric")]), "half_pixel_symmetric"),
      (resize(18, ["antialias": .int(1)]), "antialias"),
      (resize(18, ["keep_aspect_ratio_policy": .text("not_larger")]), "not_larger"),
      (SmallGraph(19, image, "Pad", ["x", "p"], with: ["mode": .text("wrap")], integers: ["p": [0, 0]]), "wrap"),
      (
        SmallGraph(19, image, "AveragePool", with: ["kernel_shape": .ints([2, 2]), "dilations": .ints([2, 2])]),
        "dilations"
      ),
      (SmallGraph(19, image, "Cast", with: ["to": .int(17)]), "the element type 17"),
      (
        SmallGraph(21, image, "DequantizeLinear", ["x", "s"], with: ["block_size": .int(2)], floats: ["s": [1]]),
        "block_size"
      ),
      (
        SmallGraph(
          18, image, "ScatterND", ["x", "i", "u"], with: ["reduction": .text("max")], floats: ["u": [1]],
          integers: ["i": [0]]), "the reduction max"
      ),
      (SmallGraph(18, image, "ReduceL1", with: ["noop_with_empty_axes": .int(1)]), "noop_with_empty_axes"),
      (
        SmallGraph(
          11, image, "AveragePool",
          with: [
            "kernel_shape": .ints([3, 3]), "pads": .ints([1, 1, 1, 1]), "ceil_mode": .int(1),
            "count_include_pad": .int(1),
          ]), "count_include_pad"
      ),
      (computedAxes, "axes that are not constants"),
      (
        SmallGraph(8, image, "ConvTranspose", ["x", "w"], with: ["auto_pad": .text("SAME_UPPER")], floats: ["w": [1]]),
        "padding"
      ),
    ]
  }()

  @Test(arguments: refused.indices) func byName(_ index: Int) throws {
    let (graph, reason) = Self.refused[index]
    let node = try #require(graph.proto.graph.node.last)
    let error = #expect(throws: ModelError.self) { try graph.model.upgraded(source: "net.onnx") }
    let text = error?.description ?? ""
    #expect(
      text.hasPrefix("net.onnx: \(node.opType) of operator set \(graph.model.opset), the node y, has "), "\(text)")
    #expect(text.contains(reason) && text.contains("export"), "\(text)")
  }

  /// Names that the graph has are not given again, and values keep theirs.
  @Test func names() throws {
    var graph = SmallGraph(7, [1, 4], "Clip", with: ["min": .float(0)])
    graph.constant("y.min", [5])
    let upgraded = try graph.model.upgraded(source: "").proto.graph
    #expect(upgraded.node[0].input == ["x", "y.min.2"] && upgraded.node[0].output == ["y"])
    #expect(upgraded.initializer.map(\.name) == ["y.min", "y.min.2"])
  }

  @Test func theNewestSetStaysAsItIs() throws {
    let graph = SmallGraph(17, [1, 4], "Softmax", with: ["axis": .int(1)])
    #expect(try graph.model.upgraded(source: "").proto == graph.proto)
  }
}
