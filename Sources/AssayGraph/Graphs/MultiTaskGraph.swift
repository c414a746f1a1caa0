/// The deployed graph of several tasks: `image` `[N, 3, H, W]`, 0...1, to named outputs for each task.
///
/// | task | outputs |
/// | --- | --- |
/// | classification | `NAME.logits` and `NAME.probabilities` `[N, K]` |
/// | ordinal | `NAME.probabilities` `[N, levels]`, and `NAME.value` `[N, 1]`, the expected level |
/// | real | `NAME.value` `[N, 1]` |
///
/// `features` `[N, D]`, what the trunk sees, is that of which a station keeps watch for drift.
///
/// The primary task, a classification, also gives `logits`, `probabilities` and `map` as ``InspectorGraph`` does, so that
/// whatever reads a bundle of one task reads this one too. The map's mean is the logit even behind a shared layer: for one
/// image a layer of rectified units is linear, with the units that are at rest left out.
public enum MultiTaskGraph {
  /// - Parameters:
  ///   - shared: between the features and all heads; nil when the heads read the features.
  ///   - primary: name of a classification among the heads; nil when there is none.
  ///   - baseline: `[K, h, w]` of the primary task, as in ``InspectorGraph``.
  ///   - metadata: written to the model's metadata properties, in this order.
  public static func build(
    _ backbone: any Backbone, _ specification: FeatureSpecification, shared: SharedLayer? = nil, heads: [TaskHead],
    primary: String?, baseline: [Float]? = nil, metadata: [(String, String)] = []
  ) throws -> ONNXModel {
    var builder = GraphBuilder(name: "inspector", opset: backbone.opset)
    let trunk = try FeatureTrunk(&builder, backbone, specification)
    let representation = shared.map { layer(&builder, trunk.features, $0) } ?? trunk.features
    for head in heads {
      precondition(
        head.head.dimension == representation.channels, "\(head.name): head and representation differ in size")
      let scores = gemm(
        &builder, representation, weights: head.head.weights, bias: head.head.bias, name: "task.\(head.name).score")
      switch head.kind {
      case .classification: classification(&builder, head, scores, isPrimary: head.name == primary)
      case .ordinal(let levels, let thresholds): ordinal(&builder, head.name, scores, levels, thresholds)
      case .real: builder.output(scores, as: "\(head.name).value")
      }
      guard head.name == primary, case .classification = head.kind else { continue }
      let map =
        if let shared {
          ClassActivationMap.of(
            head.head, behind: shared, layerWeights: "shared.sum.weight", activations: representation, &builder, trunk)
        } else {
          ClassActivationMap.of(head.head, &builder, trunk)
        }
      builder.output(
        baseline.map { ClassActivationMap.corrected(&builder, map, baseline: $0) } ?? map, as: "map")
    }
    builder.output(trunk.features, as: "features")
    return builder.model(metadata: metadata)
  }

  private static func gemm(
    _ builder: inout GraphBuilder, _ x: GraphValue, weights: [Float], bias: [Float], name: String
  ) -> GraphValue {
    let w = builder.constant(weights, shape: [bias.count, x.channels], name: name + ".weight")
    let b = builder.constant(bias, shape: [bias.count], name: name + ".bias")
    return builder.node("Gemm", [x.name, w, b], name: name, shape: [bias.count], [.int("transB", 1)])
  }

  private static func layer(_ builder: inout GraphBuilder, _ x: GraphValue, _ shared: SharedLayer) -> GraphValue {
    let sum = gemm(&builder, x, weights: shared.weights, bias: shared.bias, name: "shared.sum")
    return builder.node("Relu", [sum.name], name: "shared", shape: sum.shape)
  }

  private static func classification(
    _ builder: inout GraphBuilder, _ head: TaskHead, _ logits: GraphValue, isPrimary: Bool
  ) {
    let softmax = builder.node(
      "Softmax", [logits.name], name: "task.\(head.name).softmax", shape: logits.shape, [.int("axis", 1)])
    builder.output(logits, as: "\(head.name).logits")
    builder.output(softmax, as: "\(head.name).probabilities")
    guard isPrimary else { return }
    builder.output(logits, as: "logits")
    builder.output(softmax, as: "probabilities")
  }

  /// `P(level = k)` is the difference of two neighbours among 0, `sigmoid(t - s)` and 1: a product with a matrix of -1, 0
  /// and 1. What rounding leaves below 0 is cut off.
  private static func ordinal(
    _ builder: inout GraphBuilder, _ name: String, _ score: GraphValue, _ levels: [Double], _ thresholds: [Double]
  ) {
    let prefix = "task.\(name)"
    let limits = builder.constant(thresholds.map { Float($0) }, shape: [thresholds.count], name: prefix + ".thresholds")
    let margins = builder.node("Sub", [limits, score.name], name: prefix + ".margins", shape: [thresholds.count])
    let cumulative = builder.node("Sigmoid", [margins.name], name: prefix + ".cumulative", shape: margins.shape)
    // [levels, thresholds]: level k is cumulative k minus cumulative k - 1; the last is 1 minus the last.
    var differences = [Float](repeating: 0, count: levels.count * thresholds.count)
    for level in levels.indices {
      if level < thresholds.count { differences[level * thresholds.count + level] = 1 }
      if level > 0 { differences[level * thresholds.count + level - 1] = -1 }
    }
    let last = levels.indices.map { Float($0 == levels.count - 1 ? 1 : 0) }
    let exact = gemm(&builder, cumulative, weights: differences, bias: last, name: prefix + ".differences")
    let probabilities = builder.node("Relu", [exact.name], name: prefix + ".positive", shape: exact.shape)
    builder.output(probabilities, as: "\(name).probabilities")
    let value = gemm(
      &builder, probabilities, weights: levels.map { Float($0) }, bias: [0], name: prefix + ".expected")
    builder.output(value, as: "\(name).value")
  }
}
