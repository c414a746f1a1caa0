import COneDNN

/// Single-precision matrix products by oneDNN, on the calling thread. The callers divide the work.
enum MatrixProduct {
  /// C `[m, n]` = A `[m, k]` B`[n, k]`ᵀ, all row-major.
  static func timesTransposed(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, into c: UnsafeMutablePointer<Float>, m: Int, n: Int, k: Int
  ) {
    omp_set_num_threads(1)
    let status = dnnl_sgemm(
      letter("N"), letter("T"), Int64(m), Int64(n), Int64(k), 1, a, Int64(k), b, Int64(k), 0, c, Int64(n))
    precondition(status == dnnl_success, "sgemm [\(m), \(k)] x [\(n), \(k)]^T failed with \(status)")
  }

  /// C `[m, n]` += A`[k, m]`ᵀ B `[k, n]`, all row-major.
  static func addTransposedTimes(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, to c: UnsafeMutablePointer<Float>, m: Int, n: Int, k: Int
  ) {
    omp_set_num_threads(1)
    let status = dnnl_sgemm(
      letter("T"), letter("N"), Int64(m), Int64(n), Int64(k), 1, a, Int64(m), b, Int64(n), 1, c, Int64(n))
    precondition(status == dnnl_success, "sgemm [\(k), \(m)]^T x [\(k), \(n)] failed with \(status)")
  }

  private static func letter(_ character: Unicode.Scalar) -> CChar { CChar(character.value) }
}
