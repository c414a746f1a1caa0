extension OperatorSetUpgrade {
  /// Since 13 the axes of these are an input.
  package mutating func rewriteAxesAsInput(_ node: Assay_Onnx_Node) throws(ModelError) {
    var node = node
    guard version < 13 else { return append(node) }
    if let axes = node.ints("axes") { node.setInput(1, integers(axes, for: node, "axes")) }
    node.remove("axes")
    append(node)
  }

  /// Since 18 the axes of these are an input, and without any they may do nothing.
  package mutating func rewriteReduction(_ node: Assay_Onnx_Node) throws(ModelError) {
    var node = node
    guard version >= 18 else { return appendReduction(node) }
    let passesWithoutAxes = node.int("noop_with_empty_axes", default: 0) == 1
    node.remove("noop_with_empty_axes")
    var axes: [Int] = []
    if node.hasInput(1) {
      guard let known = constant(node.input[1])?.integers else { throw refused(node, "axes that are not constants") }
      axes = known
    }
    node.input = Array(node.input.prefix(1))
    if axes.isEmpty, passesWithoutAxes {
      // Whether each element is squared (and the like) all the same, runtimes do not agree.
      guard ["ReduceMax", "ReduceMean", "ReduceMin", "ReduceProd"].contains(node.opType) else {
        throw refused(node, "no axes and noop_with_empty_axes")
      }
      node.opType = "Identity"
      node.attribute = []
      return append(node)
    }
    if !axes.isEmpty { node.set(.ints("axes", axes)) }
    appendReduction(node)
  }

  /// OpenVINO (2026.4) takes three of these over everything, whatever their axes: they are written as what they mean.
  private mutating func appendReduction(_ node: Assay_Onnx_Node) {
    guard let axes = node.ints("axes"), let x = node.input.first, let output = node.output.first else {
      return append(node)
    }
    let keeps = [Assay_Onnx_Attribute.int("keepdims", node.int("keepdims", default: 1))]
    switch node.opType {
    case "ReduceL1":
      let absolute = append("Abs", [x], behind: output + ".absolute")
      append("ReduceSum", [absolute, integers(axes, for: node, "axes")], as: output, keeps)
    case "ReduceLogSum":
      let sum = append("ReduceSum", [x, integers(axes, for: node, "axes")], behind: output + ".sum", keeps)
      append("Log", [sum], as: output)
    case "ReduceLogSumExp":
      // Relative to the largest, so that no power overflows.
      let places = integers(axes, for: node, "axes")
      let kept = Assay_Onnx_Attribute.int("keepdims", 1)
      let largest = append("ReduceMax", [x], behind: output + ".largest", [.ints("axes", axes), kept])
      let relative = append("Sub", [x, largest], behind: output + ".relative")
      let powers = append("Exp", [relative], behind: output + ".powers")
      let sum = append("ReduceSum", [powers, places], behind: output + ".sum", [kept])
      let logarithm = append("Log", [sum], behind: output + ".logarithm")
      guard keeps[0].i == 0 else { return append("Add", [logarithm, largest], as: output) }
      let whole = append("Add", [logarithm, largest], behind: output + ".whole")
      append("Squeeze", [whole, places], as: output)
    default: append(node)
    }
  }

  /// Before 13 the parts' sizes were an attribute; since 18 their number may be one. Where a dimension does not divide into
  /// equal parts, the older set has no answer and the graph is refused when its shapes are found.
  package mutating func rewriteSplit(_ node: Assay_Onnx_Node) throws(ModelError) {
    var node = node
    if version < 13, let sizes = node.ints("split") { node.setInput(1, integers(sizes, for: node, "sizes")) }
    if let parts = node.attribute("num_outputs"), Int(parts.i) != node.output.count {
      throw refused(node, "\(node.output.count) outputs and num_outputs = \(parts.i)")
    }
    node.remove("split", "num_outputs")
    append(node)
  }

  /// Before 10 the bounds were attributes.
  package mutating func rewriteSlice(_ node: Assay_Onnx_Node) throws(ModelError) {
    var node = node
    guard version < 10 else { return append(node) }
    guard let starts = node.ints("starts"), let ends = node.ints("ends"), starts.count == ends.count else {
      throw refused(node, "no bounds")
    }
    node.setInput(1, integers(starts, for: node, "starts"))
    node.setInput(2, integers(ends, for: node, "ends"))
    if let axes = node.ints("axes") { node.setInput(3, integers(axes, for: node, "axes")) }
    node.remove("starts", "ends", "axes")
    append(node)
  }

  /// Before 11 the padding was an attribute; since 18 it may be of some axes only, since 19 it may wrap around.
  package mutating func rewritePad(_ node: Assay_Onnx_Node) throws(ModelError) {
    var node = node
    guard (node.string("mode") ?? "constant") != "wrap" else { throw refused(node, "the mode wrap") }
    if version < 11 {
      guard let input = node.input.first, let pads = node.ints("pads") else { throw refused(node, "no padding") }
      node.setInput(1, integers(pads, for: node, "pads"))
      let value = node.attribute("value")?.f ?? 0
      if value != 0 { node.setInput(2, number(value, like: input, for: node, "value")) }
      node.remove("pads", "value")
    }
    if node.hasInput(3) {
      guard let axes = constant(node.input[3])?.integers, let own = constant(node.input[1])?.integers,
        let rank = ranks[node.input[0]], own.count == 2 * axes.count
      else { throw refused(node, "axes or padding that are not constants") }
      var pads = [Int](repeating: 0, count: 2 * rank)
      for (place, axis) in try places(axes, rank, node).enumerated() {
        pads[axis] = own[place]
        pads[axis + rank] = own[place + axes.count]
      }
      node.setInput(1, integers(pads, for: node, "pads"))
    }
    node.input = Array(node.input.prefix(3))
    append(node)
  }

  /// Axes counted from the front.
  package func places(_ axes: [Int], _ rank: Int, _ node: Assay_Onnx_Node) throws(ModelError) -> [Int] {
    let places = axes.map { $0 < 0 ? $0 + rank : $0 }
    guard places.allSatisfy((0..<rank).contains), Set(places).count == places.count else {
      throw refused(node, "the axes \(axes.prefix(8)) of \(rank) dimensions", remedy: "export it again")
    }
    return places
  }
}
