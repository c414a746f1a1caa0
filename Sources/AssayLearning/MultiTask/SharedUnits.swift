import AssayBase

/// Some units of the shared layer, `relu(W x + b)`, with everything that training them needs; blocks of units are trained
/// side by side.
final class SharedUnits: @unchecked Sendable {
  // Each block is used by one thread at a time.
  let count: Int
  let dimension: Int
  /// `[count, D]`
  private(set) var weights: [Float]
  /// `[count]`
  private(set) var bias: [Float]
  private var weightState: AdamState
  private var biasState: AdamState
  /// Of the last batch, `[N, count]`.
  private(set) var activations: [Float] = []

  /// He's uniform initialisation (2015).
  init(count: Int, dimension: Int, using generator: inout SplitMix64) {
    self.count = count
    self.dimension = dimension
    let bound = (6 / Float(dimension)).squareRoot()
    weights = (0..<count * dimension).map { _ in Float.random(in: -bound...bound, using: &generator) }
    bias = [Float](repeating: 0, count: count)
    weightState = AdamState(count: weights.count)
    biasState = AdamState(count: count)
  }

  func snapshot() -> (weights: [Float], bias: [Float]) { (weights, bias) }

  /// - Parameter x: `[N, D]`, standardised.
  func forward(_ x: FeatureMatrix) {
    var out = [Float](repeating: 0, count: x.rows * count)
    x.values.withUnsafeBufferPointer { x in
      weights.withUnsafeBufferPointer { w in
        out.withUnsafeMutableBufferPointer { out in
          guard let x = x.baseAddress, let w = w.baseAddress, let base = out.baseAddress else { return }
          MatrixProduct.timesTransposed(x, w, into: base, m: out.count / count, n: count, k: dimension)
        }
      }
    }
    for row in 0..<x.rows {
      for unit in 0..<count {
        let at = row * count + unit
        out[at] = max(0, out[at] + bias[unit])
      }
    }
    activations = out
  }

  /// One update.
  /// - Parameters:
  ///   - x: as in the forward pass.
  ///   - gradient: with respect to the activations, `[N, count]`.
  func update(_ x: FeatureMatrix, gradient: [Float], step: Int, learningRate: Double, decay: Double) {
    var own = gradient
    var biasGradient = [Float](repeating: 0, count: count)
    for row in 0..<x.rows {
      for unit in 0..<count {
        let at = row * count + unit
        if activations[at] <= 0 { own[at] = 0 }
        biasGradient[unit] += own[at]
      }
    }
    var weightGradient = [Float](repeating: 0, count: weights.count)
    x.values.withUnsafeBufferPointer { values in
      own.withUnsafeBufferPointer { own in
        weightGradient.withUnsafeMutableBufferPointer { out in
          guard let values = values.baseAddress, let own = own.baseAddress, let out = out.baseAddress else { return }
          MatrixProduct.addTransposedTimes(own, values, to: out, m: count, n: dimension, k: x.rows)
        }
      }
    }
    weightState.update(&weights, gradient: weightGradient, step: step, learningRate: learningRate, decay: decay)
    biasState.update(&bias, gradient: biasGradient, step: step, learningRate: learningRate, decay: 0)
  }
}
