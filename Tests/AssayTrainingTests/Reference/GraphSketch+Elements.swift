/// Functions of single elements, and arithmetic between tensors.
extension GraphSketch {
  /// Functions of one element, as they are written in the wild.
  enum Activation: String, CaseIterable, Sendable {
    case relu, leakyRelu, clip6, sigmoid, hardSigmoid, tanh, softplus, exp, neg
    /// HardSwish in one node, and as x * HardSigmoid(x).
    case hardSwish, hardSwishByParts
    /// x * Sigmoid(x).
    case silu
    /// PyTorch's x * (1 + erf(x / sqrt 2)) * 0.5.
    case geluByParts
    /// The operator of set 20, exact and with the hyperbolic tangent.
    case gelu, geluTanh
    /// Of positive values.
    case sqrt, reciprocal, squared
  }

  static func activation(_ activation: Activation, input: [Int]) -> GraphSketch {
    let needsPositive = [.sqrt, .reciprocal].contains(activation)
    return GraphSketch(
      "\(activation.rawValue) \(input)", input: input,
      in: needsPositive ? 0.5...2 : activation == .clip6 ? -4...10 : -4...4,
      opset: [.gelu, .geluTanh].contains(activation) ? 20 : 17
    ) { pen, x in pen.activation(activation, x) }
  }

  static func relu(input: [Int]) -> GraphSketch { activation(.relu, input: input) }
  static func relu6(input: [Int]) -> GraphSketch { activation(.clip6, input: input) }
  static func sigmoid(input: [Int]) -> GraphSketch { activation(.sigmoid, input: input) }
  static func silu(input: [Int]) -> GraphSketch { activation(.silu, input: input) }
  static func hardSwish(input: [Int]) -> GraphSketch { activation(.hardSwish, input: input) }
  static func gelu(input: [Int], byParts: Bool) -> GraphSketch {
    activation(byParts ? .geluByParts : .gelu, input: input)
  }

  /// Arithmetic with a fixed tensor of values in 0.5...1.5.
  /// - Parameters:
  ///   - operation: Add, Sub, Mul or Div.
  ///   - shape: `[]` for a scalar, `[C, 1, 1]` for channels.
  ///   - constantFirst: constant - x instead of x - constant.
  static func arithmetic(
    _ operation: String, input: [Int], constant shape: [Int], constantFirst: Bool = false
  ) -> GraphSketch {
    let order = constantFirst ? "\(shape) \(operation) \(input)" : "\(input) \(operation) \(shape)"
    return GraphSketch(order, input: input, in: 0.5...2) { pen, x in
      let constant = pen.fixed("constant", shape, in: 0.5...1.5)
      return pen.node(operation, constantFirst ? [constant, x] : [x, constant])
    }
  }

  /// x and f(x) added, both with other users as well: relu(x + conv(relu(x))) + x.
  static func residual(input: [Int]) -> GraphSketch {
    GraphSketch("residual \(input)", input: input) { pen, x in
      let first = pen.convolution(x, inputs: input[1], outputs: input[1], kernel: [1, 1])
      let active = pen.node("Relu", [first])
      let branch = pen.convolution(
        active, inputs: input[1], outputs: input[1], kernel: [3, 3], pads: [1, 1, 1, 1], bias: false)
      let sum = pen.node("Add", [branch, first])
      let out = pen.node("Relu", [sum])
      return pen.node("Add", [out, active])
    }
  }

  /// A map times one number per channel that is computed from it (Hu et al. 2018).
  static func squeezeExcite(input: [Int], squeezed: Int) -> GraphSketch {
    GraphSketch("squeeze and excite \(input)", input: input) { pen, x in
      let map = pen.convolution(x, inputs: input[1], outputs: input[1], kernel: [1, 1])
      let mean = pen.node("GlobalAveragePool", [map])
      let small = pen.node("Relu", [pen.convolution(mean, inputs: input[1], outputs: squeezed, kernel: [1, 1])])
      let gate = pen.node("Sigmoid", [pen.convolution(small, inputs: squeezed, outputs: input[1], kernel: [1, 1])])
      return pen.node("Mul", [gate, map])
    }
  }

  /// - Parameter ratio: of elements that the mask in ``masks`` drops.
  static func dropout(input: [Int], ratio: Double) -> GraphSketch {
    GraphSketch("dropout \(input) \(ratio)", input: input) { pen, x in
      let share = pen.constant("ratio", [Float(ratio)])
      let dropped = pen.node("Dropout", [x, share])
      pen.mask(dropped, count: input.reduce(1, *), ratio: ratio)
      return pen.node("Relu", [dropped])
    }
  }
}

extension GraphPen {
  mutating func activation(_ activation: GraphSketch.Activation, _ x: String) -> String {
    switch activation {
    case .relu: return node("Relu", [x])
    case .leakyRelu: return node("LeakyRelu", [x], .number("alpha", 0.1))
    case .clip6:
      let low = constant("low", [0])
      let high = constant("high", [6])
      return node("Clip", [x, low, high])
    case .sigmoid: return node("Sigmoid", [x])
    case .hardSigmoid: return node("HardSigmoid", [x])
    case .tanh: return node("Tanh", [x])
    case .softplus: return node("Softplus", [x])
    case .exp: return node("Exp", [x])
    case .neg: return node("Neg", [x])
    case .hardSwish: return node("HardSwish", [x])
    case .hardSwishByParts:
      let gate = node("HardSigmoid", [x], .number("alpha", 1 / 6), .number("beta", 0.5))
      return node("Mul", [x, gate])
    case .silu: return node("Mul", [x, node("Sigmoid", [x])])
    case .geluByParts:
      let root = constant("root", [Float(2).squareRoot()])
      let one = constant("one", [1])
      let half = constant("half", [0.5])
      let function = node("Erf", [node("Div", [x, root])])
      let product = node("Mul", [x, node("Add", [function, one])])
      return node("Mul", [product, half])
    case .gelu: return node("Gelu", [x])
    case .geluTanh: return node("Gelu", [x], .text("approximate", "tanh"))
    case .sqrt: return node("Sqrt", [x])
    case .reciprocal: return node("Reciprocal", [x])
    case .squared:
      let two = constant("exponent", [2])
      return node("Pow", [x, two])
    }
  }
}
