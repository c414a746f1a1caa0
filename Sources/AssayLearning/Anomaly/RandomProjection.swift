import AssayBase
import Foundation

/// A Gaussian random projection, which nearly keeps distances (Johnson and Lindenstrauss 1984): the coreset is chosen among
/// points of few dimensions instead of a thousand (Roth et al. 2022, section 3.2).
public struct RandomProjection: Sendable {
  /// With 128 the choice is nearly as good, and varies more from one seed to the next.
  public static let defaultDimension = 256

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

  private init(inputs: Int, outputs: Int, matrix: [Float]) {
    self.inputs = inputs
    self.outputs = outputs
    self.matrix = matrix
  }

  /// The same projection with its axes turned to the principal ones of some projected points, the widest first.
  /// - Parameter points: `[n, outputs]`.
  func turned(toAxesOf points: FeatureMatrix) -> RandomProjection {
    precondition(points.columns == outputs)
    guard points.rows > 1 else { return self }
    let k = outputs
    var mean = [Float](repeating: 0, count: k)
    for row in 0..<points.rows { for d in 0..<k { mean[d] += points.values[row * k + d] / Float(points.rows) } }
    let centred = points.values.indices.map { points.values[$0] - mean[$0 % k] }
    var scatter = [Float](repeating: 0, count: k * k)
    var turned = [Float](repeating: 0, count: inputs * k)
    centred.withUnsafeBufferPointer { rows in
      scatter.withUnsafeMutableBufferPointer { scatter in
        guard let a = rows.baseAddress, let c = scatter.baseAddress else { return }
        MatrixProduct.addTransposedTimes(a, a, to: c, m: k, n: k, k: points.rows)
      }
    }
    // Columns are the axes; the product of the projection with them, row by row, needs them as rows.
    let axes = SymmetricEigen(scatter.map { Double($0) / Double(points.rows) }, size: k).vectors
    let rows = (0..<k * k).map { Float(axes[$0 % k * k + $0 / k]) }
    matrix.withUnsafeBufferPointer { matrix in
      rows.withUnsafeBufferPointer { rows in
        turned.withUnsafeMutableBufferPointer { turned in
          guard let a = matrix.baseAddress, let b = rows.baseAddress, let c = turned.baseAddress else { return }
          MatrixProduct.timesTransposed(a, b, into: c, m: inputs, n: k, k: k)
        }
      }
    }
    return RandomProjection(inputs: inputs, outputs: k, matrix: turned)
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
