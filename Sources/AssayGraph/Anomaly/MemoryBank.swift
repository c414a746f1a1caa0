/// PatchCore's memory of good patches (Roth et al., "Towards total recall in industrial anomaly detection", CVPR 2022).
///
/// A patch's distance is that to the nearest patch of the bank. The image's score is the largest of them, weighted by how
/// unusual the neighbourhood of the nearest patch is (equation 7).
public struct MemoryBank: AnomalyScoring {
  public static let method = "patchcore"
  /// How many neighbours in the bank are looked at for the weight, the patch itself included.
  public static let defaultNeighbours = 9

  /// `[count, dimension]`, row by row.
  public let rows: [Float]
  public let count: Int
  public let dimension: Int
  /// For each row the nearest rows, itself first, `[count, neighbourCount]`; empty for no weighting.
  public let neighbours: [Int]
  public let neighbourCount: Int

  public init(rows: [Float], dimension: Int, neighbours: [Int], neighbourCount: Int) {
    precondition(dimension > 0 && rows.count % dimension == 0 && !rows.isEmpty, "a memory bank without rows")
    self.rows = rows
    self.dimension = dimension
    count = rows.count / dimension
    precondition(
      neighbours.count == count * neighbourCount, "the table of neighbours is not [\(count), \(neighbourCount)]")
    self.neighbours = neighbours
    self.neighbourCount = neighbourCount
  }

  public func write(to builder: inout GraphBuilder, patches: GraphValue, region: String?) -> PatchDistances {
    precondition(patches.channels == dimension, "patches of \(patches.channels), a bank of \(dimension) features")
    let positions = patches.height * patches.width
    // |a - b|² = |a|² - 2ab + |b|²: a convolution and a minimum. Distances do not depend on the origin; the mean of the
    // bank is a good one, since small numbers lose less to rounding.
    let centre = mean()
    let (weights, biases) = products(centre)
    let centred = builder.binary(
      "Sub", patches, constant: centre, shape: [dimension, 1, 1], name: "memory.centred")
    let product = builder.convolution(centred, weights: weights, bias: biases, kernel: 1, name: "memory.product")
    let nearest = builder.node(
      "ReduceMin", [product.name], name: "memory.nearest", shape: [1, patches.height, patches.width],
      [.ints("axes", [1]), .int("keepdims", 1)])
    let square = builder.binary("Mul", centred, centred, name: "memory.square")
    let length = builder.channelSum(square, name: "memory.length")
    let sum = builder.binary("Add", nearest, length, name: "memory.sum")
    let all = builder.root(sum, name: "memory.distance")
    let distances = builder.masked(all, region, name: "memory.inside")
    let flat = builder.reshape(distances, [positions], name: "memory.flat")
    let top = builder.node(
      "ReduceMax", [flat.name], name: "memory.top", shape: [1], [.ints("axes", [1]), .int("keepdims", 1)])
    guard neighbourCount > 1 else { return PatchDistances(distances: distances, score: top) }
    let weight = weight(&builder, flat: flat, product: product, length: length, positions: positions)
    return PatchDistances(distances: distances, score: builder.binary("Mul", top, weight, name: "memory.score"))
  }

  /// 1 - exp(|q - m*|) / sum over the neighbours m of m* of exp(|q - m|), for the farthest patch q and its nearest m*.
  private func weight(
    _ builder: inout GraphBuilder, flat: GraphValue, product: GraphValue, length: GraphValue, positions: Int
  ) -> GraphValue {
    func index(_ operation: String, _ x: GraphValue, _ name: String) -> GraphValue {
      builder.node(operation, [x.name], name: name, shape: [1], [.int("axis", 1), .int("keepdims", 1)])
    }
    let farthest = index("ArgMax", flat, "memory.farthest")
    let column = builder.reshape(farthest, [1, 1], name: "memory.farthest.column")
    let shape = builder.integers([1, count, 1], name: "memory.farthest.shape")
    let columns = builder.node("Expand", [column.name, shape], name: "memory.farthest.all", shape: [count, 1])
    let products = builder.reshape(product, [count, positions], name: "memory.products")
    let own = builder.node(
      "GatherElements", [products.name, columns.name], name: "memory.own", shape: [count, 1], [.int("axis", 2)])
    let row = builder.reshape(own, [count], name: "memory.row")
    let match = index("ArgMin", row, "memory.match")
    let table = builder.integers(neighbours, shape: [count, neighbourCount], name: "memory.neighbours")
    let entries = builder.node(
      "Gather", [table, match.name], name: "memory.entries", shape: [1, neighbourCount], [.int("axis", 0)])
    let around = builder.reshape(entries, [neighbourCount], name: "memory.around")
    let partial = builder.node(
      "GatherElements", [row.name, around.name], name: "memory.around.product", shape: [neighbourCount],
      [.int("axis", 1)])
    let lengths = builder.reshape(length, [positions], name: "memory.lengths")
    let ownLength = builder.node(
      "GatherElements", [lengths.name, farthest.name], name: "memory.own.length", shape: [1], [.int("axis", 1)])
    let squares = builder.binary("Add", partial, ownLength, name: "memory.around.square")
    let distances = builder.root(squares, name: "memory.around.distance")
    let shares = builder.node(
      "Softmax", [distances.name], name: "memory.around.share", shape: distances.shape, [.int("axis", 1)])
    let first = builder.integers([0], name: "memory.first")
    let share = builder.node("Gather", [shares.name, first], name: "memory.share", shape: [1], [.int("axis", 1)])
    let one = builder.constant([1], shape: [1], name: "memory.one")
    return builder.node("Sub", [one, share.name], name: "memory.weight", shape: [1])
  }

  private func mean() -> [Float] {
    var sum = [Double](repeating: 0, count: dimension)
    for (index, value) in rows.enumerated() { sum[index % dimension] += Double(value) }
    return sum.map { Float($0 / Double(count)) }
  }

  /// -2b `[count, dimension, 1, 1]` and |b|² `[count]` of the centred rows.
  private func products(_ centre: [Float]) -> (weights: [Float], biases: [Float]) {
    var weights = rows
    var biases = [Float](repeating: 0, count: count)
    for row in 0..<count {
      var length = 0.0
      for d in 0..<dimension {
        let value = rows[row * dimension + d] - centre[d]
        weights[row * dimension + d] = -2 * value
        length += Double(value) * Double(value)
      }
      biases[row] = Float(length)
    }
    return (weights, biases)
  }
}
