import AssayGraph
import Testing

/// A small graph with random weights and a random batch to run it on: what one operator is tested with.
struct GraphSketch: Sendable, CustomTestStringConvertible {
  let name: String
  let model: ONNXModel
  /// The batch, by the one input's name, `x`.
  let inputs: [String: ReferenceTensor]
  /// The name of the output.
  let output: String
  /// The initializers that training would change, in the graph's order.
  let parameters: [String]
  /// A mask for each Dropout node, as ``ReferenceNetwork`` takes them.
  let masks: [String: [Double]]

  /// - Parameters:
  ///   - input: shape of the batch `x`, `N` included; the graph leaves `N` open.
  ///   - range: of the values in the batch.
  ///   - draw: writes the graph from the name of the input to that of the output.
  init(
    _ name: String, input: [Int], in range: ClosedRange<Float> = -2...2, opset: Int = 17, seed: UInt64 = 1,
    draw: (_ pen: inout GraphPen, _ x: String) -> String
  ) {
    var pen = GraphPen(seed: seed)
    let output = draw(&pen, "x")
    var random = SketchRandom(seed: seed ^ 0x5EED)
    let batch = ReferenceTensor(shape: input, values: random.values(input.reduce(1, *), in: range).map(Double.init))
    self.init(
      name, graph: pen.graph, opset: opset, batch: batch, output: output, parameters: pen.parameters, masks: pen.masks)
  }

  private init(
    _ name: String, graph drawn: Assay_Onnx_Graph, opset: Int, batch: ReferenceTensor, output: String,
    parameters: [String], masks: [String: [Double]]
  ) {
    var graph = drawn
    graph.name = name
    graph.input = [Self.port("x", batch.shape)]
    var model = Assay_Onnx_Model()
    // The oldest file format that allows the operator set.
    model.irVersion = opset > 18 ? 9 : 8
    var operators = Assay_Onnx_OperatorSet()
    operators.domain = ""
    operators.version = Int64(opset)
    model.opsetImport = [operators]
    model.graph = graph
    let reference = ReferenceNetwork(ONNXModel(proto: model))
    do {
      guard let result = try reference.run(["x": batch])[output] else { preconditionFailure("\(name) has no output") }
      model.graph.output = [Self.port(output, result.shape)]
    } catch {
      preconditionFailure("\(name) cannot be run: \(error)")
    }
    self.name = name
    self.model = ONNXModel(proto: model)
    inputs = ["x": batch]
    self.output = output
    self.parameters = parameters
    self.masks = masks
  }

  private static func port(_ name: String, _ shape: [Int]) -> Assay_Onnx_ValueInfo {
    var info = Assay_Onnx_ValueInfo()
    info.name = name
    info.type.tensorType.elemType = 1
    info.type.tensorType.shape.dim = shape.enumerated().map { axis, extent in
      var dimension = Assay_Onnx_Dimension()
      if axis == 0 { dimension.dimParam = "N" } else { dimension.dimValue = Int64(extent) }
      return dimension
    }
    return info
  }

  var testDescription: String { name }

  var reference: ReferenceNetwork { ReferenceNetwork(model) }

  /// The batch by itself.
  var batch: ReferenceTensor { inputs["x"] ?? ReferenceTensor(shape: [0], values: []) }

  /// The output's values by definition.
  func forward(isTraining: Bool = false) throws -> ReferenceTensor {
    let values = try reference.run(inputs, isTraining: isTraining, masks: isTraining ? masks : [:])
    guard let result = values[output] else { throw ReferenceError(value: output, cause: "there is no such value") }
    return result
  }

  /// Random coefficients c of a loss sum(c * output), exact in single precision.
  func coefficients(seed: UInt64 = 2) throws -> [Double] {
    var random = SketchRandom(seed: seed)
    return random.values(try forward().values.count).map(Double.init)
  }

  /// d/dP of sum(c * output) for ``coefficients(seed:)``; see
  /// ``ReferenceNetwork/gradient(of:coefficients:withRespectTo:at:parameters:isTraining:masks:elements:step:)``.
  /// - Parameter parameter: an initializer, a node's output or the input `x`.
  func gradient(withRespectTo parameter: String, isTraining: Bool = false, elements: [Int]? = nil) throws -> [Double] {
    try reference.gradient(
      of: output, coefficients: try coefficients(), withRespectTo: parameter, at: inputs, isTraining: isTraining,
      masks: isTraining ? masks : [:], elements: elements)
  }

  /// The same graph behind a layer that mixes the channels (a 1x1 convolution of images, else a matrix product over the
  /// last axis) and is close to the identity: its weights' gradient shows what the graph passes back.
  func behindLinearLayer() -> GraphSketch {
    var pen = GraphPen(seed: 3, prefix: "stem.")
    let isImage = batch.rank == 4
    let width = isImage ? batch.shape[1] : batch.shape[batch.rank - 1]
    var random = SketchRandom(seed: 4)
    var weights = random.values(width * width, in: -0.1...0.1)
    for channel in 0..<width { weights[channel * width + channel] += 1 }
    let weight = pen.constant("weight", weights, shape: [width, width] + (isImage ? [1, 1] : []))
    let bias = pen.fixed("bias", [width], in: 0...0.1)
    let stem =
      isImage
      ? pen.node("Conv", ["x", weight, bias]) : pen.node("Add", [pen.node("MatMul", ["x", weight]), bias])
    var graph = pen.graph
    graph.initializer += model.proto.graph.initializer
    graph.node += model.proto.graph.node.map { node in
      var node = node
      node.input = node.input.map { $0 == "x" ? stem : $0 }
      return node
    }
    return GraphSketch(
      name + " behind a linear layer", graph: graph, opset: model.opset, batch: batch, output: output,
      parameters: [weight, bias] + parameters, masks: masks)
  }
}
