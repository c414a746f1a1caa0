/// Portable bitmaps, graymaps and pixmaps (Netpbm): P1, P2, P3 (text), P4, P5 and P6 (binary), first image.
///
/// In a bitmap 1 is black; it becomes 0, and 0 becomes 255. A largest value ("maxval") below 255 is scaled to 0...255, one above it to 0...65535: `v * full / maxval`, rounded.
enum PNMDecoder {
  struct Header {
    var stored: StoredHeader
    var isText: Bool
    /// One bit for each pixel.
    var isBitmap: Bool
    var maxval: Int
    /// Where the samples begin, in bytes.
    var pixelOffset: Int
  }

  static func header(_ source: ByteSource) throws(DecodingFailure) -> Header {
    let head = source.bytes(at: 0, count: 16_384)
    let kind = head[1]
    let isBitmap = kind == UInt8(ascii: "1") || kind == UInt8(ascii: "4")
    var scanner = Scanner(bytes: head, at: 2)
    var numbers: [Int] = []
    while numbers.count < (isBitmap ? 2 : 3) {
      switch scanner.number() {
      case .value(let value): numbers.append(value)
      case .end where head.count < source.size: throw .corrupt(.pnm, "its header is longer than \(head.count) bytes")
      case .end: throw .truncated(.pnm, at: source.size, detail: ": its header is incomplete")
      case .other(let byte): throw .corrupt(.pnm, "byte \(scanner.at) of its header is \(byte), not a digit")
      }
    }
    if isBitmap {
      return Header(
        stored: StoredHeader(width: numbers[0], height: numbers[1], channels: 1, bitsPerSample: 1),
        isText: kind == UInt8(ascii: "1"), isBitmap: true, maxval: 1, pixelOffset: scanner.at + 1)
    }
    guard (1...65_535).contains(numbers[2]) else {
      throw .corrupt(.pnm, "its largest value is \(numbers[2]), not 1...65535")
    }
    return Header(
      stored: StoredHeader(
        width: numbers[0], height: numbers[1], channels: kind == UInt8(ascii: "2") || kind == UInt8(ascii: "5") ? 1 : 3,
        bitsPerSample: numbers[2] > 255 ? 16 : 8, depth: SampleDepth(full: numbers[2] > 255 ? numbers[2] : 65_535)),
      isText: kind < UInt8(ascii: "4"), isBitmap: false, maxval: numbers[2], pixelOffset: scanner.at + 1)
  }

  static func decode(_ bytes: [UInt8]) throws(DecodingFailure) -> StoredImage {
    let header = try header(ByteSource(bytes))
    let stored = header.stored
    let count = stored.width * stored.height * stored.channels
    let samples: Image.Samples
    if header.isBitmap {
      samples = .uint8(header.isText ? try digits(bytes, header, count) : try bits(bytes, header))
    } else if header.isText {
      samples = try text(bytes, header, count)
    } else {
      let end = header.pixelOffset + count * (header.maxval > 255 ? 2 : 1)
      guard end <= bytes.count else { throw .truncated(.pnm, at: bytes.count, of: end) }
      samples = binary(bytes, header, count)
    }
    return StoredImage(width: stored.width, height: stored.height, channels: stored.channels, samples: samples)
  }

  /// Rows of bits, highest first, each filled up to a whole byte.
  private static func bits(_ bytes: [UInt8], _ header: Header) throws(DecodingFailure) -> [UInt8] {
    let (width, height) = (header.stored.width, header.stored.height)
    let rowBytes = (width + 7) / 8
    let end = header.pixelOffset + rowBytes * height
    guard end <= bytes.count else { throw .truncated(.pnm, at: bytes.count, of: end) }
    return [UInt8](unsafeUninitializedCapacity: width * height) { buffer, initialized in
      for row in 0..<height {
        let start = header.pixelOffset + row * rowBytes
        for column in 0..<width {
          let isBlack = bytes[start + column / 8] >> UInt8(7 - column % 8) & 1 == 1
          buffer[row * width + column] = isBlack ? 0 : 255
        }
      }
      initialized = width * height
    }
  }

  /// The digits 0 and 1, which need no white space between them.
  private static func digits(_ bytes: [UInt8], _ header: Header, _ count: Int) throws(DecodingFailure) -> [UInt8] {
    guard count <= bytes.count - header.pixelOffset else {
      throw .truncated(.pnm, at: bytes.count, detail: ": \(count) samples are declared")
    }
    var scanner = Scanner(bytes: bytes, at: header.pixelOffset)
    var values: [UInt8] = []
    values.reserveCapacity(count)
    while values.count < count {
      switch scanner.digit() {
      case .value(let value) where value <= 1: values.append(value == 1 ? 0 : 255)
      case .value(let value): throw .corrupt(.pnm, "sample \(values.count) is \(value), more than 1")
      case .end:
        throw .truncated(.pnm, at: bytes.count, detail: ": \(values.count) of \(count) samples are there")
      case .other(let byte): throw .corrupt(.pnm, "byte \(scanner.at) is \(byte), not a digit")
      }
    }
    return values
  }

  private static func scaled(_ value: Int, _ maxval: Int, to full: Int) -> Int {
    (min(value, maxval) * full * 2 + maxval) / (2 * maxval)
  }

  private static func binary(_ bytes: [UInt8], _ header: Header, _ count: Int) -> Image.Samples {
    let (start, maxval) = (header.pixelOffset, header.maxval)
    if maxval == 255 { return .uint8(Array(bytes[start..<start + count])) }
    if maxval < 255 {
      let table = (0...255).map { UInt8(scaled($0, maxval, to: 255)) }
      return .uint8(bytes[start..<start + count].map { table[Int($0)] })
    }
    return .uint16(
      [UInt16](unsafeUninitializedCapacity: count) { buffer, initialized in
        for i in 0..<count {
          let value = Int(bytes[start + 2 * i]) << 8 | Int(bytes[start + 2 * i + 1])
          buffer[i] = UInt16(scaled(value, maxval, to: 65_535))
        }
        initialized = count
      })
  }

  private static func text(_ bytes: [UInt8], _ header: Header, _ count: Int) throws(DecodingFailure) -> Image.Samples {
    // Each sample needs a digit and a space: a small file that declares many pixels takes no memory for them.
    guard count <= (bytes.count - header.pixelOffset + 1) / 2 else {
      throw .truncated(.pnm, at: bytes.count, detail: ": \(count) samples are declared")
    }
    return header.maxval > 255
      ? .uint16(try numbers(bytes, header, count) { UInt16(scaled($0, header.maxval, to: 65_535)) })
      : .uint8(try numbers(bytes, header, count) { UInt8(scaled($0, header.maxval, to: 255)) })
  }

  private static func numbers<Sample>(
    _ bytes: [UInt8], _ header: Header, _ count: Int, _ sample: (Int) -> Sample
  ) throws(DecodingFailure) -> [Sample] {
    var scanner = Scanner(bytes: bytes, at: header.pixelOffset)
    var values: [Sample] = []
    values.reserveCapacity(count)
    while values.count < count {
      switch scanner.number() {
      case .value(let value) where value <= header.maxval: values.append(sample(value))
      case .value(let value): throw .corrupt(.pnm, "sample \(values.count) is \(value), more than \(header.maxval)")
      case .end:
        throw .truncated(.pnm, at: bytes.count, detail: ": \(values.count) of \(count) samples are there")
      case .other(let byte): throw .corrupt(.pnm, "byte \(scanner.at) is \(byte), not a digit")
      }
    }
    return values
  }

  /// Reads numbers separated by white space and `#` comments.
  private struct Scanner {
    let bytes: [UInt8]
    var at: Int

    enum Token {
      case value(Int)
      case end
      case other(UInt8)
    }

    /// The next number; afterwards `at` is the byte after its last digit.
    mutating func number() -> Token {
      skip()
      guard at < bytes.count else { return .end }
      var value = 0
      let start = at
      while at < bytes.count, (0x30...0x39).contains(bytes[at]) {
        // Larger numbers are refused by every check that follows.
        value = min(value * 10 + Int(bytes[at] - 0x30), 1 << 40)
        at += 1
      }
      return at > start ? .value(value) : .other(bytes[at])
    }

    /// One digit.
    mutating func digit() -> Token {
      skip()
      guard at < bytes.count else { return .end }
      guard (0x30...0x39).contains(bytes[at]) else { return .other(bytes[at]) }
      at += 1
      return .value(Int(bytes[at - 1] - 0x30))
    }

    private mutating func skip() {
      while at < bytes.count {
        if bytes[at] == UInt8(ascii: "#") {
          while at < bytes.count, bytes[at] != 10, bytes[at] != 13 { at += 1 }
        } else if bytes[at] == 32 || (9...13).contains(bytes[at]) {
          at += 1
        } else {
          return
        }
      }
    }
  }
}
