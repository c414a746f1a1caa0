/// A class activation map (Zhou et al. 2016) over all taps and both statistics, `[N, K, h, w]`. It is exact: the mean of
/// `map[k]` over all positions IS `logits[k]`.
/// - A mean's share at a position is `w x(p)`: its spatial mean is `w mean`.
/// - A deviation's share is `w (x(p) - mean)^2 / deviation`: its spatial mean is `w deviation`.
/// - Shares are taken relative to the training mean of the feature, so that an average part has a flat map.
/// - Where a map is the same on every good part (a corner, an edge), it says nothing of this one: a baseline with zero mean
///   can be taken away, which leaves the identity as it is.
/// - Taps are brought to one grid by average pooling or by linear interpolation with an integer factor, or where extents do
///   not divide each other by shares of areas; all keep the mean.
package enum ClassActivationMap {
  /// Subtracts the baseline's deviation from its own spatial mean.
  package static func corrected(_ builder: inout GraphBuilder, _ map: GraphValue, baseline: [Float]) -> GraphValue {
    let plane = map.height * map.width
    precondition(baseline.count == map.channels * plane, "the baseline is not \(map.shape)")
    var centred = baseline
    for k in 0..<map.channels {
      let own = baseline[k * plane..<(k + 1) * plane]
      let mean = own.reduce(0.0) { $0 + Double($1) } / Double(plane)
      for position in own.indices { centred[position] = Float(Double(baseline[position]) - mean) }
    }
    return builder.binary("Sub", map, constant: centred, shape: map.shape, name: "map.corrected")
  }

  /// Of a head on the features.
  package static func of(_ head: LinearHead, _ builder: inout GraphBuilder, _ trunk: FeatureTrunk) -> GraphValue {
    let classes = head.classCount
    let (width, height) = grid(trunk)
    var sum: GraphValue?
    for (index, reading) in trunk.readings.enumerated() {
      let name = "map.\(trunk.specification.taps[index])"
      let channels = reading.tap.channels
      var share = [Double](repeating: 0, count: classes)
      var part: GraphValue?
      var offset = reading.offset
      for statistic in trunk.specification.statistics {
        let weights = head.block(offset: offset, count: channels)
        let center = head.centerShare(offset: offset, count: channels)
        for k in 0..<classes { share[k] += center[k] }
        offset += channels
        let contribution =
          switch statistic {
          case .mean:
            builder.convolution(
              reading.tap, weights: weights, bias: [Float](repeating: 0, count: classes), kernel: 1,
              name: name + ".mean")
          case .deviation:
            deviationShare(&builder, reading, weights: weights, classes: classes, name: name + ".deviation")
          }
        part = part.map { builder.binary("Add", $0, contribution, name: name + ".both") } ?? contribution
      }
      guard let part else { continue }
      let relative = builder.binary(
        "Sub", part, constant: share.map { Float($0) }, shape: [classes, 1, 1], name: name)
      let onGrid = resized(&builder, relative, width: width, height: height, name: name + ".grid")
      sum = sum.map { builder.binary("Add", $0, onGrid, name: name + ".sum") } ?? onGrid
    }
    // What is left of the logit once every feature is at its training mean.
    let intercept = (0..<classes).map { k in
      Float(Double(head.bias[k]) + head.centerShare(offset: 0, count: head.dimension)[k])
    }
    let total = sum ?? trunk.features
    return builder.binary("Add", total, constant: intercept, shape: [classes, 1, 1], name: "map.total")
  }

  /// The finest grid that is used, but no finer than 8 pixels: below that maps show texture, not defects.
  package static func grid(_ trunk: FeatureTrunk) -> (width: Int, height: Int) {
    (
      min(trunk.readings.map(\.tap.width).max() ?? 1, trunk.specification.width / 8),
      min(trunk.readings.map(\.tap.height).max() ?? 1, trunk.specification.height / 8)
    )
  }

  /// sum over channels of w[k, c] / deviation[c] * squares[c, p], a matrix product with weights that depend on the image.
  private static func deviationShare(
    _ builder: inout GraphBuilder, _ reading: FeatureTrunk.Reading, weights: [Float], classes: Int, name: String
  ) -> GraphValue {
    let tap = reading.tap
    guard let squares = reading.squares, let deviation = reading.deviation else { return tap }
    let w = builder.constant(weights, shape: [1, classes, tap.channels], name: name + ".weight")
    let row = builder.reshape(deviation, [1, tap.channels], name: name + ".row")
    let scaled = builder.node("Div", [w, row.name], name: name + ".scaled", shape: [classes, tap.channels])
    let flat = builder.reshape(squares, [tap.channels, tap.height * tap.width], name: name + ".flat")
    let product = builder.node(
      "MatMul", [scaled.name, flat.name], name: name + ".product", shape: [classes, tap.height * tap.width])
    return builder.reshape(product, [classes, tap.height, tap.width], name: name)
  }

  package static func resized(
    _ builder: inout GraphBuilder, _ x: GraphValue, width: Int, height: Int, name: String
  ) -> GraphValue {
    if x.width == width, x.height == height { return x }
    let shape = [x.channels, height, width]
    let divides =
      x.width >= width && x.height >= height
      ? x.width % width == 0 && x.height % height == 0 && x.width / width == x.height / height
      : width % x.width == 0 && height % x.height == 0 && width / x.width == height / x.height
    guard divides else { return divided(&builder, x, width: width, height: height, name: name) }
    if x.width > width {
      let factor = x.width / width
      return builder.node(
        "AveragePool", [x.name], name: name, shape: shape,
        [.ints("kernel_shape", [factor, factor]), .ints("strides", [factor, factor])])
    }
    let factor = Float(width / x.width)
    let scales = builder.constant([1, 1, factor, factor], shape: [4], name: name + ".scales")
    return builder.node(
      "Resize", [x.name, "", scales], name: name, shape: shape,
      [.string("mode", "linear"), .string("coordinate_transformation_mode", "half_pixel")])
  }
  /// Each new position is the mean over its area, in which an old one counts by the share of it that lies inside.
  private static func divided(
    _ builder: inout GraphBuilder, _ x: GraphValue, width: Int, height: Int, name: String
  ) -> GraphValue {
    let rows = builder.constant(
      areaShares(from: x.height, to: height), shape: [height, x.height], name: name + ".rows")
    let columns = builder.constant(
      Interpolation.transposed(areaShares(from: x.width, to: width), rows: width), shape: [x.width, width],
      name: name + ".columns")
    let tall = builder.node("MatMul", [rows, x.name], name: name + ".tall", shape: [x.channels, height, x.width])
    return builder.node("MatMul", [tall.name, columns], name: name, shape: [x.channels, height, width])
  }

  /// - Returns: `[to, from]`; every row sums to 1 and every column to `to / from`.
  package static func areaShares(from: Int, to: Int) -> [Float] {
    var shares = [Float](repeating: 0, count: to * from)
    // In units of 1 / (from to), so that the borders are whole numbers.
    for target in 0..<to {
      for source in target * from / to..<min(from, ((target + 1) * from + to - 1) / to) {
        let inside = min((target + 1) * from, (source + 1) * to) - max(target * from, source * to)
        shares[target * from + source] = Float(inside) / Float(from)
      }
    }
    return shares
  }
}
