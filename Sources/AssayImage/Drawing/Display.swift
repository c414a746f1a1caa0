extension Image {
  /// The image as people look at it: 8 bits. A 16-bit image is stretched from its own minimum and maximum, since a 12-bit
  /// camera's picture would otherwise be black.
  public func forDisplay() -> Image {
    guard case .uint16(let values) = samples else { return self }
    let low = values.min() ?? 0
    let range = Float(max(1, (values.max() ?? 0) - low))
    return Image(
      width: width, height: height, channels: channels,
      samples: .uint8(values.map { UInt8((Float($0 - low) / range * 255).rounded()) }))
  }

  /// A copy whose longer side is at most `maximumSide` pixels; smaller images are returned as they are.
  public func thumbnail(maximumSide: Int) -> Image {
    let longer = max(width, height)
    guard longer > maximumSide else { return forDisplay() }
    let w = max(1, width * maximumSide / longer)
    let h = max(1, height * maximumSide / longer)
    var resampler = Resampler(Preprocessing(width: w, height: h))
    return Image(planar: resampler.apply(to: forDisplay()), width: w, height: h)
  }

  /// From planar RGB `[3, H, W]`, 0...1, rounded to 8 bits.
  public init(planar: [Float], width: Int, height: Int) {
    let plane = width * height
    precondition(planar.count == 3 * plane)
    var pixels = [UInt8](repeating: 0, count: 3 * plane)
    for pixel in 0..<plane {
      for channel in 0..<3 {
        pixels[3 * pixel + channel] = UInt8((min(max(planar[channel * plane + pixel], 0), 1) * 255).rounded())
      }
    }
    self.init(width: width, height: height, channels: 3, samples: .uint8(pixels))
  }
}
