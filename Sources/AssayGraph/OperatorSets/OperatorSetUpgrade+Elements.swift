import AssayWeights

extension OperatorSetUpgrade {
  /// Before 13, the dimensions from the axis on (by default the second) were taken together; since then it is one dimension,
  /// by default the last.
  package mutating func rewriteSoftmax(_ node: Assay_Onnx_Node) throws(ModelError) {
    var node = node
    guard version < 13 else { return append(node) }
    let axis = node.int("axis", default: 1)
    let rank = node.input.first.flatMap { ranks[$0] }
    guard axis != -1, rank == nil || axis != (rank ?? 0) - 1 else {
      node.set(.int("axis", -1))
      return append(node)
    }
    guard let input = node.input.first, let output = node.output.first else { return append(node) }
    let shape = append("Shape", [input], behind: output + ".shape")
    let flat = append("Flatten", [input], behind: output + ".flat", [.int("axis", axis)])
    let soft = append(node.opType, [flat], behind: output + ".rows", [.int("axis", -1)])
    append("Reshape", [soft, shape], as: output)
  }

  /// Before 11 the bounds were attributes.
  package mutating func rewriteClip(_ node: Assay_Onnx_Node) throws(ModelError) {
    var node = node
    guard version < 11, let input = node.input.first else { return append(node) }
    for (place, name) in ["min", "max"].enumerated() {
      guard let bound = node.attribute(name) else { continue }
      node.setInput(place + 1, number(bound.f, like: input, for: node, name))
    }
    node.remove("min", "max", "consumed_inputs")
    append(node)
  }

  /// Before 12 the ratio was an attribute. A network that is looked at drops nothing.
  package mutating func rewriteDropout(_ node: Assay_Onnx_Node) throws(ModelError) {
    var node = node
    if node.hasInput(2) {
      guard constant(node.input[2])?.integers == [0] else {
        throw refused(node, "a training mode", remedy: "export the network for inference (model.eval() in PyTorch)")
      }
    }
    guard version < 12 else { return append(node) }
    let hasMask = node.output.count > 1 && isUsed(node.output[1])
    guard !hasMask || version >= 10 else { throw refused(node, "a mask that is used") }
    if node.output.count > 1, !hasMask { node.output = [node.output[0]] }
    node.setInput(1, floats([node.attribute("ratio")?.f ?? 0.5], shape: [], for: node, "ratio"))
    node.remove("ratio")
    append(node)
  }

  /// Before 9 the statistics could be of each position; before 14 further outputs meant training.
  package mutating func rewriteBatchNormalization(_ node: Assay_Onnx_Node) throws(ModelError) {
    var node = node
    guard version >= 9 || node.int("spatial", default: 1) == 1 else {
      throw refused(node, "statistics of each position (spatial = 0)")
    }
    let isTraining =
      version < 14
      ? node.output.dropFirst().contains { !$0.isEmpty } : node.int("training_mode", default: 0) != 0
    guard !isTraining else {
      throw refused(node, "a training mode", remedy: "export the network for inference (model.eval() in PyTorch)")
    }
    node.output = Array(node.output.prefix(1))
    node.remove("spatial")
    append(node)
  }

  /// Before 10 their number was an attribute.
  package mutating func rewriteTopK(_ node: Assay_Onnx_Node) throws(ModelError) {
    var node = node
    guard version < 10 else { return append(node) }
    node.setInput(1, integers([node.int("k", default: 0)], for: node, "k"))
    node.remove("k")
    append(node)
  }

  /// 19 to 21 brought numbers of 8 bits and fewer, and blocks of them.
  package mutating func rewriteConversion(_ node: Assay_Onnx_Node) throws(ModelError) {
    var node = node
    let type = node.int(node.opType == "Cast" ? "to" : "output_dtype", default: 0)
    guard type <= 16 else { throw refused(node, "the element type \(type)") }
    guard node.opType != "QuantizeLinear" || type == 0 || type == 2 || type == 3 else {
      throw refused(node, "the element type \(type)")
    }
    guard node.int("block_size", default: 0) == 0 else { throw refused(node, "blocks (block_size)") }
    node.remove("saturate", "output_dtype", "block_size")
    append(node)
  }

  /// 18 brought the largest and the smallest of what falls on one place.
  package mutating func rewriteScatter(_ node: Assay_Onnx_Node) throws(ModelError) {
    let reduction = node.string("reduction") ?? "none"
    guard ["none", "add", "mul"].contains(reduction) else {
      throw refused(node, "the reduction \(reduction.readable(20))")
    }
    append(node)
  }

  // MARK: Operators that the older set writes as several

  /// x (1 + erf(x / √2)) / 2, or its approximation by tanh (Hendrycks and Gimpel 2016); an operator since 20.
  package mutating func rewriteGelu(_ node: Assay_Onnx_Node) throws(ModelError) {
    guard let x = node.input.first, let output = node.output.first else { return append(node) }
    func constant(_ value: Float, _ what: String, _ upgrade: inout Self) -> String {
      upgrade.number(value, like: x, for: node, what)
    }
    let form = node.string("approximate") ?? "none"
    let half = constant(0.5, "half", &self)
    let one = constant(1, "one", &self)
    let gate: String
    switch form {
    case "none":
      let root = constant(Float(2).squareRoot(), "root", &self)
      let scaled = append("Div", [x, root], behind: output + ".scaled")
      gate = append("Erf", [scaled], behind: output + ".erf")
    case "tanh":
      let (cubic, root) = (constant(0.044715, "cubic", &self), constant(0.797_884_56, "root", &self))
      let square = append("Mul", [x, x], behind: output + ".square")
      let share = append("Mul", [square, cubic], behind: output + ".share")
      let factor = append("Add", [share, one], behind: output + ".factor")
      let bent = append("Mul", [x, factor], behind: output + ".bent")
      let scaled = append("Mul", [bent, root], behind: output + ".scaled")
      gate = append("Tanh", [scaled], behind: output + ".tanh")
    default: throw refused(node, "the form \(form.readable(20))")
    }
    let opened = append("Add", [gate, one], behind: output + ".opened")
    let product = append("Mul", [x, opened], behind: output + ".product")
    append("Mul", [product, half], as: output)
  }

  /// x tanh(softplus(x)) (Misra 2019); an operator since 18.
  package mutating func rewriteMish(_ node: Assay_Onnx_Node) throws(ModelError) {
    guard let x = node.input.first, let output = node.output.first else { return append(node) }
    let soft = append("Softplus", [x], behind: output + ".softplus")
    let gate = append("Tanh", [soft], behind: output + ".gate")
    append("Mul", [x, gate], as: output)
  }

  /// Instance normalisation of groups of channels (Wu and He 2018); an operator since 18, with scale and bias for each group
  /// there, for each channel since 21.
  package mutating func rewriteGroupNormalization(_ node: Assay_Onnx_Node) throws(ModelError) {
    guard node.input.count == 3, let output = node.output.first else { throw refused(node, "no scale or bias") }
    let groups = node.int("num_groups", default: 0)
    guard (1...65_536).contains(groups) else { throw refused(node, "\(groups) groups") }
    guard node.int("stash_type", default: 1) == 1 else { throw refused(node, "a stash_type") }
    let x = node.input[0]
    let epsilon = node.attribute("epsilon").map { [$0] } ?? []
    let shape = append("Shape", [x], behind: output + ".shape")
    let grouping = integers([0, groups, -1], for: node, "grouping")
    let grouped = append("Reshape", [x, grouping], behind: output + ".grouped")
    if version < 21 {
      let normal = append(
        "InstanceNormalization", [grouped, node.input[1], node.input[2]], behind: output + ".normal", epsilon)
      return append("Reshape", [normal, shape], as: output)
    }
    guard isSinglePrecision, let rank = ranks[x], rank >= 3 else {
      throw refused(node, "an input whose dimensions are not known")
    }
    let ones = floats([Float](repeating: 1, count: groups), for: node, "ones")
    let zeros = floats([Float](repeating: 0, count: groups), for: node, "zeros")
    let normal = append("InstanceNormalization", [grouped, ones, zeros], behind: output + ".normal", epsilon)
    let back = append("Reshape", [normal, shape], behind: output + ".whole")
    let axes = integers(Array(1...rank - 2), for: node, "axes")
    let scale = append("Unsqueeze", [node.input[1], axes], behind: output + ".scale")
    let bias = append("Unsqueeze", [node.input[2], axes], behind: output + ".bias")
    let scaled = append("Mul", [back, scale], behind: output + ".scaled")
    append("Add", [scaled, bias], as: output)
  }
}
