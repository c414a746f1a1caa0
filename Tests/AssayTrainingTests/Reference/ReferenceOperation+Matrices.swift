extension ReferenceOperation {
  /// alpha A' B' + beta C, where ' transposes if the attribute says so.
  func gemm() throws -> ReferenceTensor {
    var a = try input(0, rank: 2)
    var b = try input(1, rank: 2)
    if integer("transA", default: 0) != 0 { a = a.transposed([1, 0]) }
    if integer("transB", default: 0) != 0 { b = b.transposed([1, 0]) }
    let alpha = number("alpha", default: 1)
    let beta = number("beta", default: 1)
    let product = try product(a, b).map { alpha * $0 }
    guard let c = optional(2) else { return product }
    return try combine(product, c) { $0 + beta * $1 }
  }

  /// The product of the last two axes; those before them are broadcast (NumPy's `matmul` for two or more axes).
  func matrixProduct() throws -> ReferenceTensor {
    let a = try input(0)
    let b = try input(1)
    guard a.rank >= 2, b.rank >= 2 else {
      throw failure("only matrices can be multiplied, not \(a.shape) by \(b.shape)")
    }
    guard let batch = ReferenceTensor.broadcastShape(Array(a.shape.dropLast(2)), Array(b.shape.dropLast(2))) else {
      throw failure("\(a.shape) and \(b.shape) cannot be broadcast")
    }
    let left = a.broadcast(to: batch + a.shape.suffix(2))
    let right = b.broadcast(to: batch + b.shape.suffix(2))
    var values: [Double] = []
    for index in 0..<batch.reduce(1, *) { values += try product(left.matrix(index), right.matrix(index)).values }
    return ReferenceTensor(shape: batch + [a.shape[a.rank - 2], b.shape[b.rank - 1]], values: values)
  }

  /// `[M, K]` by `[K, N]`.
  private func product(_ a: ReferenceTensor, _ b: ReferenceTensor) throws -> ReferenceTensor {
    guard a.shape[1] == b.shape[0] else { throw failure("\(a.shape) cannot be multiplied by \(b.shape)") }
    let (rows, depth, columns) = (a.shape[0], a.shape[1], b.shape[1])
    var result = ReferenceTensor(shape: [rows, columns], values: .init(repeating: 0, count: rows * columns))
    for i in 0..<rows {
      for j in 0..<columns {
        for k in 0..<depth { result.values[i * columns + j] += a.values[i * depth + k] * b.values[k * columns + j] }
      }
    }
    return result
  }
}

extension ReferenceTensor {
  /// One of the matrices in the last two axes.
  fileprivate func matrix(_ index: Int) -> Self {
    let size = shape[rank - 2] * shape[rank - 1]
    return Self(shape: shape.suffix(2), values: Array(values[index * size..<(index + 1) * size]))
  }
}
