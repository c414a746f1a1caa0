extension ReferenceTensor {
  /// This tensor with the axes given last, and how many elements they have together.
  private func rows(over axes: [Int]) -> (kept: [Int], tensor: ReferenceTensor, length: Int) {
    let kept = shape.indices.filter { !axes.contains($0) }
    return (kept, transposed(kept + axes), axes.reduce(1) { $0 * shape[$1] })
  }

  /// Replaces the elements along some axes, for each position on the others.
  func mapRows(over axes: [Int], _ transform: ([Double]) -> [Double]) -> Self {
    let (kept, tensor, length) = rows(over: axes)
    let mapped = stride(from: 0, to: tensor.values.count, by: length).flatMap {
      transform(Array(tensor.values[$0..<$0 + length]))
    }
    let order = kept + axes
    let inverse = order.indices.map { axis in order.firstIndex(of: axis) ?? axis }
    return Self(shape: tensor.shape, values: mapped).transposed(inverse)
  }

  /// Means over some axes, which are removed.
  func mean(over axes: [Int]) -> Self {
    let (kept, tensor, length) = rows(over: axes)
    let means = stride(from: 0, to: tensor.values.count, by: length).map {
      tensor.values[$0..<$0 + length].reduce(0, +) / Double(length)
    }
    return Self(shape: kept.map { shape[$0] }, values: means)
  }
}

extension ReferenceOperation {
  /// y = scale (x - mean) / sqrt(variance + epsilon) + bias per channel (Ioffe and Szegedy 2015, algorithm 1), with the
  /// stored mean and variance or, in training, those of the batch.
  func batchNormalization() throws -> ReferenceTensor {
    let x = try input(0)
    guard x.rank >= 2 else { throw failure("an input without channels, \(x.shape)") }
    let parameters = try (1...4).map { try input($0, rank: 1).values }
    guard parameters.allSatisfy({ $0.count == x.shape[1] }) else { throw failure("parameters for other channels") }
    var (mean, variance) = (parameters[2], parameters[3])
    if isTraining {
      let others = x.shape.indices.filter { $0 != 1 }
      mean = x.mean(over: others).values
      variance =
        x.mapRows(over: others) { row in
          let mean = row.reduce(0, +) / Double(row.count)
          return row.map { ($0 - mean) * ($0 - mean) }
        }.mean(over: others).values
    }
    let epsilon = number("epsilon", default: 1e-5)
    let inner = x.shape[2...].reduce(1, *)
    var result = x
    for index in x.values.indices {
      let c = index / inner % x.shape[1]
      let normalized = (x.values[index] - mean[c]) / (variance[c] + epsilon).squareRoot()
      result.values[index] = parameters[0][c] * normalized + parameters[1][c]
    }
    return result
  }

  /// Each sample to zero mean and unit variance over the axes from `axis` on, then times scale plus bias (Ba et al.
  /// 2016).
  func layerNormalization() throws -> ReferenceTensor {
    let x = try input(0)
    let first = try axis(integer("axis", default: -1), rank: x.rank)
    let epsilon = number("epsilon", default: 1e-5)
    let normalized = x.mapRows(over: Array(first..<x.rank)) { row in
      let mean = row.reduce(0, +) / Double(row.count)
      let variance = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(row.count)
      return row.map { ($0 - mean) / (variance + epsilon).squareRoot() }
    }
    let scaled = try combine(normalized, try input(1), *)
    return try optional(2).map { try combine(scaled, $0, +) } ?? scaled
  }

  /// exp(x) over its sum along one axis, as operator set 13 defines it.
  func softmax() throws -> ReferenceTensor {
    let x = try input(0)
    let along = try axis(integer("axis", default: opset < 13 ? 1 : -1), rank: x.rank)
    guard opset >= 13 || along == x.rank - 1 else { throw failure("softmax of opset \(opset) flattens axes") }
    return x.mapRows(over: [along]) { row in
      let largest = row.max() ?? 0
      let powers = row.map { exponential($0 - largest) }
      let sum = powers.reduce(0, +)
      return powers.map { $0 / sum }
    }
  }

  func reduceMean() throws -> ReferenceTensor {
    let x = try input(0)
    let given = integers("axes", orInput: 1) ?? []
    if given.isEmpty, integer("noop_with_empty_axes", default: 0) == 1 { return x }
    let axes = given.isEmpty ? Array(x.shape.indices) : try given.map { try axis($0, rank: x.rank) }.sorted()
    let mean = x.mean(over: axes)
    guard integer("keepdims", default: 1) == 1 else { return mean }
    return mean.reshaped(x.shape.indices.map { axes.contains($0) ? 1 : x.shape[$0] })
  }
}
