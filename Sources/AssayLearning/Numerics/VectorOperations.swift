/// The few vector operations of the solvers: 32-bit data, sums in double precision.
enum VectorOperations {
  static func dot(_ a: UnsafeBufferPointer<Float>, _ b: UnsafeBufferPointer<Float>) -> Double {
    precondition(a.count == b.count)
    var total = 0.0
    var at = 0
    // Blocks are summed in single precision, blocks are added in double: fast, and accurate enough for a line search.
    while at < a.count {
      let end = min(at + 256, a.count)
      var sum = SIMD8<Float>(repeating: 0)
      while at + 8 <= end {
        sum += load(a, at) * load(b, at)
        at += 8
      }
      total += Double(sum.sum())
      while at < end {
        total += Double(a[at]) * Double(b[at])
        at += 1
      }
    }
    return total
  }

  /// y += factor * x
  static func add(_ factor: Float, _ x: UnsafeBufferPointer<Float>, to y: UnsafeMutableBufferPointer<Float>) {
    precondition(x.count == y.count)
    for index in 0..<x.count { y[index] += factor * x[index] }
  }

  private static func load(_ a: UnsafeBufferPointer<Float>, _ at: Int) -> SIMD8<Float> {
    UnsafeRawPointer(a.baseAddress.unsafelyUnwrapped + at).loadUnaligned(as: SIMD8<Float>.self)
  }

  static func dot(_ a: [Float], _ b: [Float]) -> Double {
    a.withUnsafeBufferPointer { a in b.withUnsafeBufferPointer { b in dot(a, b) } }
  }

  static func add(_ factor: Float, _ x: [Float], to y: inout [Float]) {
    x.withUnsafeBufferPointer { x in y.withUnsafeMutableBufferPointer { y in add(factor, x, to: y) } }
  }
}
