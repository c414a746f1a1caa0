import AssayGraph

/// An ONNX graph without weights whose outputs are known before it runs: each value is `dark` on a black picture, `bright`
/// on a white one, and linear in the grey level in between.
///
/// The level is that of the network's brightest sample: on a picture of one grey level it is exact whatever the order of
/// additions on a processor, and of a photograph in tiles it is a tile's own. An output whose `dark` and `bright` are equal
/// is a constant. Values that are multiples of powers of two come out exact; so do `0` to `1` and `1` to `0` at any level.
package struct TinyGraph: Sendable {
  package struct Output: Sendable {
    package var name: String
    /// Without `N`.
    package var shape: [Int]
    package var dark: [Float]
    package var bright: [Float]

    package init(_ name: String, _ shape: [Int], dark: [Float], bright: [Float]) {
      self.name = name
      self.shape = shape
      self.dark = dark
      self.bright = bright
    }

    /// - Parameter value: of every element.
    package init(_ name: String, _ shape: [Int], all value: Float) {
      let values = [Float](repeating: value, count: shape.reduce(1, *))
      self.init(name, shape, dark: values, bright: values)
    }
  }

  /// Side of the input in pixels.
  package static let side = 32

  package var outputs: [Output]
  /// On pictures brighter than this, 0...1, every output is NaN; nil for none.
  package var failsAbove: Float?

  package init(_ outputs: [Output], failsAbove: Float? = nil) {
    self.outputs = outputs
    self.failsAbove = failsAbove
  }

  /// `image` `[N, 3, 32, 32]` to the outputs.
  package func onnx(metadata: [(String, String)] = []) -> [UInt8] {
    var builder = GraphBuilder(name: "tiny")
    let image = builder.input("image", shape: [3, Self.side, Self.side])
    let brightest = builder.node("GlobalMaxPool", [image.name], name: "brightest", shape: [3, 1, 1])
    let level = builder.node("Flatten", [brightest.name], name: "level", shape: [3])
    // The root of a negative number is none.
    var poison: GraphValue?
    if let failsAbove {
      let limit = builder.constant([failsAbove], shape: [1], name: "limit")
      let first = builder.constant([1, 0, 0], shape: [3, 1], name: "first")
      let own = builder.node("MatMul", [level.name, first], name: "own", shape: [1])
      let left = builder.node("Sub", [limit, own.name], name: "left", shape: [1])
      let root = builder.node("Sqrt", [left.name], name: "root", shape: [1])
      let tiny = builder.constant([1e-30], shape: [1], name: "tiny")
      poison = builder.node("Mul", [root.name, tiny], name: "poison", shape: [1])
    }
    for output in outputs {
      let count = output.dark.count
      precondition(count == output.bright.count && count == output.shape.reduce(1, *), output.name)
      // Of the first channel; those of a grey picture are equal.
      let spans = zip(output.bright, output.dark).map { $0 - $1 } + [Float](repeating: 0, count: 2 * count)
      let own = "tiny.\(output.name)"
      let span = builder.constant(spans, shape: [3, count], name: own + ".span")
      let dark = builder.constant(output.dark, shape: [count], name: own + ".dark")
      let shape = builder.integers([0] + output.shape, name: own + ".shape")
      let change = builder.node("MatMul", [level.name, span], name: own + ".change", shape: [count])
      let sum = builder.node("Add", [change.name, dark], name: own + ".sum", shape: [count])
      let whole =
        poison.map { builder.node("Add", [sum.name, $0.name], name: own + ".whole", shape: [count]) } ?? sum
      let value = builder.node("Reshape", [whole.name, shape], name: own + ".value", shape: output.shape)
      builder.output(value, as: output.name)
    }
    return try! builder.model(metadata: metadata).serialized()
  }
}
