import AssayWeights
import SwiftProtobuf

/// What is checked of a foreign ONNX file before anything is computed or memory is taken for it.
///
/// Refused are operators outside the standard set and those that hold graphs, values that are used before they are computed
/// (cycles among them) or never, names given twice, and constants whose data is not what their shape says.
public enum ONNXInspection {
  /// Nodes that compute something; the largest published networks have a third of them. What OpenVINO needs to compile a
  /// graph grows with the square of their number.
  package static let mostNodes = 6000
  /// Constants among the nodes, as some exporters write each number.
  package static let mostConstants = 50_000
  /// Operators one behind another that work on each element by itself: OpenVINO tries to join them all.
  package static let longestRun = 200
  /// Elements of one constant: 4 GiB of floats.
  private static let largestConstant = 1 << 30

  /// - Parameter source: the file, for messages.
  public static func check(_ model: ONNXModel, source: String) throws(ModelError) {
    let graph = model.proto.graph
    func refused(_ cause: String) -> ModelError {
      ModelError(file: source, cause: cause, remedy: "export the network again, or do not use this file")
    }
    let constantNodes = graph.node.count { $0.opType == "Constant" }
    guard graph.node.count - constantNodes <= mostNodes else {
      throw refused("it has \(graph.node.count - constantNodes) nodes, more than \(mostNodes)")
    }
    guard constantNodes <= mostConstants else {
      throw refused("it has \(constantNodes) nodes that are constants, more than \(mostConstants)")
    }
    var runs: [String: Int] = [:]
    var known: Set<String> = [""]
    func define(_ name: String) throws(ModelError) {
      guard !name.isEmpty, known.insert(name).inserted else {
        throw refused("two of its values are called \(name.readable())")
      }
    }
    let constants = Set(graph.initializer.map(\.name))
    for port in graph.input where !constants.contains(port.name) { try define(port.name) }
    for tensor in graph.initializer {
      try define(tensor.name)
      try check(tensor, tensor.name, refused)
    }
    let made = Set(graph.node.flatMap(\.output))
    for node in graph.node {
      let label = (node.name.isEmpty ? node.output.first ?? "" : node.name).readable()
      guard node.domain.isEmpty || node.domain == "ai.onnx", operators.contains(node.opType) else {
        let domain = node.domain.isEmpty ? "" : "\(node.domain.readable(40))."
        throw refused("the node \(label) is of the operator \(domain)\(node.opType.readable(40)), which is not known")
      }
      guard node.opType == "Constant" || node.input.first?.isEmpty == false,
        node.output.contains(where: { !$0.isEmpty })
      else { throw refused("the node \(label) has no input or no output") }
      for name in node.input where !known.contains(name) {
        throw refused(
          made.contains(name)
            ? "the node \(label) uses \(name.readable()) before it is computed: its graph has a cycle, or is not in order"
            : "the node \(label) uses \(name.readable()), which nothing computes")
      }
      for attribute in node.attribute {
        // Beside a value of a kind that is known there may be a documentation text, which nothing reads.
        guard attribute.type != .graph, attribute.type != .undefined || attribute.unknownFields.data.isEmpty else {
          throw refused("the node \(label) has an attribute \(attribute.name.readable(40)) that is no number or tensor")
        }
        if attribute.hasT { try check(attribute.t, label, refused) }
      }
      let run = elementwise.contains(node.opType) ? 1 + (node.input.compactMap { runs[$0] }.max() ?? 0) : 0
      guard run <= longestRun else {
        throw refused(
          "more than \(longestRun) operators on single elements follow one another, up to the node \(label)")
      }
      for name in node.output where !name.isEmpty {
        try define(name)
        if run > 0 { runs[name] = run }
      }
    }
    for port in graph.output where !known.contains(port.name) {
      throw refused("its output \(port.name.readable()) is computed by nothing")
    }
  }

  private static func check(
    _ tensor: Assay_Onnx_Tensor, _ name: String, _ refused: (String) -> ModelError
  ) throws(ModelError) {
    let name = name.readable()
    guard tensor.dataLocation == 0, tensor.externalData.isEmpty else {
      throw refused("the constant \(name) keeps its data in another file")
    }
    var count = 1
    for extent in tensor.dims {
      let (product, overflow) = count.multipliedReportingOverflow(by: Int(extent))
      guard extent >= 0, !overflow, product <= largestConstant else {
        throw refused("the constant \(name) claims the shape \(tensor.dims.prefix(8))")
      }
      count = product
    }
    guard let size = elementSizes[tensor.dataType] else {
      throw refused("the constant \(name) is of the type \(tensor.dataType), which is not known")
    }
    if tensor.hasRawData {
      guard tensor.rawData.count == count * size else {
        throw refused(
          "the constant \(name) of shape \(tensor.dims) needs \(count * size) bytes and has \(tensor.rawData.count)")
      }
    } else {
      let listed =
        switch tensor.dataType {
        case 1: tensor.floatData.count
        case 7: tensor.int64Data.count
        case 11: tensor.doubleData.count
        case 12, 13: tensor.uint64Data.count
        default: tensor.int32Data.count
        }
      guard listed == count else {
        throw refused("the constant \(name) of shape \(tensor.dims) needs \(count) values and has \(listed)")
      }
    }
  }

  /// Bytes of an element by ONNX's number of its type.
  package static let elementSizes: [Int32: Int] = [
    1: 4, 2: 1, 3: 1, 4: 2, 5: 2, 6: 4, 7: 8, 9: 1, 10: 2, 11: 8, 12: 4, 13: 8, 16: 2,
  ]

  private static let elementwise: Set<String> = [
    "Abs", "Add", "Ceil", "Celu", "Clip", "Cos", "Div", "Elu", "Erf", "Exp", "Floor", "Gelu", "HardSigmoid",
    "HardSwish", "LeakyRelu", "Log", "Max", "Min", "Mish", "Mul", "Neg", "PRelu", "Pow", "Reciprocal", "Relu", "Round",
    "Selu", "Sigmoid", "Sign", "Sin", "Softplus", "Softsign", "Sqrt", "Sub", "Tanh", "ThresholdedRelu",
  ]

  /// The standard's operators up to version 21 that networks are made of, as far as ``ONNXModel/upgraded(source:)`` can write
  /// them in version 17: none that holds a graph, draws random numbers, or works on sequences or text.
  private static let operators: Set<String> = Set(
    """
    Abs Acos Acosh Add And ArgMax ArgMin Asin Asinh Atan Atanh AveragePool BatchNormalization Cast CastLike Ceil \
    Celu Clip Concat Constant ConstantOfShape Conv ConvInteger ConvTranspose Cos Cosh CumSum DepthToSpace \
    DequantizeLinear Div Dropout DynamicQuantizeLinear Einsum Elu Equal Erf Exp Expand EyeLike Flatten Floor GRU \
    Gather GatherElements GatherND Gemm Gelu GlobalAveragePool GlobalLpPool GlobalMaxPool Greater GreaterOrEqual \
    GridSample GroupNormalization HardSigmoid HardSwish Hardmax Identity InstanceNormalization IsInf IsNaN LRN LSTM \
    LayerNormalization LeakyRelu Less LessOrEqual Log LogSoftmax LpNormalization LpPool MatMul MatMulInteger Max \
    MaxPool Mean MeanVarianceNormalization Min Mish Mod Mul Neg Not OneHot Or PRelu Pad Pow QLinearConv \
    QLinearMatMul QuantizeLinear RNN Range Reciprocal ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax \
    ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare Relu Reshape Resize Round ScatterElements ScatterND \
    Selu Shape Shrink Sigmoid Sign Sin Sinh Size Slice Softmax Softplus Softsign SpaceToDepth Split Sqrt Squeeze Sub \
    Sum Tan Tanh ThresholdedRelu Tile TopK Transpose Trilu Unsqueeze Upsample Where Xor
    """.split(separator: " ").map(String.init))
}
