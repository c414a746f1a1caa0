/// Windows bitmaps: 1, 4, 8 bits with a palette, 16, 24 and 32 bits with or without channel masks, either row order.
struct BMPDecoder: ImageDecoder {
  private let bytes: ByteView
  private let width: Int
  private let height: Int
  private let isTopDown: Bool
  private let bits: Int
  private let dataStart: Int
  /// BGR entries; empty above 8 bits.
  private let palette: [(red: UInt8, green: UInt8, blue: UInt8)]
  /// Red, green and blue masks of 16- and 32-bit pixels.
  private let masks: (red: UInt32, green: UInt32, blue: UInt32)

  init(_ bytes: ByteView) throws(DecodingFailure) {
    self.bytes = bytes
    let headerSize = bytes.uint32LE(14)
    guard bytes.count >= 14 + min(headerSize, 40) else { throw .truncated(.bmp, at: bytes.count) }
    dataStart = bytes.uint32LE(10)
    let isCore = headerSize == 12
    let rawHeight = isCore ? bytes.uint16LE(20) : bytes.int32LE(22)
    width = isCore ? bytes.uint16LE(18) : bytes.int32LE(18)
    height = abs(rawHeight)
    isTopDown = rawHeight < 0
    bits = isCore ? bytes.uint16LE(24) : bytes.uint16LE(28)
    let compression = isCore ? 0 : bytes.uint32LE(30)
    guard width > 0, height > 0 else { throw .corrupt(.bmp, "it declares \(width) x \(height) pixels") }
    guard compression == 0 || compression == 3 || compression == 6 else {
      throw .unsupported(.bmp, "run-length or embedded compression", remedy: "save it uncompressed or as PNG")
    }
    guard [1, 4, 8, 16, 24, 32].contains(bits) else { throw .corrupt(.bmp, "\(bits) bits per pixel") }
    if bits <= 8 {
      let entrySize = isCore ? 3 : 4
      let declared = isCore ? 0 : bytes.uint32LE(46)
      let entries = min(declared == 0 ? 1 << bits : declared, 1 << bits)
      let start = 14 + headerSize
      guard start + entries * entrySize <= bytes.count else { throw .truncated(.bmp, at: bytes.count) }
      palette = (0..<entries).map {
        let at = start + $0 * entrySize
        return (bytes[at + 2], bytes[at + 1], bytes[at])
      }
    } else {
      palette = []
    }
    if compression == 0 {
      masks = bits == 16 ? (0x7C00, 0x03E0, 0x001F) : (0xFF0000, 0x00FF00, 0x0000FF)
    } else {
      func mask(_ at: Int) -> UInt32 { UInt32(truncatingIfNeeded: bytes.uint32LE(at)) }
      masks = (mask(54), mask(58), mask(62))
    }
  }

  /// A gray palette is decoded as mono.
  private var isGray: Bool { !palette.isEmpty && palette.allSatisfy { $0.red == $0.green && $0.green == $0.blue } }

  func header() throws(DecodingFailure) -> ImageHeader {
    ImageHeader(format: .bmp, width: width, height: height, channels: isGray ? 1 : 3, bitsPerSample: 8)
  }

  func decode(options: DecodingOptions) throws(DecodingFailure) -> Image {
    let stride = (width * bits + 31) / 32 * 4
    let needed = dataStart + stride * height
    guard bytes.count >= needed else { throw .truncated(.bmp, at: bytes.count, of: needed) }
    let channels = isGray ? 1 : 3
    var pixels = [UInt8](repeating: 0, count: width * height * channels)
    let (red, green, blue) = (Channel(masks.red), Channel(masks.green), Channel(masks.blue))
    for y in 0..<height {
      let row = dataStart + (isTopDown ? y : height - 1 - y) * stride
      var out = y * width * channels
      for x in 0..<width {
        let colour: (UInt8, UInt8, UInt8)
        switch bits {
        case 1, 4, 8:
          let shift = 8 - bits - (x * bits) % 8
          let index = Int(bytes[row + x * bits / 8] >> UInt8(shift)) & ((1 << bits) - 1)
          guard index < palette.count else { throw .corrupt(.bmp, "palette index \(index) of \(palette.count)") }
          colour = palette[index]
        case 24:
          colour = (bytes[row + 3 * x + 2], bytes[row + 3 * x + 1], bytes[row + 3 * x])
        default:
          let value = UInt32(bits == 16 ? bytes.uint16LE(row + 2 * x) : bytes.uint32LE(row + 4 * x))
          colour = (red.value(value), green.value(value), blue.value(value))
        }
        pixels[out] = colour.0
        if channels == 3 { (pixels[out + 1], pixels[out + 2]) = (colour.1, colour.2) }
        out += channels
      }
    }
    return Image(width: width, height: height, channels: channels, samples: .uint8(pixels))
  }

  /// One colour channel inside a packed pixel.
  private struct Channel {
    let shift: UInt32
    let full: UInt32

    init(_ mask: UInt32) {
      shift = mask == 0 ? 0 : UInt32(mask.trailingZeroBitCount)
      full = mask >> shift
    }

    func value(_ pixel: UInt32) -> UInt8 {
      full == 0 ? 0 : UInt8((UInt64(pixel >> shift & full) * 255 + UInt64(full) / 2) / UInt64(full))
    }
  }
}
