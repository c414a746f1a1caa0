/// Normalisation, matrix products and attention.
extension GraphSketch {
  /// - Parameter input: `[N, C]` or `[N, C, H, W]`.
  static func batchNorm(input: [Int], epsilon: Float = 1e-5) -> GraphSketch {
    GraphSketch("batch norm \(input)", input: input) { pen, x in pen.batchNorm(x, channels: input[1], epsilon: epsilon)
    }
  }

  /// Convolution, batch normalisation and ReLU: what folding and freezing are tested with.
  static func convBatchNormRelu(input: [Int], outputs: Int, kernel: [Int], pads: [Int]) -> GraphSketch {
    GraphSketch("conv, batch norm, relu \(input) to \(outputs)", input: input) { pen, x in
      let map = pen.convolution(x, inputs: input[1], outputs: outputs, kernel: kernel, pads: pads, bias: false)
      return pen.node("Relu", [pen.batchNorm(map, channels: outputs)])
    }
  }

  /// Over the last axis.
  static func layerNorm(input: [Int], epsilon: Float = 1e-5) -> GraphSketch {
    GraphSketch("layer norm \(input)", input: input) { pen, x in
      let scale = pen.parameter("scale", [input[input.count - 1]], in: 0.5...1.5)
      let bias = pen.parameter("bias", [input[input.count - 1]])
      return pen.node("LayerNormalization", [x, scale, bias], .integer("axis", -1), .number("epsilon", epsilon))
    }
  }

  /// Layer normalisation as exported before it was an operator.
  static func layerNormByParts(input: [Int]) -> GraphSketch {
    GraphSketch("layer norm by parts \(input)", input: input) { pen, x in
      let scale = pen.parameter("scale", [input[input.count - 1]], in: 0.5...1.5)
      let bias = pen.parameter("bias", [input[input.count - 1]])
      let two = pen.constant("two", [2])
      let epsilon = pen.constant("epsilon", [1e-5])
      let centred = pen.node("Sub", [x, pen.node("ReduceMean", [x], .integers("axes", [-1]))])
      let squares = pen.node("Pow", [centred, two])
      let variance = pen.node("ReduceMean", [squares], .integers("axes", [-1]))
      let deviation = pen.node("Sqrt", [pen.node("Add", [variance, epsilon])])
      let scaled = pen.node("Mul", [pen.node("Div", [centred, deviation]), scale])
      return pen.node("Add", [scaled, bias])
    }
  }

  static func softmax(input: [Int], axis: Int = -1) -> GraphSketch {
    GraphSketch("softmax \(input) axis \(axis)", input: input) { pen, x in
      pen.node("Softmax", [x], .integer("axis", axis))
    }
  }

  /// - Parameter input: `[N, D]`.
  static func gemm(
    input: [Int], outputs: Int, transB: Bool = true, alpha: Float = 1, beta: Float = 1, bias: Bool = true
  ) -> GraphSketch {
    let details = "transB \(transB) alpha \(alpha) beta \(beta) bias \(bias)"
    return GraphSketch("gemm \(input) to \(outputs) \(details)", input: input) { pen, x in
      let weight = pen.weights(transB ? [outputs, input[1]] : [input[1], outputs], inputs: input[1])
      let biases = bias ? [pen.parameter("bias", [outputs])] : []
      return pen.node(
        "Gemm", [x, weight] + biases, .integer("transB", transB ? 1 : 0), .number("alpha", alpha),
        .number("beta", beta))
    }
  }

  /// `[..., D]` times a constant matrix, plus a bias.
  static func matMul(input: [Int], outputs: Int) -> GraphSketch {
    GraphSketch("matmul \(input) to \(outputs)", input: input) { pen, x in
      pen.linear(x, inputs: input[input.count - 1], outputs: outputs)
    }
  }

  /// (x A + a)(x B + b)' for each of the leading axes.
  /// - Parameter input: `[N, T, D]` or `[N, H, T, D]`.
  static func matMulOfActivations(input: [Int], width: Int) -> GraphSketch {
    GraphSketch("matmul of activations \(input)", input: input) { pen, x in
      let depth = input[input.count - 1]
      let left = pen.linear(x, inputs: depth, outputs: width)
      let right = pen.linear(x, inputs: depth, outputs: width)
      var order = Array(input.indices)
      order.swapAt(input.count - 1, input.count - 2)
      return pen.node("MatMul", [left, pen.node("Transpose", [right], .integers("perm", order))])
    }
  }

  /// Multi-head self-attention (Vaswani et al. 2017) with the reshapes and transposes that exporters write.
  /// - Parameters:
  ///   - input: `[N, T, D]`.
  ///   - heads: divides D.
  ///   - fused: queries, keys and values from one product, taken apart by Gather, instead of from three.
  static func multiHeadAttention(input: [Int], heads: Int, fused: Bool) -> GraphSketch {
    GraphSketch("attention \(input) heads \(heads) fused \(fused)", input: input) { pen, x in
      let (tokens, depth) = (input[1], input[2])
      let width = depth / heads
      var parts: [String] = []
      if fused {
        let all = pen.linear(x, inputs: depth, outputs: 3 * depth)
        let target = pen.integers("shape", [-1, tokens, 3, heads, width])
        let heads = pen.node("Transpose", [pen.node("Reshape", [all, target])], .integers("perm", [2, 0, 3, 1, 4]))
        for index in 0..<3 {
          let which = pen.integers("index", [index], shape: [])
          parts.append(pen.node("Gather", [heads, which], .integer("axis", 0)))
        }
      } else {
        for _ in 0..<3 {
          let part = pen.linear(x, inputs: depth, outputs: depth)
          let target = pen.integers("shape", [0, tokens, heads, width])
          parts.append(pen.node("Transpose", [pen.node("Reshape", [part, target])], .integers("perm", [0, 2, 1, 3])))
        }
      }
      let scale = pen.constant("scale", [1 / Float(width).squareRoot()])
      let keys = pen.node("Transpose", [parts[1]], .integers("perm", [0, 1, 3, 2]))
      let scores = pen.node("Mul", [pen.node("MatMul", [parts[0], keys]), scale])
      let mixed = pen.node("MatMul", [pen.node("Softmax", [scores], .integer("axis", -1)), parts[2]])
      let target = pen.integers("shape", [0, tokens, depth])
      let joined = pen.node("Reshape", [pen.node("Transpose", [mixed], .integers("perm", [0, 2, 1, 3])), target])
      return pen.linear(joined, inputs: depth, outputs: depth)
    }
  }
}

extension GraphPen {
  mutating func batchNorm(_ x: String, channels: Int, epsilon: Float = 1e-5) -> String {
    let scale = parameter("scale", [channels], in: 0.5...1.5)
    let bias = parameter("bias", [channels])
    let mean = fixed("mean", [channels])
    let variance = fixed("variance", [channels], in: 0.5...2)
    return node("BatchNormalization", [x, scale, bias, mean, variance], .number("epsilon", epsilon))
  }
}
