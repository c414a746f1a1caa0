/// The deployed graph: `image` `[N, 3, H, W]`, 0...1, to `logits` and `probabilities` `[N, K]`, `map` `[N, K, h, w]` and
/// `features` `[N, D]`, of which a station keeps watch for drift. The map is a ``ClassActivationMap``: the mean of `map[k]` over all positions IS `logits[k]`.
public enum InspectorGraph {
  /// What turns logits into probabilities.
  public enum Activation: Sendable {
    /// One of the classes is there.
    case softmax
    /// Each class is there or not, whatever the others are.
    case sigmoid
  }

  /// - Parameters:
  ///   - activation: sigmoid for a head that finds several classes.
  ///   - segmentation: adds the output `segmentation` `[N, K, h, w]`: a logit for each class at every position.
  ///   - includesMap: without it the graph has no `map`.
  ///   - baseline: `[K, h, w]`, the mean map of good parts; its mean over positions is restored.
  ///   - metadata: written to the model's metadata properties, in this order.
  public static func build(
    _ backbone: any Backbone, _ specification: FeatureSpecification, head: LinearHead,
    activation: Activation = .softmax, segmentation: PatchHead? = nil, includesMap: Bool = true,
    baseline: [Float]? = nil,
    metadata: [(String, String)] = []
  ) throws -> ONNXModel {
    var builder = GraphBuilder(name: "inspector", opset: backbone.opset)
    let trunk = try FeatureTrunk(&builder, backbone, specification, others: Set(segmentation?.taps ?? []))
    precondition(trunk.features.channels == head.dimension, "head and features differ in dimension")
    let w = builder.constant(head.weights, shape: [head.classCount, head.dimension], name: "head.weight")
    let b = builder.constant(head.bias, shape: [head.classCount], name: "head.bias")
    let logits = builder.node(
      "Gemm", [trunk.features.name, w, b], name: "head", shape: [head.classCount], [.int("transB", 1)])
    builder.output(logits, as: "logits")
    let probabilities =
      switch activation {
      case .softmax: builder.node("Softmax", [logits.name], name: "softmax", shape: logits.shape, [.int("axis", 1)])
      case .sigmoid: builder.node("Sigmoid", [logits.name], name: "sigmoid", shape: logits.shape)
      }
    builder.output(probabilities, as: "probabilities")
    if let map = segmentation?.write(&builder, trunk.taps) { builder.output(map, as: "segmentation") }
    builder.output(trunk.features, as: "features")
    if includesMap {
      let map = ClassActivationMap.of(head, &builder, trunk)
      builder.output(baseline.map { ClassActivationMap.corrected(&builder, map, baseline: $0) } ?? map, as: "map")
    }
    return builder.model(metadata: metadata)
  }
}
