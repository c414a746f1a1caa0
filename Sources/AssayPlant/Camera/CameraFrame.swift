package import AssayBase
package import AssayImage

/// A picture as a camera delivers it.
package struct CameraFrame: Sendable, Equatable {
  package let width: Int
  package let height: Int
  package let format: PixelFormat
  /// Row by row without padding.
  package let bytes: [UInt8]

  /// - Throws: `WorkflowError` (bad data) when the bytes are not the picture's.
  package init(width: Int, height: Int, format: PixelFormat, bytes: [UInt8]) throws(WorkflowError) {
    let longest = ImageHeader.maximumSide
    guard width <= longest, height <= longest else {
      throw WorkflowError(
        .badData,
        "the camera delivered \(width) x \(height) pixels, and no side may have more than \(longest); set a smaller height"
      )
    }
    // Compared by division: sizes come from the camera, and their product may be beyond every number.
    let pixels = bytes.count / format.bytesPerPixel
    guard width > 0, height > 0, width <= pixels, height <= pixels / width else {
      throw WorkflowError(
        .badData,
        "the camera delivered \(bytes.count) bytes for \(width) x \(height) pixels of \(format.name); check its settings"
      )
    }
    self.width = width
    self.height = height
    self.format = format
    self.bytes =
      bytes.count == width * height * format.bytesPerPixel
      ? bytes : Array(bytes.prefix(width * height * format.bytesPerPixel))
  }

  /// Mono, or RGB; formats of 10 to 14 bits fill 16, so that white is white.
  package var image: Image {
    switch format {
    case .mono8:
      return Image(width: width, height: height, channels: 1, samples: .uint8(bytes))
    case .mono10, .mono12, .mono14, .mono16:
      let depth = format.depth ?? 16
      let full = 1 << depth - 1
      let samples = (0..<width * height).map { index -> UInt16 in
        let value = min(full, Int(bytes[2 * index]) | Int(bytes[2 * index + 1]) << 8)
        return UInt16((value * 65_535 * 2 + full) / (2 * full))
      }
      return Image(width: width, height: height, channels: 1, samples: .uint16(samples), depth: SampleDepth(full: full))
    case .rgb8:
      return Image(width: width, height: height, channels: 3, samples: .uint8(bytes))
    case .bgr8:
      var samples = bytes
      for pixel in 0..<width * height { samples.swapAt(3 * pixel, 3 * pixel + 2) }
      return Image(width: width, height: height, channels: 3, samples: .uint8(samples))
    case .bayerGR8, .bayerRG8, .bayerGB8, .bayerBG8:
      let samples = BayerPattern(format).colours(of: bytes, width: width, height: height)
      return Image(width: width, height: height, channels: 3, samples: .uint8(samples))
    }
  }
}
