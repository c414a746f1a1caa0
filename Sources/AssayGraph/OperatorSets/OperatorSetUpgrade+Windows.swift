import AssayWeights

extension OperatorSetUpgrade {
  /// Until 9; then it became a resizing.
  package mutating func rewriteUpsample(_ node: Assay_Onnx_Node) throws(ModelError) {
    var node = node
    if version < 9 {
      guard let scales = node.attribute("scales")?.floats else { throw refused(node, "no scales") }
      node.setInput(1, floats(scales, for: node, "scales"))
      node.remove("scales")
    }
    node.opType = "Resize"
    try rewriteFirstResize(node)
  }

  package mutating func rewriteResize(_ node: Assay_Onnx_Node) throws(ModelError) {
    var node = node
    if version < 11 { return try rewriteFirstResize(node) }
    let coordinates = node.string("coordinate_transformation_mode") ?? "half_pixel"
    // Later versions have no name for these.
    guard coordinates != "tf_half_pixel_for_nn", coordinates != "half_pixel_symmetric" else {
      throw refused(node, "the coordinates \(coordinates)")
    }
    guard node.int("antialias", default: 0) == 0 else { throw refused(node, "a smoothing (antialias)") }
    let policy = node.string("keep_aspect_ratio_policy") ?? "stretch"
    guard policy == "stretch" else { throw refused(node, "the policy \(policy.readable(20))") }
    if let axes = node.ints("axes") { try spread(&node, axes) }
    node.remove("antialias", "keep_aspect_ratio_policy", "axes")
    // In 11 what was not wanted was an empty constant.
    for place in 1..<4 where node.hasInput(place) {
      let isUnused = place == 1 && coordinates != "tf_crop_and_resize"
      if isUnused || constant(node.input[place])?.isEmpty == true { node.setInput(place, "") }
    }
    append(node)
  }

  /// Upsample, and Resize of 10: a position of the result is `floor(position / scale)` of the input or lies between two,
  /// counted from the corner. Runtimes take the ceiling where a scale makes smaller; so does this.
  private mutating func rewriteFirstResize(_ node: Assay_Onnx_Node) throws(ModelError) {
    var node = node
    guard node.hasInput(1) else { throw refused(node, "no scales") }
    let mode = node.string("mode") ?? "nearest"
    switch mode {
    case "nearest":
      guard let scales = constant(node.input[1])?.floats else { throw refused(node, "scales that are not constants") }
      guard scales.allSatisfy({ $0 >= 1 }) || scales.allSatisfy({ $0 <= 1 }) else {
        throw refused(node, "scales of both kinds, \(scales.prefix(8))")
      }
      node.set(.string("nearest_mode", scales.allSatisfy { $0 >= 1 } ? "floor" : "ceil"))
    case "linear", "bilinear": node.set(.string("mode", "linear"))
    default: throw refused(node, "the mode \(mode.readable(20))")
    }
    node.set(.string("coordinate_transformation_mode", "asymmetric"))
    node.input = [node.input[0], "", node.input[1]]
    append(node)
  }

  /// Since 18 scales or sizes may be of some axes only.
  private mutating func spread(_ node: inout Assay_Onnx_Node, _ axes: [Int]) throws(ModelError) {
    guard let x = node.input.first, let rank = ranks[x] else {
      throw refused(node, "axes, of an input whose dimensions are not known")
    }
    let places = try places(axes, rank, node)
    if places == Array(0..<rank) { return }
    guard node.string("coordinate_transformation_mode") != "tf_crop_and_resize", !node.hasInput(3), node.hasInput(2),
      let own = constant(node.input[2])?.floats, own.count == places.count
    else { throw refused(node, "sizes of some axes only") }
    var scales = [Float](repeating: 1, count: rank)
    for (place, axis) in places.enumerated() { scales[axis] = own[place] }
    node.setInput(2, floats(scales, for: node, "scales"))
  }

  /// 20 has other names for the modes.
  package mutating func rewriteGridSample(_ node: Assay_Onnx_Node) throws(ModelError) {
    var node = node
    switch node.string("mode") {
    case "linear": node.set(.string("mode", "bilinear"))
    case "cubic": node.set(.string("mode", "bicubic"))
    default: break
    }
    append(node)
  }

  /// 18 and 19 let windows have gaps.
  package mutating func rewritePooling(_ node: Assay_Onnx_Node) throws(ModelError) {
    var node = node
    guard node.ints("dilations")?.allSatisfy({ $0 == 1 }) ?? true else { throw refused(node, "dilations") }
    node.remove("dilations")
    let countsSomePadding =
      node.opType == "AveragePool" && node.int("ceil_mode", default: 0) == 1
      && node.int("count_include_pad", default: 0) == 1 && (node.ints("pads") ?? []).contains { $0 != 0 }
    guard !countsSomePadding else {
      throw refused(
        node, "padding that counts (count_include_pad) and a ceil_mode, on which runtimes do not agree",
        remedy: "export it without one of them")
    }
    if node.opType == "LpPool" {
      guard node.int("ceil_mode", default: 0) == 0 else { throw refused(node, "a ceil_mode") }
      node.remove("ceil_mode")
    }
    append(node)
  }

  /// Before 11 an odd padding lay on the other side than since.
  package mutating func rewriteTransposedConvolution(_ node: Assay_Onnx_Node) throws(ModelError) {
    let rule = node.string("auto_pad") ?? "NOTSET"
    guard version >= 11 || !(rule.hasPrefix("SAME") || node.attribute("output_shape") != nil) else {
      throw refused(node, "a padding found from its output's size")
    }
    append(node)
  }
}
