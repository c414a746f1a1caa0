package import AssayGraph

extension LinearHead {
  /// One head for several classes against everything else: softmax(a, b) of the second is sigmoid(b - a).
  /// - Parameter heads: of two classes each, the one that is looked for second.
  package static func joined(_ heads: [LinearHead]) -> LinearHead {
    let dimension = heads.first?.dimension ?? 0
    return LinearHead(
      weights: heads.flatMap { head in
        (0..<dimension).map { head.weights[dimension + $0] - head.weights[$0] }
      },
      bias: heads.map { $0.bias[1] - $0.bias[0] }, center: heads.first?.center ?? [])
  }
}
