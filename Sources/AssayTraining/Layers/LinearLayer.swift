import COneDNN

/// Single-precision matrix products, row-major, on all threads.
enum MatrixProduct {
  /// C `[m, n]` = A B + beta C, where A is `[m, k]` (or `[k, m]` transposed) and B `[k, n]` (or `[n, k]` transposed).
  static func run(
    _ a: UnsafePointer<Float>, isFirstTransposed isA: Bool = false, _ b: UnsafePointer<Float>,
    isSecondTransposed isB: Bool = false,
    into c: UnsafeMutablePointer<Float>, m: Int, n: Int, k: Int, beta: Float = 0
  ) {
    let status = dnnl_sgemm(
      letter(isA), letter(isB), Int64(m), Int64(n), Int64(k), 1, a, Int64(isA ? m : k), b, Int64(isB ? k : n), beta, c,
      Int64(n))
    precondition(status == dnnl_success, "sgemm [\(m), \(k)] x [\(k), \(n)] failed with \(status.rawValue)")
  }

  private static func letter(_ isTransposed: Bool) -> CChar { isTransposed ? 0x54 : 0x4E }
}

/// y = x W + b over the last dimension, plain; W is `[O, D]` when transposed, else `[D, O]`.
final class LinearLayer: Layer {
  private let x: Value
  private let y: Value
  private let weights: Parameter
  private let bias: Parameter?
  private let isTransposed: Bool

  init(x: Value, y: Value, weights: Parameter, bias: Parameter?, isTransposed: Bool) {
    self.x = x
    self.y = y
    self.weights = weights
    self.bias = bias
    self.isTransposed = isTransposed
  }

  private var inputs: Int { x.shape[x.shape.count - 1] }
  private var outputs: Int { y.shape[y.shape.count - 1] }
  private var rows: Int { y.shape.dropLast().reduce(1, *) }

  func forward(_ schedule: Schedule) {
    schedule.step([x.buffer, y.buffer]) { [self] in
      guard let w = weights.values.baseAddress else { return }
      let out = y.buffer.pointer
      if let bias {
        for row in 0..<rows { for index in 0..<outputs { out[row * outputs + index] = bias.values[index] } }
      }
      MatrixProduct.run(
        x.buffer.pointer, w, isSecondTransposed: isTransposed, into: out, m: rows, n: outputs, k: inputs,
        beta: bias == nil ? 0 : 1)
    }
  }

  func backward(_ schedule: Schedule) {
    guard let dy = y.takeWholeGradient(schedule) else { return }
    let dx = x.needsGradient ? schedule.makeBuffer(x.buffer.count) : nil
    schedule.step([x.buffer, dy, dx]) { [self] in
      let g = dy.pointer
      if let target = weights.gradient.baseAddress, weights.isTrained {
        if isTransposed {
          MatrixProduct.run(g, isFirstTransposed: true, x.buffer.pointer, into: target, m: outputs, n: inputs, k: rows)
        } else {
          MatrixProduct.run(x.buffer.pointer, isFirstTransposed: true, g, into: target, m: inputs, n: outputs, k: rows)
        }
      }
      if let bias, bias.isTrained { RowSums.add(g, rows: rows, into: bias.gradient) }
      if let dx, let w = weights.values.baseAddress {
        MatrixProduct.run(g, w, isSecondTransposed: !isTransposed, into: dx.pointer, m: rows, n: inputs, k: outputs)
      }
    }
    if let dx { x.give(dx) }
  }
}

/// first second, matrix by matrix over the leading dimensions; plain.
final class MatrixProductLayer: Layer {
  private let first: Value
  private let second: Value
  private let y: Value

  init(first: Value, second: Value, y: Value) {
    self.first = first
    self.second = second
    self.y = y
  }

  private var sizes: (count: Int, m: Int, n: Int, k: Int) {
    let rank = y.shape.count
    return (y.shape.dropLast(2).reduce(1, *), y.shape[rank - 2], y.shape[rank - 1], first.shape[rank - 1])
  }

  func forward(_ schedule: Schedule) {
    let (count, m, n, k) = sizes
    schedule.step([first.buffer, second.buffer, y.buffer]) { [first, second, y] in
      let (a, b, c) = (first.buffer.pointer, second.buffer.pointer, y.buffer.pointer)
      for index in 0..<count {
        MatrixProduct.run(a + index * m * k, b + index * k * n, into: c + index * m * n, m: m, n: n, k: k)
      }
    }
  }

  func backward(_ schedule: Schedule) {
    guard let dy = y.takeWholeGradient(schedule) else { return }
    let (count, m, n, k) = sizes
    let da = first.needsGradient ? schedule.makeBuffer(first.buffer.count) : nil
    let db = second.needsGradient ? schedule.makeBuffer(second.buffer.count) : nil
    schedule.step([first.buffer, second.buffer, dy, da, db]) { [first, second] in
      let (a, b, g) = (first.buffer.pointer, second.buffer.pointer, dy.pointer)
      for index in 0..<count {
        let own = g + index * m * n
        if let da {
          MatrixProduct.run(
            own, b + index * k * n, isSecondTransposed: true, into: da.pointer + index * m * k, m: m, n: k, k: n)
        }
        if let db {
          MatrixProduct.run(
            a + index * m * k, isFirstTransposed: true, own, into: db.pointer + index * k * n, m: k, n: n, k: m)
        }
      }
    }
    if let da { first.give(da) }
    if let db { second.give(db) }
  }
}
