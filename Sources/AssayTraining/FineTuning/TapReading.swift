import CKernels

/// What the head reads at one tap: mean, deviation or both of every channel, as `FeatureTrunk` in AssayGraph writes it.
public struct TapReading: Sendable, Hashable {
  public let tap: String
  public let channels: Int
  public let hasMean: Bool
  public let hasDeviation: Bool
  /// Its first feature; the mean's come before the deviation's.
  public let offset: Int

  public init(tap: String, channels: Int, hasMean: Bool, hasDeviation: Bool, offset: Int) {
    self.tap = tap
    self.channels = channels
    self.hasMean = hasMean
    self.hasDeviation = hasDeviation
    self.offset = offset
  }

  public var count: Int { channels * ((hasMean ? 1 : 0) + (hasDeviation ? 1 : 0)) }
}

/// Mean and standard deviation over all positions, and their gradients.
final class TapMoments {
  private let reading: TapReading
  /// As in `FeatureTrunk`: keeps the square root away from zero.
  private static let epsilon = 1e-12
  private var mean: [Float] = []
  private var deviation: [Float] = []

  init(_ reading: TapReading) { self.reading = reading }

  /// - Parameter features: `[N, dimension]`; this reading's part is written.
  func forward(_ tap: TrainingTensor, into features: UnsafeMutablePointer<Float>, dimension: Int) {
    guard let block = tap.block else { preconditionFailure("\(reading.tap) is not an image") }
    let (images, blocks, plane) = (tap.shape[0], tap.blocks, tap.plane)
    let padded = blocks * block
    if mean.count != images * padded {
      mean = [Float](repeating: 0, count: images * padded)
      deviation = mean
    }
    mean.withUnsafeMutableBufferPointer { mean in
      deviation.withUnsafeMutableBufferPointer { deviation in
        let (means, deviations) = (mean, deviation)
        tap.team.divide(images * blocks) { range in
          withUnsafeTemporaryAllocation(of: Float.self, capacity: 2 * block) { sums in
            guard let sum = sums.baseAddress else { return }
            for unit in range {
              let x = tap.planePointer(image: unit / blocks, block: unit % blocks)
              tap.kernels.sums(x, plane, x, sum, sum + block)
              for lane in 0..<block {
                let shift = Double(sum[lane]) / Double(plane)
                let variance = max(0, Double(sum[block + lane]) / Double(plane) - shift * shift)
                means[unit * block + lane] = Float(Double(x[lane]) + shift)
                deviations[unit * block + lane] = Float((variance + Self.epsilon).squareRoot())
              }
            }
          }
        }
      }
    }
    for image in 0..<images {
      var target = features + image * dimension + reading.offset
      for (isRead, values) in [(reading.hasMean, mean), (reading.hasDeviation, deviation)] where isRead {
        for channel in 0..<reading.channels { target[channel] = values[image * padded + channel] }
        target += reading.channels
      }
    }
  }

  /// d mean / dx = 1 / P and d deviation / dx = (x - mean) / (P deviation), with P positions.
  /// - Parameters:
  ///   - gradient: of the features, `[N, dimension]`.
  ///   - target: the tap's gradient, overwritten.
  func backward(
    _ tap: TrainingTensor, _ gradient: UnsafePointer<Float>, dimension: Int, into target: TrainingTensor
  ) {
    guard let block = tap.block else { return }
    let (images, blocks, plane) = (tap.shape[0], tap.blocks, tap.plane)
    let reading = reading
    mean.withUnsafeBufferPointer { means in
      deviation.withUnsafeBufferPointer { deviations in
        tap.team.divide(images * blocks) { range in
          withUnsafeTemporaryAllocation(of: Float.self, capacity: 2 * block) { factors in
            guard let slope = factors.baseAddress else { return }
            let shift = slope + block
            for unit in range {
              let (image, index) = (unit / blocks, unit % blocks)
              let own = gradient + image * dimension + reading.offset
              for lane in 0..<block {
                let channel = index * block + lane
                (slope[lane], shift[lane]) = (0, 0)
                guard channel < reading.channels else { continue }
                if reading.hasMean { shift[lane] = own[channel] / Float(plane) }
                if reading.hasDeviation {
                  let g = own[channel + (reading.hasMean ? reading.channels : 0)]
                  slope[lane] = g / (Float(plane) * deviations[unit * block + lane])
                  shift[lane] -= slope[lane] * means[unit * block + lane]
                }
              }
              tap.kernels.affine(
                tap.planePointer(image: image, block: index), target.planePointer(image: image, block: index), plane,
                slope, shift, 0)
            }
          }
        }
      }
    }
  }
}
