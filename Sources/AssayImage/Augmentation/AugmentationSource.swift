import Glibc

/// An image as training keeps it in memory: decoded and resized once, augmented in every epoch.
///
/// Best at the network's size, where images that nothing happens to are the network's input itself. A larger one, up to
/// a quarter more, keeps crops sharp; it is always resampled.
public struct AugmentationSource: Sendable, Hashable {
  /// How values are kept.
  public enum Precision: Sendable, Hashable, CaseIterable {
    /// Rounded to 256 levels; a colour image of 224 x 224 takes 150 kB.
    case uint8
    /// Exact; four times the memory.
    case float
  }

  enum Values: Sendable, Hashable {
    case uint8([UInt8])
    case float([Float])
  }

  /// In pixels.
  public let width: Int
  public let height: Int
  /// 1 when the three planes were equal, which takes a third of the memory and the time; else 3.
  public let planes: Int
  /// Planar `[planes, height, width]`.
  let values: Values

  /// Keeps planar RGB `[3, height, width]` of values 0...1, as `Preprocessing.apply` makes it.
  ///
  /// Traps when a side is below 1 or the number of values is not `3 * height * width`.
  public init(planar values: [Float], width: Int, height: Int, precision: Precision) {
    precondition(width > 0 && height > 0, "an image has at least one pixel, not \(width) x \(height)")
    precondition(
      values.count == 3 * width * height, "3 x \(height) x \(width) values expected, \(values.count) given")
    self.width = width
    self.height = height
    planes = AugmentationSource.areEqual(values, planeCount: width * height) ? 1 : 3
    let kept = values.prefix(planes * width * height)
    switch precision {
    case .uint8: self.values = .uint8(kept.map { UInt8(clamping: $0 * 255 + 0.5) })
    case .float: self.values = .float(Array(kept))
    }
  }

  /// Keeps a decoded image as the network is to see it.
  ///
  /// `resampler` keeps weights and scratch memory between images: pass the same one for every image of a thread.
  public init(
    _ image: Image, preprocessing: Preprocessing, precision: Precision, using resampler: Resampler = Resampler()
  ) {
    let values = [Float](unsafeUninitializedCapacity: preprocessing.count) { buffer, initialized in
      preprocessing.apply(to: image, into: buffer, using: resampler)
      initialized = preprocessing.count
    }
    self.init(planar: values, width: preprocessing.width, height: preprocessing.height, precision: precision)
  }

  private static func areEqual(_ values: [Float], planeCount: Int) -> Bool {
    let size = planeCount * MemoryLayout<Float>.stride
    return values.withUnsafeBytes { bytes in
      guard let first = bytes.baseAddress else { return false }
      return memcmp(first, first + size, size) == 0 && memcmp(first, first + 2 * size, size) == 0
    }
  }
}
