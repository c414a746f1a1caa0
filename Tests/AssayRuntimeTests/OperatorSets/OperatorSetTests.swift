import AssayGraph
import AssayRuntime
import Foundation
import Testing

/// What each version of an operator means is worked out by hand from ONNX's `Changelog.md`; a graph of that version gives it.
@Suite struct OperatorSetTests {
  /// - Parameter shape: of `y`.
  private func expect(
    _ graph: SmallGraph, _ x: [Float], gives y: [Float], _ shape: [Int]? = nil,
    _ location: SourceLocation = #_sourceLocation
  ) throws {
    let found = try #require(try graph.run(x), sourceLocation: location)
    #expect(found.values.count == y.count, "\(found.values)", sourceLocation: location)
    for (own, wanted) in zip(found.values, y) {
      #expect(abs(own - wanted) <= 1e-5 * max(1, abs(wanted)), "\(found.values)", sourceLocation: location)
    }
    if let shape { #expect(found.shape == shape, sourceLocation: location) }
  }

  /// e^x is 1, 2, 3, 4: over all that lies behind the second dimension before 13, over the last one since.
  @Test(arguments: 7...21) func softmax(opset: Int) throws {
    let x: [Float] = [1, 2, 3, 4].map { log($0) }
    let rows: [Float] = [1 / 3, 2 / 3, 3 / 7, 4 / 7]
    let all: [Float] = [0.1, 0.2, 0.3, 0.4]
    let old = opset < 13
    try expect(SmallGraph(opset, [1, 2, 2], "Softmax"), x, gives: old ? all : rows, [1, 2, 2])
    try expect(SmallGraph(opset, [1, 2, 2], "Softmax", with: ["axis": .int(2)]), x, gives: rows, [1, 2, 2])
    let columns: [Float] = [1 / 4, 2 / 6, 3 / 4, 4 / 6]
    let second = SmallGraph(opset, [1, 2, 2], "Softmax", with: ["axis": .int(1)])
    try expect(second, x, gives: old ? all : columns, [1, 2, 2])
    let logarithms = SmallGraph(opset, [1, 2, 2], "LogSoftmax")
    try expect(logarithms, x, gives: (old ? all : rows).map { log($0) }, [1, 2, 2])
    try expect(SmallGraph(opset, [1, 2, 2], "Hardmax"), x, gives: old ? [0, 0, 0, 1] : [0, 1, 0, 1], [1, 2, 2])
  }

  /// A dimension that is the last is taken for it, so that training, which knows no other, can read the graph.
  @Test func softmaxOfTheLastDimensionStaysOneNode() throws {
    var graph = SmallGraph(11, [1, 2, 3, 4])
    graph.node("Relu", ["x"], ["a"])
    graph.node("Softmax", ["a"], ["y"], with: ["axis": .int(3)])
    let nodes = try graph.model.upgraded(source: "").proto.graph.node
    #expect(nodes.map(\.opType) == ["Relu", "Softmax"] && nodes[1].attribute[0].i == -1)
  }

  /// A file that says that a value of four dimensions has three is not believed: the softmax is over all but the first.
  @Test func whatAFileSaysOfItsValuesIsNotBelieved() throws {
    var graph = SmallGraph(11, [1, 1, 2, 2])
    graph.node("Relu", ["x"], ["a"])
    graph.node("Softmax", ["a"], ["y"], with: ["axis": .int(2)])
    var info = Assay_Onnx_ValueInfo()
    info.name = "a"
    info.type.tensorType.elemType = 1
    info.type.tensorType.shape.dim = [.init(), .init(), .init()]
    graph.proto.graph.valueInfo = [info]
    let x: [Float] = [1, 2, 3, 4].map { log($0) }
    try expect(graph, x, gives: [0.1, 0.2, 0.3, 0.4], [1, 1, 2, 2])
  }

  @Test(arguments: 7...10) func clipBeforeEleven(opset: Int) throws {
    let x: [Float] = [-2, 0.25, 7, 9]
    try expect(
      SmallGraph(opset, [1, 4], "Clip", with: ["min": .float(0), "max": .float(6)]), x, gives: [0, 0.25, 6, 6])
    try expect(SmallGraph(opset, [1, 4], "Clip", with: ["max": .float(6)]), x, gives: [-2, 0.25, 6, 6])
    try expect(SmallGraph(opset, [1, 4], "Clip"), x, gives: x)
  }

  @Test(arguments: 11...21) func clipSinceEleven(opset: Int) throws {
    let graph = SmallGraph(opset, [1, 4], "Clip", ["x", "", "most"], floats: ["most": [6]])
    try expect(graph, [-2, 0.25, 7, 9], gives: [-2, 0.25, 6, 6])
  }

  /// [[1, 2], [3, 4]] with one column before it and one row behind it.
  @Test(arguments: 7...21) func pad(opset: Int) throws {
    let pads: [Int64] = [0, 0, 0, 1, 0, 0, 1, 0]
    let wanted: [Float] = [9, 1, 2, 9, 3, 4, 9, 9, 9]
    let graph =
      opset < 11
      ? SmallGraph(opset, [1, 1, 2, 2], "Pad", with: ["pads": .ints(pads), "value": .float(9)])
      : SmallGraph(opset, [1, 1, 2, 2], "Pad", ["x", "p", "v"], floats: ["v": [9]], integers: ["p": pads])
    try expect(graph, [1, 2, 3, 4], gives: wanted, [1, 1, 3, 3])
    guard opset >= 18 else { return }
    // Of the last axis, then the one before it.
    let some = SmallGraph(
      opset, [1, 1, 2, 2], "Pad", ["x", "p", "v", "a"], floats: ["v": [9]],
      integers: ["p": [1, 0, 0, 1], "a": [-1, 2]])
    try expect(some, [1, 2, 3, 4], gives: wanted, [1, 1, 3, 3])
  }

  @Test(arguments: 7...9) func sliceBeforeTen(opset: Int) throws {
    // Columns 1 up to the last, which is left out; an end beyond the dimension is its end.
    let some = SmallGraph(
      opset, [1, 4], "Slice", with: ["axes": .ints([1]), "starts": .ints([1]), "ends": .ints([-1])])
    try expect(some, [1, 2, 3, 4], gives: [2, 3], [1, 2])
    let all = SmallGraph(opset, [1, 4], "Slice", with: ["starts": .ints([0, 2]), "ends": .ints([9, 1000])])
    try expect(all, [1, 2, 3, 4], gives: [3, 4], [1, 2])
  }

  /// A position between two values takes its share of both, counted from the corner; a nearest one takes the one before.
  @Test(arguments: [7, 8, 9, 10]) func upsampling(opset: Int) throws {
    func graph(_ mode: String) -> SmallGraph {
      let scales: [Float] = [1, 1, 2, 2]
      return switch opset {
      case ..<9:
        SmallGraph(opset, [1, 1, 2, 2], "Upsample", with: ["mode": .text(mode), "scales": .floats(scales)])
      case 9:
        SmallGraph(opset, [1, 1, 2, 2], "Upsample", ["x", "s"], with: ["mode": .text(mode)], floats: ["s": scales])
      default:
        SmallGraph(opset, [1, 1, 2, 2], "Resize", ["x", "s"], with: ["mode": .text(mode)], floats: ["s": scales])
      }
    }
    try expect(
      graph("nearest"), [1, 2, 3, 4], gives: [1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4], [1, 1, 4, 4])
    try expect(
      graph("linear"), [1, 2, 3, 4], gives: [1, 1.5, 2, 2, 2, 2.5, 3, 3, 3, 3.5, 4, 4, 3, 3.5, 4, 4], [1, 1, 4, 4])
  }

  /// Positions 0, 1.67 and 3.33 of five: rounded up, as runtimes do it.
  @Test func shrinkingInSetTen() throws {
    let graph = SmallGraph(10, [1, 1, 1, 5], "Resize", ["x", "s"], floats: ["s": [1, 1, 1, 0.6]])
    try expect(graph, [1, 2, 3, 4, 5], gives: [1, 3, 5], [1, 1, 1, 3])
  }

  /// In 11 what is not wanted is an empty constant; half-pixel centres are the default since then.
  @Test(arguments: [11, 12, 13, 17, 18, 19, 21]) func resizing(opset: Int) throws {
    let floats: [String: [Float]] = ["none": [], "s": [1, 1, 1, 2]]
    let nearest: [String: SmallGraph.Attribute] = [
      "mode": .text("nearest"), "coordinate_transformation_mode": .text("asymmetric"), "nearest_mode": .text("floor"),
    ]
    let byScales = SmallGraph(opset, [1, 1, 1, 3], "Resize", ["x", "none", "s"], with: nearest, floats: floats)
    try expect(byScales, [1, 2, 3], gives: [1, 1, 2, 2, 3, 3], [1, 1, 1, 6])
    let bySizes = SmallGraph(
      opset, [1, 1, 1, 2], "Resize", ["x", "none", "none", "z"], with: ["mode": .text("linear")], floats: floats,
      integers: ["z": [1, 1, 1, 4]])
    // Positions -0.25, 0.25, 0.75 and 1.25.
    try expect(bySizes, [1, 2], gives: [1, 1.25, 1.75, 2], [1, 1, 1, 4])
    guard opset >= 18 else { return }
    let some = SmallGraph(
      opset, [1, 1, 1, 2], "Resize", ["x", "", "s"], with: ["mode": .text("linear"), "axes": .ints([3, 2])],
      floats: ["s": [2, 1]])
    try expect(some, [1, 2], gives: [1, 1.25, 1.75, 2], [1, 1, 1, 4])
  }

  @Test(arguments: 7...21) func dropoutPasses(opset: Int) throws {
    let graph =
      opset < 12
      ? SmallGraph(opset, [1, 2], "Dropout", outputs: ["y", "mask"], with: ["ratio": .float(0.5)])
      : SmallGraph(opset, [1, 2], "Dropout", ["x", "r"], floats: ["r": [0.5]])
    try expect(graph, [3, -4], gives: [3, -4])
  }

  /// (x - 2) / sqrt(4) * 3 + 1, and (x - 0) / sqrt(1).
  @Test(arguments: 7...21) func batchNormalization(opset: Int) throws {
    let floats: [String: [Float]] = ["s": [3, 1], "b": [1, 0], "m": [2, 0], "v": [4, 1]]
    var attributes: [String: SmallGraph.Attribute] = ["epsilon": .float(0)]
    if opset < 9 { attributes["spatial"] = .int(1) }
    let graph = SmallGraph(
      opset, [1, 2, 1, 2], "BatchNormalization", ["x", "s", "b", "m", "v"], with: attributes, floats: floats)
    try expect(graph, [2, 4, 5, -6], gives: [1, 4, 5, -6])
  }

  /// Axes that were attributes, and became inputs in 13.
  @Test(arguments: 7...21) func axes(opset: Int) throws {
    func graph(_ operation: String, _ axes: [Int64], _ shape: [Int]) -> SmallGraph {
      opset < 13
        ? SmallGraph(opset, shape, operation, with: ["axes": .ints(axes)])
        : SmallGraph(opset, shape, operation, ["x", "a"], integers: ["a": axes])
    }
    try expect(graph("Squeeze", [1], [2, 1, 2]), [1, 2, 3, 4], gives: [1, 2, 3, 4], [2, 2])
    try expect(graph("Unsqueeze", [0, 2], [2, 2]), [1, 2, 3, 4], gives: [1, 2, 3, 4], [1, 2, 1, 2])
    try expect(graph("ReduceSum", [1], [2, 2]), [1, 2, 3, 4], gives: [3, 7], [2, 1])
    try expect(SmallGraph(opset, [2, 2], "ReduceSum"), [1, 2, 3, 4], gives: [10], [1, 1])
  }

  /// Axes that became inputs in 18; from there on, no axes may mean no reduction.
  @Test(arguments: [7, 11, 13, 17, 18, 20, 21]) func reductions(opset: Int) throws {
    let x: [Float] = [1, 2, 3, 4]
    let wanted: [(String, [Float])] = [
      ("ReduceMean", [1.5, 3.5]), ("ReduceMax", [2, 4]), ("ReduceMin", [1, 3]), ("ReduceProd", [2, 12]),
      ("ReduceL1", [3, 7]), ("ReduceL2", [Float(5).squareRoot(), 5]), ("ReduceSumSquare", [5, 25]),
      ("ReduceLogSum", [log(3), log(7)]), ("ReduceLogSumExp", [log(exp(1) + exp(2)), log(exp(3) + exp(4))]),
    ]
    for (operation, y) in wanted {
      let graph =
        opset < 18
        ? SmallGraph(opset, [2, 2], operation, with: ["axes": .ints([1]), "keepdims": .int(0)])
        : SmallGraph(opset, [2, 2], operation, ["x", "a"], with: ["keepdims": .int(0)], integers: ["a": [1]])
      try expect(graph, x, gives: y, [2])
    }
    guard opset >= 18 else { return }
    try expect(SmallGraph(opset, [2, 2], "ReduceMean"), x, gives: [2.5], [1, 1])
    try expect(SmallGraph(opset, [2, 2], "ReduceMean", with: ["noop_with_empty_axes": .int(1)]), x, gives: x, [2, 2])
  }

  @Test(arguments: 7...21) func split(opset: Int) throws {
    let uneven =
      opset < 13
      ? SmallGraph(opset, [1, 3], "Split", outputs: ["a", "y"], with: ["axis": .int(1), "split": .ints([1, 2])])
      : SmallGraph(
        opset, [1, 3], "Split", ["x", "s"], outputs: ["a", "y"], with: ["axis": .int(1)], integers: ["s": [1, 2]])
    try expect(uneven, [1, 2, 3], gives: [2, 3], [1, 2])
    let number: [String: SmallGraph.Attribute] = opset < 18 ? [:] : ["num_outputs": .int(2)]
    let even = SmallGraph(
      opset, [1, 4], "Split", outputs: ["a", "y"], with: number.merging(["axis": .int(1)]) { first, _ in first })
    try expect(even, [1, 2, 3, 4], gives: [3, 4], [1, 2])
  }

  @Test(arguments: [7, 9, 10, 11, 17, 21]) func topK(opset: Int) throws {
    let graph =
      opset < 10
      ? SmallGraph(opset, [1, 4], "TopK", outputs: ["y", "i"], with: ["k": .int(2)])
      : SmallGraph(opset, [1, 4], "TopK", ["x", "k"], outputs: ["y", "i"], integers: ["k": [2]])
    try expect(graph, [3, 9, 1, 7], gives: [9, 7], [1, 2])
  }

  /// Bundles of earlier versions name no places of the largest values, though ONNX's `Operators.md` asks for two outputs.
  @Test func outputsThatAreMissingAreNamed() throws {
    var graph = SmallGraph(17, [1, 4], "TopK", ["x", "k"], outputs: ["y"], integers: ["k": [2]])
    try expect(graph, [1, 4, 2, 3], gives: [4, 3])
    graph.node("Relu", ["x"], ["y.places"])
    try expect(graph, [1, 4, 2, 3], gives: [4, 3])
  }

  /// Operators of 18 to 21 that the older set writes as several.
  @Test func youngOperators() throws {
    let x: [Float] = [-1, 0, 2]
    // x Φ(x), with Φ(-1) = 0.158655254 and Φ(2) = 0.977249868.
    try expect(SmallGraph(20, [1, 3], "Gelu"), x, gives: [-0.158655254, 0, 1.954499736])
    // x (1 + tanh(√(2/π) (x + 0.044715 x³))) / 2
    let approximate = x.map { x in
      x * (1 + tanh((2 / Float.pi).squareRoot() * (x + 0.044715 * x * x * x))) / 2
    }
    try expect(SmallGraph(20, [1, 3], "Gelu", with: ["approximate": .text("tanh")]), x, gives: approximate)
    // x tanh(ln(1 + e^x)), with tanh(ln(u)) = (u² - 1) / (u² + 1).
    let mish = x.map { x in
      let square = (1 + exp(x)) * (1 + exp(x))
      return x * (square - 1) / (square + 1)
    }
    for opset in [18, 21] { try expect(SmallGraph(opset, [1, 3], "Mish"), x, gives: mish) }
  }

  /// Two groups of two channels of one value each: mean 1 and deviation 1, mean 5 and deviation 3.
  @Test(arguments: [18, 20, 21]) func groupNormalization(opset: Int) throws {
    // A scale for each group before 21, for each channel since.
    let isOld = opset < 21
    let graph = SmallGraph(
      opset, [1, 4, 1, 1], "GroupNormalization", ["x", "s", "b"], with: ["num_groups": .int(2), "epsilon": .float(0)],
      floats: ["s": isOld ? [10, 20] : [1, 2, 3, 4], "b": isOld ? [1, 2] : [0, 0, 0, 5]])
    try expect(graph, [0, 2, 2, 8], gives: isOld ? [-9, 11, -18, 22] : [-1, 2, -3, 9], [1, 4, 1, 1])
  }
}
