import AssayGraph
import AssayTraining
import Testing

/// Every operation, in every form the engine knows, against double precision: its value by definition, its gradients by
/// central differences.
@Suite struct OperationGradientTests {
  /// Single precision against double, on values of about 1.
  private static let tolerance = 2e-4

  /// Of the catalogue, what the engine refuses; it says so when the network is made.
  private static func isRefused(_ sketch: GraphSketch) -> Bool {
    let refused: Set<String> = [
      "Pow", "Sqrt", "Softplus", "Reciprocal", "Neg", "Exp", "Split", "Shape", "Gather",
    ]
    if sketch.model.proto.graph.node.contains(where: { refused.contains($0.opType) }) { return true }
    return refusedForms.contains(sketch.name)
  }

  /// Forms of operators that are known otherwise.
  private static let refusedForms: Set<String> = [
    "[2, 3, 7] Sub [7]", "[2, 3, 7] Mul [7]", "[2, 3, 7] Div [7]", "[1] Div [2, 3, 7]", "[1, 5, 1, 1] Div [2, 5, 3, 4]",
    "batch norm [7, 5]", "layer norm by parts [2, 5, 7]", "softmax [2, 5, 3] axis 1",
    "gemm [3, 11] to 5 transB false alpha 0.5 beta 2.0 bias true",
    "slice [2, 6, 5, 4] [1, -1] to [-1, -6] on [1, 2] by [2, -1]",
    "average pool [2, 3, 7, 6] [3, 3] strides [2, 2] pads [1, 1, 1, 1] count_include_pad true ceil true",
  ]

  static let modes: [TrainingNetwork.Options.Statistics] = [.frozen, .batch(momentum: 0.1)]

  private func network(
    _ sketch: GraphSketch, _ mode: TrainingNetwork.Options.Statistics, threads: Int = 2
  ) throws -> TrainingNetwork {
    try TrainingNetwork(
      sketch.model, input: "x", inputShape: sketch.batch.shape, outputs: [sketch.output],
      options: .init(normalization: mode, needsInputGradient: true, threads: threads))
  }

  private func check(_ sketch: GraphSketch, _ mode: TrainingNetwork.Options.Statistics) throws {
    guard !Self.isRefused(sketch) else {
      #expect(throws: TrainingError.self) { try self.network(sketch, mode) }
      return
    }
    let isTraining = mode != .frozen
    let network = try self.network(sketch, mode)
    network.withInput { _ = $0.update(fromContentsOf: sketch.batch.values.map { Float($0) }) }
    network.forward()
    let output = try #require(network.output(sketch.output))
    let expected = try sketch.forward(isTraining: isTraining)
    #expect(output.shape == expected.shape)
    #expect(relativeError(of: output.values, against: expected.values) < Self.tolerance, "the value")
    let coefficients = try sketch.coefficients()
    try #require(network.outputGradient(sketch.output)).set(coefficients.map { Float($0) })
    network.backward()
    let input = network.gradientOfInput() ?? []
    let wanted = try sketch.gradient(withRespectTo: "x", isTraining: isTraining)
    #expect(relativeError(of: input, against: wanted) < Self.tolerance, "the input's gradient")
    for parameter in network.parameters where parameter.isTrained {
      let wanted = try sketch.gradient(withRespectTo: parameter.name, isTraining: isTraining)
      // A softmax does not see a bias of the keys: that gradient is zero but for rounding.
      let isZero = wanted.allSatisfy { abs($0) < 1e-7 }
      #expect(
        isZero
          ? parameter.gradient.allSatisfy { abs($0) < 1e-5 }
          : relativeError(of: Array(parameter.gradient), against: wanted) < Self.tolerance, "\(parameter.name)")
    }
  }

  @Test(arguments: GraphSketch.windows) func windows(_ sketch: GraphSketch) throws { try check(sketch, .frozen) }

  @Test(arguments: GraphSketch.elements) func elements(_ sketch: GraphSketch) throws { try check(sketch, .frozen) }

  @Test(arguments: GraphSketch.layers, modes)
  func layers(_ sketch: GraphSketch, _ mode: TrainingNetwork.Options.Statistics) throws { try check(sketch, mode) }

  @Test(arguments: GraphSketch.shapes) func shapes(_ sketch: GraphSketch) throws { try check(sketch, .frozen) }
}
