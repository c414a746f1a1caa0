import AssayGraph
import AssayTraining
import Foundation
import Testing

/// Vision transformers as they are built for inference, trained whole: values and gradients against the definition in double
/// precision, by the derivative along a random direction of each parameter.
@Suite struct TransformerGradientTests {
  private static let shapes: [(String, VisionTransformer)] = [
    ("timm", VisionTransformer(.init(width: 128, depth: 4, patch: 8, gridSide: 3), naming: .timm)),
    (
      "DINOv2 with registers",
      VisionTransformer(
        .init(width: 128, depth: 4, patch: 14, gridSide: 3, registers: 2, hasLayerScale: true), naming: .dinov2)
    ),
  ]

  @Test(arguments: [0, 1]) func gradients(_ index: Int) throws {
    let (name, architecture) = Self.shapes[index]
    let side = 2 * architecture.shape.patch
    let weights = SeededWeights(seed: 5)
    var builder = GraphBuilder(name: name)
    let image = builder.input("image", shape: [3, side, side])
    let taps = try architecture.write(
      to: &builder, image: image, weights: weights, taps: ["stage3", "token", "features"])
    let outputs = try ["stage3", "token", "features"].map { try #require(taps[$0]) }
    for output in outputs { builder.declareOutput(output) }
    let model = builder.model()

    let network = try TrainingNetwork(
      model, input: "image", inputShape: [2, 3, side, side], outputs: outputs.map(\.name),
      options: .init(normalization: .frozen, needsInputGradient: true, threads: 2))
    let u = weights.uniform("input", count: 2 * 3 * side * side)
    network.withInput { input in for place in input.indices { input[place] = (1 + u[place]) / 2 } }
    network.forward()

    let reference = ReferenceNetwork(model)
    let batch = ReferenceTensor(shape: [2, 3, side, side], values: u.map { Double((1 + $0) / 2) })
    let expected = try reference.run(["image": batch])
    var coefficients: [String: [Float]] = [:]
    for output in outputs {
      let wanted = try #require(expected[output.name])
      let found = try #require(network.output(output.name))
      #expect(found.shape == wanted.shape)
      #expect(relativeError(of: found.values, against: wanted.values) < 1e-4, "\(output.name)")
      coefficients[output.name] = weights.uniform("c." + output.name, count: wanted.values.count)
      try #require(network.outputGradient(output.name)).set(coefficients[output.name] ?? [])
    }
    network.backward()

    func loss(_ parameters: [String: [Double]]) throws -> Double {
      let values = try reference.run(["image": batch], parameters: parameters)
      return coefficients.reduce(0) { sum, own in
        sum + zip(own.value, values[own.key]?.values ?? []).reduce(0) { $0 + Double($1.0) * $1.1 }
      }
    }
    var gradients = network.parameters.filter(\.isTrained).map {
      ($0.name, Array($0.gradient), $0.values.map(Double.init))
    }
    #expect(gradients.count > 40)
    gradients.append(("image", try #require(network.gradientOfInput()), batch.values))
    let norm = gradients.map { own in own.1.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot() }.max() ?? 0
    for (parameter, gradient, values) in gradients {
      // Towards the gradient, mostly: a direction of its own for each parameter that does not miss it.
      let size = gradient.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
      guard size > 1e-6 * norm else { continue }
      let noise = weights.uniform("d." + parameter, count: gradient.count)
      let spread = Double(gradient.count).squareRoot()
      let direction = gradient.indices.map { Double(gradient[$0]) / size + Double(noise[$0]) / spread }
      let step = 1e-4
      func along(_ sign: Double) -> [Double] { values.indices.map { values[$0] + sign * step * direction[$0] } }
      let slope = (try loss([parameter: along(1)]) - loss([parameter: along(-1)])) / (2 * step)
      let product = zip(gradient, direction).reduce(0) { $0 + Double($1.0) * $1.1 }
      // What a key's bias changes is the same for all tokens, and a softmax does not see it.
      #expect(abs(slope - product) < 1e-3 * max(size, 1e-3 * norm), "\(name): \(parameter)")
    }
  }
}
