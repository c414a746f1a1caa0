import AssayImage

/// A picture's coarse look, to find copies that were resized, compressed or brightened anew.
///
/// The 64-bit difference hash (signs of horizontal differences on a 9 x 8 thumbnail) finds candidates quickly. Photographs
/// of parts resemble each other much more than those the hash was made for, so a candidate counts only if its fine
/// structure agrees too: the normalised correlation of 48 x 48 thumbnails whose local mean has been taken away.
struct PerceptualHash: Sendable {
  private static let side = 48
  private let bits: UInt64
  private let detail: [Float]

  init(_ image: Image, resampler: Resampler) {
    let coarse = Self.gray(image, 9, 8, resampler)
    var bits: UInt64 = 0
    for y in 0..<8 {
      for x in 0..<8 where coarse[y * 9 + x] < coarse[y * 9 + x + 1] { bits |= 1 << UInt64(y * 8 + x) }
    }
    self.bits = bits
    detail = Self.normalised(Self.withoutLocalMean(Self.gray(image, Self.side, Self.side, resampler)))
  }

  func resembles(_ other: PerceptualHash) -> Bool {
    guard (bits ^ other.bits).nonzeroBitCount <= 8 else { return false }
    var correlation: Float = 0
    for index in detail.indices { correlation += detail[index] * other.detail[index] }
    return correlation > 0.9
  }

  private static func gray(_ image: Image, _ width: Int, _ height: Int, _ resampler: Resampler) -> [Float] {
    let planes = resampler.resize(image, width: width, height: height, filter: .bilinear)
    guard image.channels == 3 else { return planes }
    let plane = width * height
    return (0..<plane).map { (planes[$0] + planes[plane + $0] + planes[2 * plane + $0]) / 3 }
  }

  /// Subtracts the mean of the 7 x 7 neighbourhood, cut off at the border.
  private static func withoutLocalMean(_ values: [Float]) -> [Float] {
    var integral = [Float](repeating: 0, count: (side + 1) * (side + 1))
    for y in 0..<side {
      var row: Float = 0
      for x in 0..<side {
        row += values[y * side + x]
        integral[(y + 1) * (side + 1) + x + 1] = integral[y * (side + 1) + x + 1] + row
      }
    }
    return (0..<side * side).map { index in
      let (y, x) = (index / side, index % side)
      let (top, bottom, left, right) = (max(0, y - 3), min(side, y + 4), max(0, x - 3), min(side, x + 4))
      let sum =
        integral[bottom * (side + 1) + right] - integral[top * (side + 1) + right]
        - integral[bottom * (side + 1) + left] + integral[top * (side + 1) + left]
      return values[index] - sum / Float((bottom - top) * (right - left))
    }
  }

  /// Zero mean and unit length; all zeros for a picture without structure, which resembles nothing.
  private static func normalised(_ values: [Float]) -> [Float] {
    let mean = values.reduce(0, +) / Float(values.count)
    let length = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }.squareRoot()
    return values.map { length > 1e-4 ? ($0 - mean) / length : 0 }
  }
}
