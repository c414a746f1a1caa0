/// Netpbm gray and colour maps: P2, P3 (text) and P5, P6 (binary), up to 16 bits.
struct PNMDecoder: ImageDecoder {
  private let bytes: ByteView
  private let width: Int
  private let height: Int
  private let channels: Int
  private let maximum: Int
  private let isText: Bool
  private let dataStart: Int

  init(_ bytes: ByteView) throws(DecodingFailure) {
    self.bytes = bytes
    channels = bytes[1] == 0x32 || bytes[1] == 0x35 ? 1 : 3
    isText = bytes[1] == 0x32 || bytes[1] == 0x33
    var scanner = Scanner(bytes: bytes, at: 2)
    guard let width = scanner.number(), let height = scanner.number(), let maximum = scanner.number() else {
      throw scanner.at >= bytes.count
        ? .truncated(.pnm, at: bytes.count) : .corrupt(.pnm, "no number at byte \(scanner.at)")
    }
    guard (1...65_535).contains(maximum) else { throw .corrupt(.pnm, "a maximum value of \(maximum)") }
    (self.width, self.height, self.maximum) = (width, height, maximum)
    // Exactly one white-space byte parts header and data.
    dataStart = scanner.at + 1
  }

  func header() throws(DecodingFailure) -> ImageHeader {
    ImageHeader(
      format: .pnm, width: width, height: height, channels: channels, bitsPerSample: maximum > 255 ? 16 : 8)
  }

  func decode(options: DecodingOptions) throws(DecodingFailure) -> Image {
    let count = width * height * channels
    let wide = maximum > 255
    var values = [Int]()
    if isText {
      values.reserveCapacity(min(count, bytes.count))
      var scanner = Scanner(bytes: bytes, at: dataStart - 1)
      while values.count < count {
        guard let value = scanner.number() else {
          throw scanner.at >= bytes.count
            ? .truncated(.pnm, at: bytes.count) : .corrupt(.pnm, "no number at byte \(scanner.at)")
        }
        values.append(value)
      }
    } else {
      let needed = dataStart + count * (wide ? 2 : 1)
      guard bytes.count >= needed else { throw .truncated(.pnm, at: bytes.count, of: needed) }
      if maximum == 255 {
        return Image(
          width: width, height: height, channels: channels,
          samples: .uint8(Array(bytes.base[dataStart..<dataStart + count])))
      }
      values = (0..<count).map { wide ? bytes.uint16BE(dataStart + 2 * $0) : Int(bytes[dataStart + $0]) }
    }
    if let bad = values.first(where: { $0 > maximum }) {
      throw .corrupt(.pnm, "a value of \(bad) above the maximum \(maximum)")
    }
    // The file's own maximum is white: values are brought to the full range of 8 or 16 bits.
    let full = wide ? 65_535 : 255
    let scaled = values.lazy.map { ($0 * full + maximum / 2) / maximum }
    return Image(
      width: width, height: height, channels: channels,
      samples: wide ? .uint16(scaled.map { UInt16($0) }) : .uint8(scaled.map { UInt8($0) }))
  }

  private struct Scanner {
    let bytes: ByteView
    var at: Int

    /// The next decimal number, after white space and `#` comments.
    mutating func number() -> Int? {
      while at < bytes.count {
        if bytes[at] == 0x23 {
          while at < bytes.count, bytes[at] != 0x0A { at += 1 }
        } else if bytes[at] == 0x20 || (9...13).contains(bytes[at]) {
          at += 1
        } else {
          break
        }
      }
      var value: Int?
      while at < bytes.count, (0x30...0x39).contains(bytes[at]) {
        value = (value ?? 0) * 10 + Int(bytes[at] - 0x30)
        guard let value, value < 1 << 31 else { return nil }
        at += 1
      }
      return value
    }
  }
}
