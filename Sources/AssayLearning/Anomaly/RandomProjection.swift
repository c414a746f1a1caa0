import Foundation

/// A Gaussian random projection, which nearly keeps distances (Johnson and Lindenstrauss 1984): the coreset is chosen among
/// points of few dimensions instead of a thousand (Roth et al. 2022, section 3.2).
public struct RandomProjection: Sendable {
  /// What the lemma asks for to keep the distances of 200,000 points within a factor of 0.1 to 1.9 (Dasgupta and Gupta
  /// 2003). With 128 the choice is nearly as good, and varies more from one seed to the next.
  public static let defaultDimension = 320

  public let inputs: Int
  public let outputs: Int
  /// `[inputs, outputs]`; entries are N(0, 1 / outputs).
  let matrix: [Float]

  public init(inputs: Int, outputs: Int = RandomProjection.defaultDimension, seed: UInt64) {
    self.inputs = inputs
    self.outputs = outputs
    var generator = SplitMix64(seed: seed ^ 0x7072_6F6A_6563_7431)
    let scale = 1 / Double(outputs).squareRoot()
    var values: [Float] = []
    values.reserveCapacity(inputs * outputs + 1)
    while values.count < inputs * outputs {
      // Box and Muller (1958).
      let u = (Double(generator.next() >> 11) + 1) * 0x1p-53
      let v = Double(generator.next() >> 11) * 0x1p-53
      let radius = (-2 * log(u)).squareRoot() * scale
      values.append(Float(radius * cos(2 * .pi * v)))
      values.append(Float(radius * sin(2 * .pi * v)))
    }
    matrix = Array(values.prefix(inputs * outputs))
  }

  /// - Parameters:
  ///   - map: features of an image, channel by channel `[inputs, positions]`.
  ///   - output: `[positions, outputs]`.
  public func apply(
    _ map: UnsafePointer<Float>, positions: Int, into output: UnsafeMutablePointer<Float>
  ) {
    output.update(repeating: 0, count: positions * outputs)
    matrix.withUnsafeBufferPointer { matrix in
      guard let weights = matrix.baseAddress else { return }
      MatrixProduct.addTransposedTimes(map, weights, to: output, m: positions, n: outputs, k: inputs)
    }
  }
}
