import Foundation

/// Adam (Kingma and Ba 2015, algorithm 1: beta1 0.9, beta2 0.999, epsilon 1e-8) with decoupled weight decay (Loshchilov
/// and Hutter 2019) for one block of parameters.
struct AdamState {
  private var firstMoment: [Float]
  private var secondMoment: [Float]

  init(count: Int) {
    firstMoment = [Float](repeating: 0, count: count)
    secondMoment = firstMoment
  }

  /// - Parameters:
  ///   - step: 1 for the first update.
  ///   - decay: share of each parameter that an update of rate 1 takes away.
  mutating func update(
    _ parameters: inout [Float], gradient: [Float], step: Int, learningRate: Double, decay: Double
  ) {
    precondition(parameters.count == firstMoment.count && gradient.count == firstMoment.count)
    let correction1 = Float(1 / (1 - pow(0.9, Double(step))))
    let correction2 = Float(1 / (1 - pow(0.999, Double(step))))
    let (rate, kept) = (Float(learningRate), Float(1 - learningRate * decay))
    parameters.withUnsafeMutableBufferPointer { p in
      firstMoment.withUnsafeMutableBufferPointer { m in
        secondMoment.withUnsafeMutableBufferPointer { v in
          gradient.withUnsafeBufferPointer { gradient in
            for index in 0..<p.count {
              let g = gradient[index]
              m[index] = 0.9 * m[index] + 0.1 * g
              v[index] = 0.999 * v[index] + 0.001 * g * g
              p[index] =
                kept * p[index] - rate * (m[index] * correction1) / ((v[index] * correction2).squareRoot() + 1e-8)
            }
          }
        }
      }
    }
  }
}
