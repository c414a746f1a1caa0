/// The eight orientations of EXIF 2.3 and TIFF 6.0 (tag 274): where row 0 and column 0 of the stored image lie.
enum Orientation: Int, Sendable {
  case up = 1
  case upMirrored, down, downMirrored, leftMirrored, right, rightMirrored, left

  /// Width and height change places in orientations 5 to 8.
  var isTransposed: Bool { rawValue >= 5 }

  func size(width: Int, height: Int) -> (width: Int, height: Int) {
    isTransposed ? (height, width) : (width, height)
  }

  /// Reads tag 274 of an APP1 segment; anything unexpected is "up".
  init(exifSegment bytes: ByteView, at start: Int, count: Int) {
    self = .up
    let end = min(start + count, bytes.count)
    // "Exif\0\0", then a TIFF header.
    guard count >= 14, bytes.uint32BE(start) == 0x4578_6966, bytes.uint16BE(start + 4) == 0 else { return }
    let tiff = start + 6
    let little = bytes.uint16BE(tiff) == 0x4949
    func u16(_ at: Int) -> Int { little ? bytes.uint16LE(at) : bytes.uint16BE(at) }
    func u32(_ at: Int) -> Int { little ? bytes.uint32LE(at) : bytes.uint32BE(at) }
    guard little || bytes.uint16BE(tiff) == 0x4D4D, u16(tiff + 2) == 42 else { return }
    let directory = tiff + u32(tiff + 4)
    guard directory + 2 <= end else { return }
    for entry in 0..<min(u16(directory), 512) {
      let at = directory + 2 + entry * 12
      guard at + 12 <= end else { return }
      if u16(at) == 274, let value = Orientation(rawValue: u16(at + 8)) {
        self = value
        return
      }
    }
  }

  func applied(to image: Image) -> Image {
    guard self != .up else { return image }
    let size = size(width: image.width, height: image.height)
    let samples: Image.Samples =
      switch image.samples {
      case .uint8(let values): .uint8(rearranged(values, image))
      case .uint16(let values): .uint16(rearranged(values, image))
      }
    return Image(width: size.width, height: size.height, channels: image.channels, samples: samples)
  }

  private func rearranged<Value: FixedWidthInteger>(_ source: [Value], _ image: Image) -> [Value] {
    let (w, h, channels) = (image.width, image.height, image.channels)
    let size = size(width: w, height: h)
    return [Value](unsafeUninitializedCapacity: source.count) { out, filled in
      for y in 0..<size.height {
        for x in 0..<size.width {
          let (sx, sy) =
            switch self {
            case .up: (x, y)
            case .upMirrored: (w - 1 - x, y)
            case .down: (w - 1 - x, h - 1 - y)
            case .downMirrored: (x, h - 1 - y)
            case .leftMirrored: (y, x)
            case .right: (y, h - 1 - x)
            case .rightMirrored: (w - 1 - y, h - 1 - x)
            case .left: (w - 1 - y, x)
            }
          for channel in 0..<channels {
            out[(y * size.width + x) * channels + channel] = source[(sy * w + sx) * channels + channel]
          }
        }
      }
      filled = source.count
    }
  }
}
