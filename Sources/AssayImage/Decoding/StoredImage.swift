/// Pixels as a decoder delivers them, before the orientation is applied.
struct StoredImage {
  var width: Int
  var height: Int
  var channels: Int
  var samples: Image.Samples

  /// The upright image for an EXIF orientation of 1...8.
  func oriented(_ orientation: Int, full: (width: Int, height: Int), depth: SampleDepth = .init()) -> Image {
    guard orientation > 1, orientation <= 8 else {
      return Image(
        width: width, height: height, channels: channels, samples: samples, fullWidth: full.width,
        fullHeight: full.height, depth: depth)
    }
    let turned = orientation >= 5
    let upright: Image.Samples =
      switch samples {
      case .uint8(let values): .uint8(turn(values, orientation))
      case .uint16(let values): .uint16(turn(values, orientation))
      }
    return Image(
      width: turned ? height : width, height: turned ? width : height, channels: channels, samples: upright,
      fullWidth: full.width, fullHeight: full.height, depth: depth)
  }

  /// EXIF 2.32, tag 0x0112: where the stored row 0 and column 0 are seen. Every orientation is a start and two steps
  /// through the stored pixels.
  private func turn<Sample: FixedWidthInteger>(_ values: [Sample], _ orientation: Int) -> [Sample] {
    let (w, h) = (width, height)
    let last = w * h - 1
    let (start, right, down): (Int, Int, Int) =
      switch orientation {
      case 2: (w - 1, -1, w)
      case 3: (last, -1, -w)
      case 4: (last - (w - 1), 1, -w)
      case 5: (0, w, 1)
      case 6: (last - (w - 1), -w, 1)
      case 7: (last, -w, -1)
      default: (w - 1, w, -1)
      }
    let outWidth = orientation >= 5 ? h : w
    let outHeight = orientation >= 5 ? w : h
    return [Sample](unsafeUninitializedCapacity: values.count) { buffer, initialized in
      values.withUnsafeBufferPointer { source in
        var target = 0
        for y in 0..<outHeight {
          var pixel = start + y * down
          for _ in 0..<outWidth {
            for c in 0..<channels { buffer[target + c] = source[pixel * channels + c] }
            target += channels
            pixel += right
          }
        }
      }
      initialized = values.count
    }
  }
}
