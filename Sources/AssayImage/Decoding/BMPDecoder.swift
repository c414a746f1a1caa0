/// Windows and OS/2 bitmaps of 1, 4, 8, 16, 24 and 32 bits, uncompressed, stored upwards or downwards.
enum BMPDecoder {
  static func decode(_ bytes: [UInt8]) throws(DecodingFailure) -> StoredImage {
    let header = try header(ByteSource(bytes))
    let stored = header.stored
    let end = header.pixelOffset + header.rowBytes * stored.height
    guard end <= bytes.count else { throw .truncated(.bmp, at: bytes.count, of: end) }
    let fields = header.bits == 16 || header.bits == 32 ? header.masks.map(BitField.init) : []
    let rowSamples = stored.width * stored.channels
    var highestIndex = 0
    let pixels = [UInt8](unsafeUninitializedCapacity: rowSamples * stored.height) { buffer, initialized in
      bytes.withUnsafeBufferPointer { source in
        for y in 0..<stored.height {
          let row = header.topDown ? y : stored.height - 1 - y
          let from = UnsafeBufferPointer(
            rebasing: source[(header.pixelOffset + row * header.rowBytes)...].prefix(header.rowBytes))
          let into = UnsafeMutableBufferPointer(rebasing: buffer[(y * rowSamples)...].prefix(rowSamples))
          switch header.bits {
          case 24: swapBlueAndRed(from, into, step: 3)
          case 16, 32: readFields(from, into, bytesPerPixel: header.bits / 8, fields)
          default: highestIndex = max(highestIndex, look(from, into, header))
          }
        }
      }
      initialized = rowSamples * stored.height
    }
    guard header.bits > 8 || highestIndex < header.palette.count / 3 else {
      throw .corrupt(.bmp, "a pixel has colour \(highestIndex) of a palette of \(header.palette.count / 3)")
    }
    return StoredImage(width: stored.width, height: stored.height, channels: stored.channels, samples: .uint8(pixels))
  }

  private static func swapBlueAndRed(
    _ from: UnsafeBufferPointer<UInt8>, _ into: UnsafeMutableBufferPointer<UInt8>, step: Int
  ) {
    for x in 0..<into.count / 3 {
      into[3 * x] = from[step * x + 2]
      into[3 * x + 1] = from[step * x + 1]
      into[3 * x + 2] = from[step * x]
    }
  }

  /// One colour inside a 16- or 32-bit pixel.
  private struct BitField {
    let shift: Int
    let largest: Int

    init(_ mask: Int) {
      shift = mask == 0 ? 0 : mask.trailingZeroBitCount
      largest = mask >> shift
    }

    /// 0...255, rounded down as Pillow does.
    func value(_ pixel: Int) -> UInt8 {
      largest == 0 ? 0 : UInt8(truncatingIfNeeded: (pixel >> shift & largest) * 255 / largest)
    }
  }

  private static func readFields(
    _ from: UnsafeBufferPointer<UInt8>, _ into: UnsafeMutableBufferPointer<UInt8>, bytesPerPixel: Int,
    _ fields: [BitField]
  ) {
    for x in 0..<into.count / 3 {
      var pixel = 0
      for byte in 0..<bytesPerPixel { pixel |= Int(from[x * bytesPerPixel + byte]) << (8 * byte) }
      for c in 0..<3 { into[3 * x + c] = fields[c].value(pixel) }
    }
  }

  /// Looks up palette colours; returns the highest index met, so that one check after all rows finds bad pixels.
  private static func look(
    _ from: UnsafeBufferPointer<UInt8>, _ into: UnsafeMutableBufferPointer<UInt8>, _ header: BMPHeader
  ) -> Int {
    let perByte = 8 / header.bits
    let mask = (1 << header.bits) - 1
    let entries = header.palette.count / 3
    let channels = header.stored.channels
    var highest = 0
    for x in 0..<header.stored.width {
      let shift = (perByte - 1 - x % perByte) * header.bits
      let index = Int(from[x / perByte]) >> shift & mask
      highest = max(highest, index)
      let colour = 3 * min(index, entries - 1)
      for c in 0..<channels { into[x * channels + c] = header.palette[colour + c] }
    }
    return highest
  }
}
