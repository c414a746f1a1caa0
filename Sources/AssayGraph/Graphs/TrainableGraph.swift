/// A backbone divided for training: a trunk that stays as it is, and a tail that is trained.
public struct TrainableGraph: Sendable {
  /// The whole backbone, `image` to all taps.
  public let whole: ONNXModel
  /// From the cut (or the image) to the taps behind it.
  public let tail: ONNXModel
  /// Name and shape `[C, H, W]` of the tail's input.
  public let tailInput: GraphValue
  /// `image` to `cut` and `features` (of the taps before the cut, where there are any); nil when nothing is frozen.
  public let trunk: ONNXModel?
  /// Names in the graphs of the values at the taps.
  public let values: [String: GraphValue]
  /// Taps before the cut, in the specification's order; their features are constant.
  public let frozenTaps: [String]
  /// Taps behind it.
  public let trainedTaps: [String]

  /// - Parameters:
  ///   - cut: the tap up to which everything is frozen; nil for nothing.
  /// - Throws: ``ModelError`` when the backbone has no such tap, or when it does not divide the network.
  public init(_ backbone: any Backbone, _ specification: FeatureSpecification, cut: String?) throws {
    let specification = try specification.validated(for: backbone)
    let order = backbone.taps.map(\.name)
    if let cut, !order.contains(cut) {
      throw ModelError(
        file: backbone.description.name, cause: "it has no stage \(cut)",
        remedy: "choose among \(order.joined(separator: ", "))")
    }
    var builder = GraphBuilder(name: "backbone", opset: backbone.opset)
    let image = builder.input("image", shape: [3, specification.height, specification.width])
    let values = try backbone.write(
      to: &builder, image: image, taps: Set(specification.taps + (cut.map { [$0] } ?? [])))
    for tap in specification.taps { if let value = values[tap] { builder.declareOutput(value) } }
    whole = builder.model()
    self.values = values
    guard let cut, let edge = values[cut] else {
      frozenTaps = []
      trainedTaps = specification.taps
      (tail, tailInput, trunk) = (whole, image, nil)
      return
    }
    let place = order.firstIndex(of: cut) ?? 0
    frozenTaps = specification.taps.filter { (order.firstIndex(of: $0) ?? 0) <= place }
    let trained = specification.taps.filter { (order.firstIndex(of: $0) ?? 0) > place }
    trainedTaps = trained
    guard !trained.isEmpty else {
      throw ModelError(
        file: backbone.description.name, cause: "nothing that is read lies behind \(cut)",
        remedy: "freeze up to an earlier stage, or read later ones with --taps")
    }
    tail = try whole.tail(
      from: edge.name, shape: edge.shape,
      to: trained.compactMap { tap in values[tap].map { ONNXModel.Port(name: $0.name, shape: $0.shape) } })
    tailInput = edge
    trunk = try Self.trunk(backbone, specification, frozen: frozenTaps, cut: cut)
  }

  private static func trunk(
    _ backbone: any Backbone, _ specification: FeatureSpecification, frozen: [String], cut: String
  ) throws -> ONNXModel {
    var builder = GraphBuilder(name: "trunk", opset: backbone.opset)
    if frozen.isEmpty {
      let image = builder.input("image", shape: [3, specification.height, specification.width])
      if let edge = try backbone.write(to: &builder, image: image, taps: [cut])[cut] { builder.output(edge, as: "cut") }
    } else {
      var part = specification
      part.taps = frozen
      let trunk = try FeatureTrunk(&builder, backbone, part, others: [cut])
      if let edge = trunk.taps[cut] { builder.output(edge, as: "cut") }
      builder.output(trunk.features, as: "features")
    }
    return builder.model()
  }
}
