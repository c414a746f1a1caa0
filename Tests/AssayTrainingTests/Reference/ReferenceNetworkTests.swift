import AssayGraph
import Foundation
import Testing

/// Numbers worked out by hand, so that a mistake in the reference shows.
@Suite struct ReferenceOperationTests {
  private func evaluate(
    _ operation: String, _ inputs: [ReferenceTensor?], _ attributes: [Assay_Onnx_Attribute] = [], outputs: Int = 1,
    isTraining: Bool = false
  ) throws -> [ReferenceTensor] {
    var node = Assay_Onnx_Node()
    node.opType = operation
    node.output = (0..<outputs).map { "out\($0)" }
    node.attribute = attributes
    return try ReferenceOperation(node: node, inputs: inputs, opset: 17, isTraining: isTraining, mask: nil).run()
  }

  private func tensor(_ shape: [Int], _ values: [Double]) -> ReferenceTensor { .init(shape: shape, values: values) }

  private func isClose(_ tensor: ReferenceTensor, _ values: [Double]) -> Bool {
    relativeError(of: tensor.values, against: values) < 1e-7
  }

  private let square = ReferenceTensor(shape: [1, 1, 3, 3], values: [1, 2, 3, 4, 5, 6, 7, 8, 9])
  private let kernel = ReferenceTensor(shape: [1, 1, 2, 2], values: [1, 2, 3, 4])

  /// At the upper left: 1*1 + 2*2 + 4*3 + 5*4 = 37; a kernel that is not flipped.
  @Test func convolution() throws {
    let valid = try evaluate("Conv", [square, kernel, tensor([1], [0.5])])[0]
    #expect(valid == tensor([1, 1, 2, 2], [37.5, 47.5, 67.5, 77.5]))
    // A row of zeros above and a column to the right, every other row: 1*3 + 2*4 = 11, ..., 3*3 = 9; 67, 77, 6*1 + 9*3
    // = 33.
    let padded = try evaluate(
      "Conv", [square, kernel], [.integers("pads", [1, 0, 0, 1]), .integers("strides", [2, 1])])[0]
    #expect(padded == tensor([1, 1, 2, 3], [11, 18, 9, 67, 77, 33]))
    let dilated = try evaluate("Conv", [square, kernel], [.integers("dilations", [2, 2])])[0]
    #expect(dilated == tensor([1, 1, 1, 1], [1 + 3 * 2 + 7 * 3 + 9 * 4]))
    // The odd pixel of padding goes after the image, or before it.
    let row = tensor([1, 1, 1, 2], [1, 2])
    let pair = tensor([1, 1, 1, 2], [10, 1])
    #expect(try evaluate("Conv", [row, pair], [.text("auto_pad", "SAME_UPPER")])[0].values == [12, 20])
    #expect(try evaluate("Conv", [row, pair], [.text("auto_pad", "SAME_LOWER")])[0].values == [1, 12])
    // Four channels in two groups, one output each.
    let pixel = tensor([1, 4, 1, 1], [1, 2, 3, 4])
    let groups = tensor([2, 2, 1, 1], [1, 10, 100, 1000])
    #expect(try evaluate("Conv", [pixel, groups], [.integer("group", 2)])[0].values == [21, 4300])
    #expect(throws: ReferenceError.self) { try evaluate("Conv", [pixel, groups]) }
  }

  @Test func pooling() throws {
    let image = tensor([1, 1, 2, 2], [-1, -2, -3, -4])
    let window: [Assay_Onnx_Attribute] = [
      .integers("kernel_shape", [2, 2]), .integers("strides", [2, 2]), .integers("pads", [1, 1, 1, 1]),
    ]
    // Each window holds one pixel and three of padding.
    #expect(try evaluate("MaxPool", [image], window)[0].values == [-1, -2, -3, -4])
    #expect(try evaluate("AveragePool", [image], window)[0].values == [-1, -2, -3, -4])
    let counted = try evaluate("AveragePool", [image], window + [.integer("count_include_pad", 1)])[0]
    #expect(counted.values == [-0.25, -0.5, -0.75, -1])
    // The second window sticks out by one pixel, which is neither image nor padding.
    let row = tensor([1, 1, 1, 3], [1, 2, 4])
    let ceil: [Assay_Onnx_Attribute] = [
      .integers("kernel_shape", [1, 2]), .integers("strides", [1, 2]), .integer("ceil_mode", 1),
    ]
    #expect(try evaluate("AveragePool", [row], ceil + [.integer("count_include_pad", 1)])[0].values == [1.5, 4])
    #expect(try evaluate("MaxPool", [row], ceil)[0].values == [2, 4])
    #expect(try evaluate("GlobalAveragePool", [square])[0] == tensor([1, 1, 1, 1], [5]))
  }

  /// Stored: 5 (3 - 1) / sqrt(3 + 1) + 7 = 12. Batch (1, 3): mean 2, variance 1, 5 (x - 2) / sqrt(1 + 3) + 7.
  @Test func batchNormalization() throws {
    func normalized(_ x: ReferenceTensor, epsilon: Float, isTraining: Bool) throws -> [Double] {
      try evaluate(
        "BatchNormalization", [x] + [5, 7, 1, 3].map { tensor([1], [$0]) }, [.number("epsilon", epsilon)],
        isTraining: isTraining)[0].values
    }
    #expect(try normalized(tensor([1, 1, 1, 1], [3]), epsilon: 1, isTraining: false) == [12])
    #expect(try normalized(tensor([2, 1, 1, 1], [1, 3]), epsilon: 3, isTraining: true) == [4.5, 9.5])
  }

  /// (1, 3): mean 2, variance 1, (x - 2) / sqrt(1 + 3) = (-0.5, 0.5), times (2, 4) plus (1, 1).
  @Test func layerNormalization() throws {
    let result = try evaluate(
      "LayerNormalization", [tensor([1, 2], [1, 3]), tensor([2], [2, 4]), tensor([2], [1, 1])],
      [.number("epsilon", 3)])
    #expect(result[0].values == [0, 3])
  }

  /// exp(0) : exp(ln 3) = 1 : 3
  @Test func softmaxAndMeans() throws {
    let x = tensor([1, 2, 2], [0, 5, log(3), 5])
    #expect(isClose(try evaluate("Softmax", [x], [.integer("axis", 1)])[0], [0.25, 0.5, 0.75, 0.5]))
    #expect(isClose(try evaluate("Softmax", [tensor([2], [1000, 1000 + log(3)])])[0], [0.25, 0.75]))
    let mean = try evaluate("ReduceMean", [square], [.integers("axes", [-2]), .integer("keepdims", 0)])[0]
    #expect(mean == tensor([1, 1, 3], [4, 5, 6]))
    let kept = try evaluate("ReduceMean", [square], [.integers("axes", [0, 3])])[0]
    #expect(kept == tensor([1, 1, 3, 1], [2, 5, 8]))
  }

  /// At x = 1, with the normal distribution function 0.841344746... there.
  @Test(
    arguments: [
      ("Relu", 1.0), ("Sigmoid", 0.7310585786300049), ("HardSigmoid", 0.7), ("HardSwish", 2.0 / 3),
      ("Tanh", 0.7615941559557649),
      ("Erf", 0.8427007929497149), ("Gelu", 0.8413447460685429), ("Softplus", 1.3132616875182228),
      ("Exp", 2.718281828459045),
      ("Neg", -1.0), ("Reciprocal", 1.0), ("Sqrt", 1.0), ("LeakyRelu", 1.0),
    ] as [(String, Double)])
  func functionsOfOneElement(operation: String, expected: Double) throws {
    #expect(isClose(try evaluate(operation, [tensor([1], [1])])[0], [expected]))
  }

  @Test func functionsThatTurnAtZero() throws {
    let x = tensor([3], [-2, 0, 8])
    #expect(try evaluate("Relu", [x])[0].values == [0, 0, 8])
    #expect(try evaluate("LeakyRelu", [x], [.number("alpha", 0.5)])[0].values == [-1, 0, 8])
    #expect(try evaluate("Clip", [x, tensor([], [-1]), tensor([], [6])])[0].values == [-1, 0, 6])
    #expect(try evaluate("Clip", [x, nil, tensor([], [6])])[0].values == [-2, 0, 6])
    #expect(try evaluate("Clip", [x], [.number("min", 0), .number("max", 6)])[0].values == [0, 0, 6])
  }

  @Test func broadcasting() throws {
    let column = tensor([2, 1], [10, 20])
    let row = tensor([3], [1, 2, 4])
    #expect(try evaluate("Sub", [column, row])[0] == tensor([2, 3], [9, 8, 6, 19, 18, 16]))
    #expect(try evaluate("Div", [row, tensor([], [4])])[0] == tensor([3], [0.25, 0.5, 1]))
    #expect(try evaluate("Pow", [row, tensor([], [2])])[0].values == [1, 4, 16])
    #expect(try evaluate("Div", [.init(integers: [7, -7]), .init(integers: [2])])[0].values == [3, -3])
    #expect(throws: ReferenceError.self) { try evaluate("Add", [row, tensor([2], [1, 2])]) }
  }

  /// (1, 2) (3 5; 4 6) = (11, 17)
  @Test func matrices() throws {
    let a = tensor([1, 2], [1, 2])
    let b = tensor([2, 2], [3, 4, 5, 6])
    let gemm = try evaluate(
      "Gemm", [a, b, tensor([2], [1, -1])], [.integer("transB", 1), .number("alpha", 2), .number("beta", 3)])[0]
    #expect(gemm.values == [25, 31])
    #expect(try evaluate("Gemm", [tensor([2, 1], [1, 2]), b], [.integer("transA", 1)])[0].values == [13, 16])
    // Two batches by two heads; b stands for all.
    let batches = tensor([2, 2, 1, 2], [1, 0, 0, 1, 1, 1, 2, 0])
    let product = try evaluate("MatMul", [batches, b])[0]
    #expect(product == tensor([2, 2, 1, 2], [3, 4, 5, 6, 8, 10, 6, 8]))
    #expect(throws: ReferenceError.self) { try evaluate("MatMul", [b, tensor([3, 1], [1, 2, 3])]) }
  }

  @Test func shapes() throws {
    let x = tensor([2, 3], [1, 2, 3, 4, 5, 6])
    #expect(try evaluate("Transpose", [x])[0] == tensor([3, 2], [1, 4, 2, 5, 3, 6]))
    #expect(try evaluate("Reshape", [x, .init(integers: [0, -1, 1])])[0].shape == [2, 3, 1])
    #expect(try evaluate("Flatten", [square], [.integer("axis", 2)])[0].shape == [1, 9])
    #expect(try evaluate("Squeeze", [square, .init(integers: [0])])[0].shape == [1, 3, 3])
    #expect(try evaluate("Unsqueeze", [x, .init(integers: [-1, 0])])[0].shape == [1, 2, 3, 1])
    #expect(try evaluate("Shape", [x])[0] == .init(integers: [2, 3]))
    #expect(try evaluate("Concat", [x, x], [.integer("axis", 1)])[0].values == [1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6])
    #expect(try evaluate("Expand", [tensor([1, 2], [1, 2]), .init(integers: [2, 1])])[0].values == [1, 2, 1, 2])
    #expect(try evaluate("Gather", [x, .init(integers: [-1, 0])], [.integer("axis", 1)])[0].values == [3, 1, 6, 4])
    let parts = try evaluate("Split", [x, .init(integers: [1, 2])], [.integer("axis", 1)], outputs: 2)
    #expect(parts == [tensor([2, 1], [1, 4]), tensor([2, 2], [2, 3, 5, 6])])
    func sliced(_ start: Int, _ end: Int, by step: Int) throws -> [Double] {
      try evaluate("Slice", [x] + [start, end, 1, step].map { .init(integers: [$0]) })[0].values
    }
    #expect(try sliced(1, .max, by: 1) == [2, 3, 5, 6])
    #expect(try sliced(-1, -3, by: -1) == [3, 2, 6, 5])
    #expect(try sliced(-1, .min, by: -2) == [3, 1, 6, 4])
    #expect(try evaluate("Cast", [tensor([2], [1.9, -1.9])], [.integer("to", 7)])[0] == .init(integers: [1, -1]))
  }
}

@Suite struct ReferenceNetworkTests {
  /// y = dropout(x W + b), W = (1 2; 3 4), b = (1, 0).
  private func network() -> ReferenceNetwork {
    var builder = GraphBuilder(name: "reference")
    let x = builder.input("x", shape: [2])
    let w = builder.constant([1, 2, 3, 4], shape: [2, 2], name: "w")
    let b = builder.constant([1, 0], shape: [2], name: "b")
    let product = builder.node("MatMul", [x.name, w], name: "product", shape: [2])
    let sum = builder.node("Add", [product.name, b], name: "sum", shape: [2])
    builder.output(builder.node("Dropout", [sum.name], name: "dropped", shape: [2]), as: "y")
    return ReferenceNetwork(builder.model())
  }

  private let inputs = ["x": ReferenceTensor(shape: [1, 2], values: [1, 10])]

  @Test func everyValueIsReturned() throws {
    let values = try network().run(inputs)
    #expect(values["product"]?.values == [31, 42])
    #expect(values["y"] == ReferenceTensor(shape: [1, 2], values: [32, 42]))
    #expect(values["w"]?.shape == [2, 2] && values["x"]?.values == [1, 10])
  }

  @Test func valuesCanBeReplaced() throws {
    let network = network()
    #expect(try network.run(inputs, parameters: ["w": [1, 0, 0, 1]])["y"]?.values == [2, 10])
    #expect(try network.run(inputs, parameters: ["product": [5, 6]])["y"]?.values == [6, 6])
    #expect(try network.run(inputs, masks: ["dropped": [0, 2]])["y"]?.values == [0, 84])
    #expect(throws: ReferenceError.self) { try network.run(inputs, parameters: ["v": [1]]) }
    #expect(throws: ReferenceError.self) { try network.run(inputs, parameters: ["w": [1]]) }
    #expect(throws: ReferenceError.self) { try network.run(inputs, masks: ["v": [1]]) }
    #expect(throws: ReferenceError.self) { try network.run([:]) }
  }

  @Test func initializersInEveryForm() throws {
    func read(_ fill: (inout Assay_Onnx_Tensor) -> Void) throws -> ReferenceTensor {
      var tensor = Assay_Onnx_Tensor()
      tensor.dims = [2]
      fill(&tensor)
      return try ReferenceTensor(tensor)
    }
    func bytes<Element>(_ values: [Element]) -> Data { values.withUnsafeBytes { Data($0) } }
    #expect(try read { ($0.dataType, $0.floatData) = (1, [1, 2]) }.values == [1, 2])
    #expect(try read { ($0.dataType, $0.rawData) = (1, bytes([1, 2] as [Float])) }.values == [1, 2])
    #expect(try read { ($0.dataType, $0.rawData) = (11, bytes([0.1, 0.2])) }.values == [0.1, 0.2])
    #expect(try read { ($0.dataType, $0.int64Data) = (7, [-1, 3]) } == .init(integers: [-1, 3]))
    #expect(try read { ($0.dataType, $0.rawData) = (7, bytes([-1, 3] as [Int64])) } == .init(integers: [-1, 3]))
    #expect(throws: ReferenceError.self) { try read { ($0.dataType, $0.floatData) = (1, [1]) } }
    #expect(throws: ReferenceError.self) { try read { ($0.dataType, $0.rawData) = (10, bytes([1, 2] as [Int16])) } }
  }

  /// y = x W + b by c = (1, -1): dW[i][j] = x[i] c[j], db = c, dx = W c, with a mask of (1, 2) for c = (1, -2).
  @Test func gradientsOfALinearLayer() throws {
    func gradient(_ parameter: String, masks: [String: [Double]] = [:], elements: [Int]? = nil) throws -> [Double] {
      try network().gradient(
        of: "y", coefficients: [1, -1], withRespectTo: parameter, at: inputs, masks: masks, elements: elements)
    }
    #expect(relativeError(of: try gradient("w"), against: [1, -1, 10, -10]) < 1e-9)
    #expect(relativeError(of: try gradient("w", elements: [3, 0]), against: [-10, 1]) < 1e-9)
    #expect(relativeError(of: try gradient("b", masks: ["dropped": [1, 2]]), against: [1, -2]) < 1e-9)
    #expect(relativeError(of: try gradient("x"), against: [-1, -1]) < 1e-9)
    #expect(relativeError(of: try gradient("sum"), against: [1, -1]) < 1e-9)
  }

  /// f = x^2 y at (3, 2): (2 x y, x^2) = (12, 9).
  @Test func centralDifferences() {
    let gradient = FiniteDifference.gradient(of: { $0[0] * $0[0] * $0[1] }, at: [3, 2])
    #expect(relativeError(of: gradient, against: [12, 9]) < 1e-9)
    #expect(FiniteDifference.sample(9, of: 4) == [0, 1, 2, 3])
    let sample = FiniteDifference.sample(5, of: 100)
    #expect(sample.count == 5 && Set(sample).count == 5 && sample == sample.sorted())
  }

  @Test func errorsAreRelativeToTheLargestValue() {
    #expect(relativeError(of: [1, 2.5] as [Float], against: [1, 2]) == 0.25)
    #expect(relativeError(of: [0.0], against: [0.0]) == 0)
    #expect(relativeError(of: [0.25], against: [0.0], floor: 0.5) == 0.5)
    #expect(relativeError(of: [Double.nan], against: [1.0]) == .infinity)
    #expect(relativeError(of: [1.0], against: [1.0, 2.0]) == .infinity)
  }

  /// softmax has a gradient that sums to zero along its axis, whatever follows it.
  @Test func gradientsThroughASketch() throws {
    let sketch = GraphSketch.softmax(input: [3, 7])
    let gradient = try sketch.gradient(withRespectTo: "x")
    for row in 0..<3 { #expect(abs(gradient[row * 7..<row * 7 + 7].reduce(0, +)) < 1e-9) }
    let behind = GraphSketch.relu(input: [2, 5, 3, 4]).behindLinearLayer()
    #expect(behind.parameters.count == 2 && behind.batch == GraphSketch.relu(input: [2, 5, 3, 4]).batch)
    #expect(try behind.gradient(withRespectTo: behind.parameters[0]).count == 25)
  }
}
