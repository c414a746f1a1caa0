extension ClassActivationMap {
  /// Of a head behind a shared layer.
  ///
  /// For one image the layer is linear: units at rest take no part, the others are `W x + b`. So the logits are
  /// `V x + c` with `V = H diag(active) W` and `c = H diag(active) b + bias`, weights that depend on the image, and
  /// everything else is as for a head on the features.
  /// - Parameters:
  ///   - layerWeights: name of the layer's weights `[S, D]` in the graph.
  ///   - activations: of the layer, `[N, S]`.
  package static func of(
    _ head: LinearHead, behind shared: SharedLayer, layerWeights: String, activations: GraphValue,
    _ builder: inout GraphBuilder, _ trunk: FeatureTrunk
  ) -> GraphValue {
    let classes = head.classCount
    let units = shared.width
    let active = builder.node("Sign", [activations.name], name: "map.active", shape: activations.shape)
    let row = builder.reshape(active, [1, units], name: "map.active.row")
    let h = builder.constant(head.weights, shape: [1, classes, units], name: "map.head")
    let masked = builder.node("Mul", [h, row.name], name: "map.masked", shape: [classes, units])
    let weights = builder.node(
      "MatMul", [masked.name, layerWeights], name: "map.weights", shape: [classes, shared.dimension])
    let (width, height) = grid(trunk)
    var sum: GraphValue?
    for (index, reading) in trunk.readings.enumerated() {
      let name = "map.\(trunk.specification.taps[index])"
      let tap = reading.tap
      var part: GraphValue?
      var offset = reading.offset
      for statistic in trunk.specification.statistics {
        let own = slice(&builder, weights, offset..<offset + tap.channels, name: "\(name).\(statistic.rawValue).weight")
        offset += tap.channels
        let share = share(&builder, reading, statistic, weights: own, name: "\(name).\(statistic.rawValue)")
        part = part.map { builder.binary("Add", $0, share, name: name + ".both") } ?? share
      }
      guard let part else { continue }
      let onGrid = resized(&builder, part, width: width, height: height, name: name + ".grid")
      sum = sum.map { builder.binary("Add", $0, onGrid, name: name + ".sum") } ?? onGrid
    }
    let b = builder.constant(shared.bias, shape: [units, 1], name: "map.layer.bias")
    let offsets = builder.node("MatMul", [masked.name, b], name: "map.offsets", shape: [classes, 1])
    let column = builder.reshape(offsets, [classes, 1, 1], name: "map.offsets.column")
    let intercept = builder.binary(
      "Add", column, constant: head.bias, shape: [classes, 1, 1], name: "map.intercept")
    return builder.binary("Add", sum ?? trunk.features, intercept, name: "map.total")
  }

  /// Some columns of `[N, K, D]`.
  private static func slice(
    _ builder: inout GraphBuilder, _ x: GraphValue, _ columns: Range<Int>, name: String
  ) -> GraphValue {
    let bounds = [("start", columns.lowerBound), ("end", columns.upperBound), ("axis", 2)].map { part, value in
      builder.integers([value], name: "\(name).\(part)")
    }
    return builder.node("Slice", [x.name] + bounds, name: name, shape: [x.channels, columns.count])
  }

  /// One tap's and statistic's share at every position, `[N, K, h, w]`, with weights `[N, K, C]`.
  private static func share(
    _ builder: inout GraphBuilder, _ reading: FeatureTrunk.Reading, _ statistic: TapStatistic, weights: GraphValue,
    name: String
  ) -> GraphValue {
    let tap = reading.tap
    let (classes, plane) = (weights.channels, tap.height * tap.width)
    var source = tap
    var scaled = weights
    if statistic == .deviation, let squares = reading.squares, let deviation = reading.deviation {
      source = squares
      let row = builder.reshape(deviation, [1, tap.channels], name: name + ".row")
      scaled = builder.node("Div", [weights.name, row.name], name: name + ".scaled", shape: weights.shape)
    }
    let flat = builder.reshape(source, [tap.channels, plane], name: name + ".flat")
    let product = builder.node("MatMul", [scaled.name, flat.name], name: name + ".product", shape: [classes, plane])
    return builder.reshape(product, [classes, tap.height, tap.width], name: name)
  }
}
