/// Operators that move values without changing them.
extension GraphSketch {
  /// A 1x1 convolution to each width and the input itself, one after the other in the channels.
  static func concat(input: [Int], widths: [Int]) -> GraphSketch {
    GraphSketch("concat \(input) with \(widths)", input: input) { pen, x in
      let parts = widths.map { pen.convolution(x, inputs: input[1], outputs: $0, kernel: [1, 1]) }
      return pen.node("Concat", parts + [x], .integer("axis", 1))
    }
  }

  static func flatten(input: [Int]) -> GraphSketch {
    GraphSketch("flatten \(input)", input: input) { pen, x in pen.node("Flatten", [x], .integer("axis", 1)) }
  }

  /// - Parameter target: may use 0 and -1.
  static func reshape(input: [Int], to target: [Int]) -> GraphSketch {
    GraphSketch("reshape \(input) to \(target)", input: input) { pen, x in
      let shape = pen.integers("shape", target)
      return pen.node("Reshape", [x, shape])
    }
  }

  /// `[N, C, H, W]` to `[N, C * H * W]` by a shape that is computed from the input's, as exporters write
  /// `view(x.shape[0], -1)`.
  static func reshapeByShape(input: [Int]) -> GraphSketch {
    GraphSketch("reshape \(input) by its shape", input: input) { pen, x in
      let zero = pen.integers("index", [0], shape: [])
      let axes = pen.integers("axes", [0])
      let rest = pen.integers("rest", [-1])
      let batch = pen.node("Gather", [pen.node("Shape", [x]), zero], .integer("axis", 0))
      let shape = pen.node("Concat", [pen.node("Unsqueeze", [batch, axes]), rest], .integer("axis", 0))
      return pen.node("Reshape", [x, shape])
    }
  }

  static func transpose(input: [Int], permutation: [Int]) -> GraphSketch {
    GraphSketch("transpose \(input) \(permutation)", input: input) { pen, x in
      pen.node("Transpose", [x], .integers("perm", permutation))
    }
  }

  /// Two halves of the channels, one times the other's sigmoid.
  static func split(input: [Int]) -> GraphSketch {
    GraphSketch("split \(input)", input: input) { pen, x in
      let lengths = pen.integers("lengths", [input[1] / 2, input[1] - input[1] / 2])
      let halves = pen.node("Split", [x, lengths], outputs: 2, .integer("axis", 1))
      return pen.node("Mul", [halves[0], pen.node("Sigmoid", [halves[1]])])
    }
  }

  static func slice(input: [Int], starts: [Int], ends: [Int], axes: [Int], steps: [Int]) -> GraphSketch {
    GraphSketch("slice \(input) \(starts) to \(ends) on \(axes) by \(steps)", input: input) { pen, x in
      let lists = [("starts", starts), ("ends", ends), ("axes", axes), ("steps", steps)]
      return pen.node("Slice", [x] + lists.map { pen.integers($0.0, $0.1) })
    }
  }

  static func pad(input: [Int], pads: [Int], axes: [Int]? = nil) -> GraphSketch {
    GraphSketch("pad \(input) by \(pads)" + (axes.map { " on \($0)" } ?? ""), input: input) { pen, x in
      // The input's gradient is looked at through a curve, so that each element has one of its own.
      let bounds = [pen.integers("pads", pads)]
      return pen.node("Tanh", [pen.node("Pad", [x] + bounds + (axes.map { ["", pen.integers("axes", $0)] } ?? []))])
    }
  }

  /// A vision transformer's ends (Dosovitskiy et al. 2021): patches to tokens, a class token and positions; then the
  /// class token.
  /// - Parameter input: `[N, C, H, W]`.
  static func tokens(input: [Int], patch: Int, width: Int) -> GraphSketch {
    GraphSketch("tokens of \(input)", input: input) { pen, x in
      let count = (input[2] / patch) * (input[3] / patch)
      let map = pen.convolution(
        x, inputs: input[1], outputs: width, kernel: [patch, patch], strides: [patch, patch])
      let target = pen.integers("shape", [0, width, -1])
      let tokens = pen.node("Transpose", [pen.node("Reshape", [map, target])], .integers("perm", [0, 2, 1]))
      let first = pen.integers("first", [0])
      let second = pen.integers("second", [1])
      let rest = pen.integers("rest", [1, width])
      let batch = pen.node("Slice", [pen.node("Shape", [tokens]), first, second, first])
      let shape = pen.node("Concat", [batch, rest], .integer("axis", 0))
      let token = pen.parameter("token", [1, 1, width])
      let all = pen.node("Concat", [pen.node("Expand", [token, shape]), tokens], .integer("axis", 1))
      let positions = pen.parameter("positions", [1, count + 1, width])
      let placed = pen.node("Add", [all, positions])
      let activated = pen.node("Tanh", [placed])
      let index = pen.integers("index", [0], shape: [])
      let picked = pen.node("Gather", [activated, index], .integer("axis", 1))
      let mean = pen.node("ReduceMean", [activated], .integers("axes", [1]), .integer("keepdims", 0))
      return pen.node("Add", [picked, mean])
    }
  }
}
