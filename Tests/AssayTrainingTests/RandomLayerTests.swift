import AssayGraph
import AssayTraining
import Testing

/// Dropout and stochastic depth: what they leave out follows from seed and iteration, and the gradients are those of the
/// network without it.
@Suite struct RandomLayerTests {
  @Test func dropout() throws {
    let sketch = GraphSketch.dropout(input: [40, 50], ratio: 0.4)
    let network = try TrainingNetwork(
      sketch.model, input: "x", inputShape: [40, 50], outputs: [sketch.output],
      options: .init(needsInputGradient: true, usesDropout: true, seed: 3, threads: 2))
    func forward(_ iteration: Int) throws -> (mask: [Float], values: [Float]) {
      network.withInput { _ = $0.update(fromContentsOf: sketch.batch.values.map { Float($0) }) }
      network.forward(iteration: iteration)
      let mask = try #require(network.dropoutFactors.values.first)
      return (mask, try #require(network.output(sketch.output)).values)
    }
    let (other, _) = try forward(1)
    let (mask, values) = try forward(0)
    #expect(mask != other)
    #expect(Set(mask) == [0, 1 / (1 - 0.4)])
    // 2,000 draws: a deviation of 0.011.
    #expect(abs(Double(mask.count { $0 == 0 }) / 2000 - 0.4) < 0.05)
    let name = try #require(network.dropoutFactors.keys.first)
    let masks = [name: mask.map(Double.init)]
    let expected = try sketch.reference.run(sketch.inputs, isTraining: true, masks: masks)
    #expect(relativeError(of: values, against: try #require(expected[sketch.output]).values) < 1e-6)
    let coefficients = try sketch.coefficients()
    try #require(network.outputGradient(sketch.output)).set(coefficients.map { Float($0) })
    network.backward()
    let elements = FiniteDifference.sample(60, of: 2000)
    let wanted = try sketch.reference.gradient(
      of: sketch.output, coefficients: coefficients, withRespectTo: "x", at: sketch.inputs, isTraining: true,
      masks: masks, elements: elements)
    let found = try #require(network.gradientOfInput())
    #expect(relativeError(of: elements.map { found[$0] }, against: wanted) < 1e-4)
  }

  /// relu(normalise(conv(x)) keep + conv(x)), or without the normalisation; a dropout node stands for `keep` in the
  /// reference.
  private static func residual(isNormalised: Bool, marksBranch: Bool) -> GraphSketch {
    GraphSketch("residual", input: [6, 5, 4, 3]) { pen, x in
      let first = pen.convolution(x, inputs: 5, outputs: 5, kernel: [1, 1])
      var branch = pen.convolution(first, inputs: 5, outputs: 5, kernel: [3, 3], pads: [1, 1, 1, 1], bias: false)
      if isNormalised {
        branch = pen.node(
          "BatchNormalization",
          [
            branch, pen.parameter("scale", [5], in: 0.5...1.5), pen.parameter("shift", [5]), pen.fixed("mean", [5]),
            pen.fixed("variance", [5], in: 0.5...2),
          ])
      }
      if marksBranch { branch = pen.node("Dropout", [branch]) }
      return pen.node("Relu", [pen.node("Add", [branch, first])])
    }
  }

  @Test(arguments: [true, false]) func stochasticDepth(_ isNormalised: Bool) throws {
    let sketch = Self.residual(isNormalised: isNormalised, marksBranch: false)
    let marked = Self.residual(isNormalised: isNormalised, marksBranch: true)
    let network = try TrainingNetwork(
      sketch.model, input: "x", inputShape: sketch.batch.shape, outputs: [sketch.output],
      options: .init(
        normalization: .batch(momentum: 0.1), needsInputGradient: true, stochasticDepth: 0.5, seed: 8, threads: 2))
    network.withInput { _ = $0.update(fromContentsOf: sketch.batch.values.map { Float($0) }) }
    network.forward(iteration: 4)
    let keep = try #require(network.branchFactors.first)
    #expect(Set(keep) == [0, 2], "some branches are left out and some are not")
    let dropout = try #require(marked.model.proto.graph.node.first { $0.opType == "Dropout" }?.output.first)
    let masks = [dropout: keep.flatMap { [Double](repeating: Double($0), count: 5 * 4 * 3) }]
    let expected = try marked.reference.run(marked.inputs, isTraining: true, masks: masks)
    let output = try #require(network.output(sketch.output)).values
    #expect(relativeError(of: output, against: try #require(expected[marked.output]).values) < 1e-4)
    let coefficients = try sketch.coefficients()
    try #require(network.outputGradient(sketch.output)).set(coefficients.map { Float($0) })
    network.backward()
    func gradient(_ name: String) throws -> [Double] {
      try marked.reference.gradient(
        of: marked.output, coefficients: coefficients, withRespectTo: name, at: marked.inputs, isTraining: true,
        masks: masks)
    }
    #expect(relativeError(of: network.gradientOfInput() ?? [], against: try gradient("x")) < 2e-4)
    for parameter in network.parameters where parameter.isTrained {
      #expect(
        relativeError(of: Array(parameter.gradient), against: try gradient(parameter.name)) < 2e-4, "\(parameter.name)")
    }
  }
}
