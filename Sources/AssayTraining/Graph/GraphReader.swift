package import AssayGraph

/// Reads an ONNX graph as operations that can be trained, for one shape of the input.
package struct GraphReader {
  private(set) var nodes: [OperationNode] = []
  /// Float tensors used as parameters, in the order of their first use.
  private(set) var parameters: [(name: String, constant: ONNXConstant)] = []
  /// Shapes of all values, with the batch.
  private(set) var shapes: [String: [Int]]

  private let dropsOut: Bool
  private var constants: [String: ONNXConstant] = [:]
  private var used: Set<String> = []
  /// Values that are others under a new name.
  private var aliases: [String: String] = [:]

  /// - Parameters:
  ///   - inputs: name and shape `[N, ...]` of each input.
  ///   - wanted: values that must be there; what does not lead to them is left out.
  ///   - dropsOut: whether dropout nodes drop; without, they pass everything.
  package init(_ model: ONNXModel, inputs: [String: [Int]], outputs wanted: [String], dropsOut: Bool) throws {
    shapes = inputs
    self.dropsOut = dropsOut
    let graph = model.proto.graph
    for tensor in graph.initializer {
      if let constant = ONNXConstant(tensor) { constants[tensor.name] = constant }
    }
    let needed = Self.nodes(graph, leadingTo: wanted, from: Set(inputs.keys))
    for node in needed { try read(ONNXNode(proto: node)) }
    for name in wanted where shapes[resolved(name)] == nil {
      throw TrainingError(name, cause: "the graph has no such value", remedy: "name one of its own values")
    }
    nodes = GraphSimplifier.simplify(nodes, keeping: Set(wanted.map(resolved)))
  }

  /// The value behind a name.
  func resolved(_ name: String) -> String { aliases[name] ?? name }

  private static func nodes(
    _ graph: Assay_Onnx_Graph, leadingTo wanted: [String], from inputs: Set<String>
  ) -> [Assay_Onnx_Node] {
    var maker: [String: Int] = [:]
    for (index, node) in graph.node.enumerated() { for output in node.output { maker[output] = index } }
    var needed: Set<Int> = []
    var open = wanted
    while let name = open.popLast() {
      guard !inputs.contains(name), let index = maker[name], needed.insert(index).inserted else { continue }
      open += graph.node[index].input
    }
    return needed.sorted().map { graph.node[$0] }
  }

  func shape(_ name: String, _ node: ONNXNode) throws -> [Int] {
    guard let shape = shapes[resolved(name)] else { throw node.unsupported("its input \(name)") }
    return shape
  }

  func constant(_ name: String) -> ONNXConstant? { constants[resolved(name)] }

  /// nil for what is no shape, or too large.
  private static func count(_ shape: [Int]) -> Int? {
    var count = 1
    for extent in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      guard extent >= 0, !overflow, product <= largestValue else { return nil }
      count = product
    }
    return count
  }

  /// The shape of a node's first input, which must be maps `[N, C, H, W]`.
  private func maps(_ node: ONNXNode) throws -> [Int] {
    let x = try shape(node.input(0), node)
    guard x.count == 4 else { throw node.unsupported("an input of the shape \(x)") }
    return x
  }

  private mutating func parameter(_ name: String, _ node: ONNXNode) throws -> String {
    let name = resolved(name)
    guard let constant = constants[name], !constant.floats.isEmpty else {
      throw node.unsupported("weights that are not constants of 32-bit floats")
    }
    guard used.insert(name).inserted else { throw node.unsupported("the parameter \(name), which two nodes share") }
    parameters.append((name, constant))
    return name
  }

  /// Elements of one value: more than any memory holds as numbers.
  private static let largestValue = 1 << 40

  /// - Throws: when the value would be too large to be counted.
  mutating func append(_ node: ONNXNode, _ operation: Operation, _ inputs: [String], _ shape: [Int]) throws {
    guard Self.count(shape) != nil else { throw node.unsupported("a value of the shape \(shape.prefix(8))") }
    nodes.append(
      OperationNode(
        name: node.output, operation: operation, inputs: inputs.map(resolved), output: node.output, shape: shape))
    shapes[node.output] = shape
  }

  private mutating func read(_ node: ONNXNode) throws {
    switch node.operation {
    case "Constant":
      guard let tensor = node.tensor("value"), let constant = ONNXConstant(tensor) else {
        throw node.unsupported("this constant")
      }
      constants[node.output] = constant
    case "Identity":
      // Exporters write equal tensors once; in training each goes its own way.
      let same = try node.input(0)
      if let constant = constant(same) {
        constants[node.output] = constant
      } else {
        aliases[node.output] = resolved(same)
      }
    case "Dropout":
      let ratio = node.inputs.count > 1 ? constant(node.inputs[1])?.floats.first : node.float("ratio", default: 0.5)
      guard dropsOut, let ratio, ratio > 0 else {
        aliases[node.output] = resolved(try node.input(0))
        return
      }
      try append(node, .dropout(ratio), [node.input(0)], shape(node.input(0), node))
    case "Conv": try convolution(node)
    case "BatchNormalization":
      let x = try shape(node.input(0), node)
      let epsilon = node.float("epsilon", default: 1e-5)
      try append(
        node,
        .batchNormalization(
          scale: parameter(node.input(1), node), shift: parameter(node.input(2), node),
          mean: parameter(node.input(3), node), variance: parameter(node.input(4), node), epsilon: epsilon),
        [node.input(0)], x)
    case "MaxPool", "AveragePool": try pooling(node)
    case "GlobalAveragePool":
      let x = try maps(node)
      try append(node, .globalAverage, [node.input(0)], [x[0], x[1], 1, 1])
    case "ReduceMean":
      let x = try maps(node)
      let axes = node.ints("axes") ?? (node.inputs.count > 1 ? constant(node.inputs[1])?.integers : nil) ?? []
      guard Set(axes.map { $0 < 0 ? $0 + 4 : $0 }) == [2, 3] else { throw node.unsupported("these axes") }
      try append(node, .globalAverage, [node.input(0)], [x[0], x[1], 1, 1])
      if node.int("keepdims", default: 1) == 0 { reshapeLast([x[0], x[1]]) }
    case "Add", "Sub", "Mul", "Div": try arithmetic(node)
    case "Concat":
      let all = try node.inputs.map { try shape($0, node) }
      let axis = node.int("axis", default: 1)
      var result = try shape(node.input(0), node)
      let at = axis < 0 ? axis + result.count : axis
      guard result.indices.contains(at),
        all.allSatisfy({
          $0.count == result.count && $0[..<at] == result[..<at] && $0[(at + 1)...] == result[(at + 1)...]
        })
      else { throw node.unsupported("a concatenation of \(all.prefix(4)) along \(axis)") }
      result[at] = all.reduce(0) { $0 + $1[at] }
      try append(node, .concatenate(axis: at), node.inputs, result)
    case "Gemm", "MatMul": try product(node)
    case "Softmax":
      let x = try shape(node.input(0), node)
      let axis = node.int("axis", default: -1)
      guard axis == -1 || axis == x.count - 1 else { throw node.unsupported("a softmax over axis \(axis)") }
      try append(node, .softmax, [node.input(0)], x)
    case "LayerNormalization":
      let x = try shape(node.input(0), node)
      let axis = node.int("axis", default: -1)
      guard axis == -1 || axis == x.count - 1 else { throw node.unsupported("a layer normalisation over axis \(axis)") }
      try append(
        node,
        .layerNormalization(
          scale: parameter(node.input(1), node), shift: node.inputs.count > 2 ? parameter(node.inputs[2], node) : nil,
          epsilon: node.float("epsilon", default: 1e-5)), [node.input(0)], x)
    case "Flatten":
      let x = try shape(node.input(0), node)
      let axis = node.int("axis", default: 1)
      let at = axis < 0 ? axis + x.count : axis
      guard (0...x.count).contains(at) else { throw node.unsupported("a flattening at \(axis)") }
      try append(
        node, .reshape([]), [node.input(0)], [x.prefix(at).reduce(1, *), x.dropFirst(at).reduce(1, *)])
    case "Reshape", "Squeeze", "Unsqueeze": try reshape(node)
    case "Transpose":
      let x = try shape(node.input(0), node)
      let order = node.ints("perm") ?? Array(x.indices.reversed())
      guard order.sorted() == Array(x.indices) else { throw node.unsupported("the order \(order.prefix(8))") }
      try append(node, .transpose(order), [node.input(0)], order.map { x[$0] })
    case "Slice", "Pad": try window(node)
    default:
      guard let activation = try activation(node) else { throw node.unsupported("the operator \(node.operation)") }
      try append(node, .activation(activation), [node.input(0)], shape(node.input(0), node))
    }
  }

  /// Gives the last node another shape, by a node of its own.
  private mutating func reshapeLast(_ shape: [Int]) {
    guard let last = nodes.popLast() else { return }
    let inner = last.output + ".map"
    nodes.append(
      OperationNode(name: inner, operation: last.operation, inputs: last.inputs, output: inner, shape: last.shape))
    shapes[inner] = last.shape
    nodes.append(
      OperationNode(name: last.name, operation: .reshape(shape), inputs: [inner], output: last.output, shape: shape))
    shapes[last.output] = shape
  }

  // MARK: Operators

  private func activation(_ node: ONNXNode) throws -> Operation.Activation? {
    switch node.operation {
    case "Relu": return .relu
    case "LeakyRelu": return .leakyRelu(node.float("alpha", default: 0.01))
    case "Sigmoid": return .sigmoid
    case "Tanh": return .tanh
    case "Erf": return .erf
    case "HardSwish": return .hardSwish
    case "HardSigmoid": return .hardSigmoid(node.float("alpha", default: 0.2), node.float("beta", default: 0.5))
    case "Gelu": return node.string("approximate") == "tanh" ? .geluTanh : .gelu
    case "Clip":
      func bound(_ index: Int, _ name: String, _ open: Float) -> Float? {
        guard node.inputs.count > index, !node.inputs[index].isEmpty else { return node.float(name, default: open) }
        return constant(node.inputs[index])?.floats.first
      }
      let limit = Float.greatestFiniteMagnitude
      guard let low = bound(1, "min", -limit), let high = bound(2, "max", limit) else {
        throw node.unsupported("bounds that are not constants")
      }
      return low == 0 && high == 6 ? .relu6 : .clip(low, high)
    default: return nil
    }
  }

  private func window(_ node: ONNXNode, kernel: [Int], input: [Int]) throws -> (Operation.Window, output: [Int]) {
    guard input.count == 4, kernel.count == 2 else { throw node.unsupported("anything but images of two dimensions") }
    // No larger than anything that an image could need: products cannot overflow.
    let step = 1...1 << 20
    let strides = try node.ints("strides", count: 2, in: step, default: 1)
    let dilations = try node.ints("dilations", count: 2, in: step, default: 1)
    var pads = try node.ints("pads", count: 4, in: 0...step.upperBound, default: 0)
    guard kernel.allSatisfy(step.contains) else { throw node.unsupported("a window of \(kernel)") }
    let reach = zip(kernel, dilations).map { ($0 - 1) * $1 + 1 }
    let rule = node.string("auto_pad") ?? "NOTSET"
    if rule.hasPrefix("SAME") {
      for axis in 0..<2 {
        let count = (input[axis + 2] + strides[axis] - 1) / strides[axis]
        let total = max(0, (count - 1) * strides[axis] + reach[axis] - input[axis + 2])
        pads[axis] = rule == "SAME_LOWER" ? total - total / 2 : total / 2
        pads[axis + 2] = total - pads[axis]
      }
    }
    let isCeiling = node.int("ceil_mode", default: 0) == 1
    var output: [Int] = []
    for axis in 0..<2 {
      let room = input[axis + 2] + pads[axis] + pads[axis + 2] - reach[axis]
      guard room >= 0 else {
        throw TrainingError(
          node.name, cause: "its window of \(reach) is larger than its input of \(Array(input[2...]))",
          remedy: "use a larger --input-size")
      }
      var count = (room + (isCeiling ? strides[axis] - 1 : 0)) / strides[axis] + 1
      // A window that would begin in the padding behind the image is left out (ONNX, PyTorch).
      if isCeiling, (count - 1) * strides[axis] >= input[axis + 2] + pads[axis] { count -= 1 }
      output.append(count)
      pads[axis + 2] = max(pads[axis + 2], (count - 1) * strides[axis] + reach[axis] - input[axis + 2] - pads[axis])
    }
    return (
      Operation.Window(
        kernel: kernel, strides: strides, dilations: dilations, before: Array(pads[..<2]), after: Array(pads[2...])),
      output
    )
  }

  private mutating func convolution(_ node: ONNXNode) throws {
    let x = try maps(node)
    let weights = try parameter(node.input(1), node)
    guard let kernel = constants[weights]?.shape, kernel.count == 4 else { throw node.unsupported("its weights") }
    let (window, output) = try window(node, kernel: Array(kernel[2...]), input: x)
    let bias = try node.inputs.count > 2 && !node.inputs[2].isEmpty ? parameter(node.inputs[2], node) : nil
    try append(
      node, .convolution(weights: weights, bias: bias, window, groups: node.int("group", default: 1)),
      [node.input(0)], [x[0], kernel[0]] + output)
  }

  private mutating func pooling(_ node: ONNXNode) throws {
    let x = try maps(node)
    guard let kernel = node.ints("kernel_shape") else { throw node.unsupported("a pooling without kernel_shape") }
    let (window, output) = try window(node, kernel: kernel, input: x)
    if node.operation == "AveragePool", node.int("ceil_mode", default: 0) == 1,
      node.int("count_include_pad", default: 0) == 1
    {
      throw node.unsupported("an average over padding with ceil_mode, which counts some of the padding only")
    }
    let kind: Operation.Pooling =
      node.operation == "MaxPool"
      ? .maximum : node.int("count_include_pad", default: 0) == 1 ? .averageWithPadding : .averageWithoutPadding
    try append(node, .pooling(kind, window), [node.input(0)], [x[0], x[1]] + output)
  }

  private mutating func arithmetic(_ node: ONNXNode) throws {
    let (a, b) = (try node.input(0), try node.input(1))
    let isProduct = node.operation == "Mul" || node.operation == "Div"
    if let constant = constant(b), !constant.floats.isEmpty {
      return try arithmetic(node, a, constant, named: b, isReversed: false)
    }
    if let constant = constant(a), !constant.floats.isEmpty {
      guard node.operation != "Div" else { throw node.unsupported("a division of a constant by a value") }
      return try arithmetic(node, b, constant, named: a, isReversed: node.operation == "Sub")
    }
    let (left, right) = (try shape(a, node), try shape(b, node))
    guard node.operation == "Add" || node.operation == "Mul" else {
      throw node.unsupported("\(node.operation) of values")
    }
    if left == right { return try append(node, isProduct ? .multiply : .add, [a, b], left) }
    func isGate(_ gate: [Int], of x: [Int]) -> Bool { x.count == 4 && gate == [x[0], x[1], 1, 1] }
    guard isProduct, isGate(right, of: left) || isGate(left, of: right) else {
      throw node.unsupported("\(node.operation) of the shapes \(left) and \(right)")
    }
    try append(node, .multiply, isGate(right, of: left) ? [a, b] : [b, a], isGate(right, of: left) ? left : right)
  }

  /// A value and a constant: an affine map for one number or one number a channel, else a parameter that is added.
  private mutating func arithmetic(
    _ node: ONNXNode, _ value: String, _ constant: ONNXConstant, named name: String, isReversed: Bool
  ) throws {
    let x = try shape(value, node)
    let isChannelwise =
      x.count == 4 && constant.floats.count == x[1] && Array(constant.shape.suffix(3)) == [x[1], 1, 1]
    if constant.floats.count == 1 || isChannelwise {
      let c = constant.floats
      let one = [Float](repeating: 1, count: c.count)
      let zero = [Float](repeating: 0, count: c.count)
      let map: Operation.Affine =
        switch node.operation {
        case "Mul": .init(scale: c, shift: zero)
        case "Div": .init(scale: c.map { 1 / $0 }, shift: zero)
        case "Sub": isReversed ? .init(scale: one.map { -$0 }, shift: c) : .init(scale: one, shift: c.map { -$0 })
        default: .init(scale: one, shift: c)
        }
      return try append(node, .affine(map), [value], x)
    }
    let trailing = Array(constant.shape.drop { $0 == 1 })
    guard node.operation == "Add", trailing == Array(x.suffix(trailing.count)) else {
      throw node.unsupported("\(node.operation) of \(x) and a constant of \(constant.shape)")
    }
    try append(node, .addParameter(parameter(name, node)), [value], x)
  }

  private mutating func product(_ node: ONNXNode) throws {
    let x = try shape(node.input(0), node)
    guard let weights = try constant(node.input(1)) else {
      let y = try shape(node.input(1), node)
      guard node.operation == "MatMul", x.count == y.count, x.dropLast(2) == y.dropLast(2), x.count >= 2,
        x[x.count - 1] == y[y.count - 2]
      else { throw node.unsupported("a product of \(x) and \(y)") }
      return try append(node, .matrixProduct, node.inputs, Array(x.dropLast()) + [y[y.count - 1]])
    }
    let isTransposed = node.operation == "Gemm" && node.int("transB", default: 0) == 1
    guard weights.shape.count == 2, node.int("transA", default: 0) == 0, node.float("alpha", default: 1) == 1,
      node.float("beta", default: 1) == 1, x.last == weights.shape[isTransposed ? 1 : 0]
    else { throw node.unsupported("this form of \(node.operation)") }
    let outputs = weights.shape[isTransposed ? 0 : 1]
    let name = try parameter(node.input(1), node)
    var bias: String?
    if node.inputs.count > 2, !node.inputs[2].isEmpty {
      guard constant(node.inputs[2])?.floats.count == outputs else { throw node.unsupported("its bias") }
      bias = try parameter(node.inputs[2], node)
    }
    try append(
      node, .linear(weights: name, bias: bias, isTransposed: isTransposed), [node.input(0)],
      Array(x.dropLast()) + [outputs])
  }

  private mutating func reshape(_ node: ONNXNode) throws {
    let x = try shape(node.input(0), node)
    let count = x.reduce(1, *)
    var target: [Int]
    let given = node.ints("axes") ?? (node.inputs.count > 1 ? constant(node.inputs[1])?.integers : nil)
    switch node.operation {
    case "Squeeze":
      let axes = Set((given ?? x.indices.filter { x[$0] == 1 }).map { $0 < 0 ? $0 + x.count : $0 })
      target = x.indices.filter { !axes.contains($0) }.map { x[$0] }
    case "Unsqueeze":
      guard let given else { throw node.unsupported("axes that are not constants") }
      let rank = x.count + given.count
      let axes = Set(given.map { $0 < 0 ? $0 + rank : $0 })
      guard axes.count == given.count, axes.allSatisfy((0..<rank).contains) else {
        throw node.unsupported("the axes \(given.prefix(8))")
      }
      var rest = x[...]
      target = (0..<rank).map { axes.contains($0) ? 1 : rest.removeFirst() }
    default:
      guard let given else { throw node.unsupported("a shape that is not a constant") }
      target = given.enumerated().map { $1 == 0 && $0 < x.count ? x[$0] : $1 }
      if let open = target.firstIndex(of: -1) {
        let known = Self.count(target.filter { $0 != -1 }) ?? 0
        target[open] = known == 0 ? 0 : count / known
      }
    }
    guard Self.count(target) == count else { throw node.unsupported("a reshape of \(x) to \(target)") }
    try append(node, .reshape(target), [node.input(0)], target)
  }
}
