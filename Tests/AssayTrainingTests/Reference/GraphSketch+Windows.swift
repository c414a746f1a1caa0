import AssayGraph

/// Convolution and pooling. Every `input` is `[N, C, H, W]`.
extension GraphSketch {
  /// - Parameter pads: [top, left, bottom, right].
  static func conv(
    input: [Int], outputs: Int, kernel: [Int], strides: [Int] = [1, 1], pads: [Int] = [0, 0, 0, 0],
    dilations: [Int] = [1, 1], group: Int = 1, bias: Bool = true
  ) -> GraphSketch {
    let details = "\(kernel) strides \(strides) pads \(pads) dilations \(dilations) group \(group) bias \(bias)"
    return GraphSketch("conv \(input) to \(outputs) \(details)", input: input) { pen, x in
      pen.convolution(
        x, inputs: input[1], outputs: outputs, kernel: kernel, strides: strides, pads: pads, dilations: dilations,
        group: group, bias: bias)
    }
  }

  static func depthwiseConv(
    input: [Int], kernel: [Int], strides: [Int] = [1, 1], pads: [Int] = [0, 0, 0, 0], bias: Bool = true
  ) -> GraphSketch {
    conv(
      input: input, outputs: input[1], kernel: kernel, strides: strides, pads: pads, group: input[1], bias: bias)
  }

  /// - Parameter rule: SAME_UPPER, SAME_LOWER or VALID.
  static func conv(
    input: [Int], outputs: Int, kernel: [Int], strides: [Int] = [1, 1], autoPad rule: String
  ) -> GraphSketch {
    GraphSketch("conv \(input) to \(outputs) \(kernel) strides \(strides) \(rule)", input: input) { pen, x in
      let weight = pen.weights([outputs, input[1]] + kernel, inputs: input[1] * kernel[0] * kernel[1])
      return pen.node("Conv", [x, weight], .integers("strides", strides), .text("auto_pad", rule))
    }
  }

  static func maxPool(
    input: [Int], kernel: [Int], strides: [Int], pads: [Int] = [0, 0, 0, 0], ceilMode: Bool = false
  ) -> GraphSketch {
    let details = "\(kernel) strides \(strides) pads \(pads) ceil \(ceilMode)"
    return GraphSketch("max pool \(input) \(details)", input: input) { pen, x in
      pen.node(
        "MaxPool", [x], .integers("kernel_shape", kernel), .integers("strides", strides), .integers("pads", pads),
        .integer("ceil_mode", ceilMode ? 1 : 0))
    }
  }

  static func averagePool(
    input: [Int], kernel: [Int], strides: [Int], pads: [Int] = [0, 0, 0, 0], countIncludePad: Bool,
    ceilMode: Bool = false
  ) -> GraphSketch {
    let details = "\(kernel) strides \(strides) pads \(pads) count_include_pad \(countIncludePad) ceil \(ceilMode)"
    return GraphSketch("average pool \(input) \(details)", input: input) { pen, x in
      pen.node(
        "AveragePool", [x], .integers("kernel_shape", kernel), .integers("strides", strides), .integers("pads", pads),
        .integer("count_include_pad", countIncludePad ? 1 : 0), .integer("ceil_mode", ceilMode ? 1 : 0))
    }
  }

  static func globalAveragePool(input: [Int]) -> GraphSketch {
    GraphSketch("global average pool \(input)", input: input) { pen, x in pen.node("GlobalAveragePool", [x]) }
  }

  /// - Parameter axesAsInput: as operator set 18 wants them.
  static func reduceMean(input: [Int], axes: [Int], keepsAxes: Bool, axesAsInput: Bool = false) -> GraphSketch {
    GraphSketch(
      "mean of \(input) over \(axes) keeps \(keepsAxes) axes as input \(axesAsInput)", input: input,
      opset: axesAsInput ? 18 : 17
    ) { pen, x in
      let keeps = Assay_Onnx_Attribute.integer("keepdims", keepsAxes ? 1 : 0)
      guard axesAsInput else { return pen.node("ReduceMean", [x], .integers("axes", axes), keeps) }
      let list = pen.integers("axes", axes)
      return pen.node("ReduceMean", [x, list], keeps)
    }
  }
}
