import CCodecs

/// PNG by libpng: palettes and low bit depths expanded, alpha dropped, 16 bits kept.
enum PNGDecoder {
  static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

  static func header(_ source: ByteSource) throws(DecodingFailure) -> StoredHeader {
    let head = source.bytes(at: 8, count: 25)
    guard head.count == 25, let length = head.bigEndian32(0), let width = head.bigEndian32(8),
      let height = head.bigEndian32(12)
    else { throw truncated(source, at: 8 + head.count) }
    guard length == 13, head[4..<8].elementsEqual("IHDR".utf8) else {
      throw .corrupt(.png, "it does not begin with a header chunk (IHDR)")
    }
    let depth = Int(head[16])
    let colour = head[17]
    let depths: [Int]
    switch colour {
    case 0: depths = [1, 2, 4, 8, 16]
    case 3: depths = [1, 2, 4, 8]
    case 2, 4, 6: depths = [8, 16]
    default: throw .corrupt(.png, "its colour type is \(colour), not 0, 2, 3, 4 or 6")
    }
    guard depths.contains(depth) else { throw .corrupt(.png, "\(depth) bits with colour type \(colour)") }
    guard width <= 0x7FFF_FFFF, height <= 0x7FFF_FFFF else {
      throw .corrupt(.png, "its header says \(width) x \(height) pixels")
    }
    let notes = notes(source)
    let isDeep = depth == 16 && notes.significantBits.map { (8...15).contains($0) } ?? false
    return StoredHeader(
      width: width, height: height, channels: colour == 0 || colour == 4 ? 1 : 3, bitsPerSample: depth,
      orientation: notes.orientation,
      depth: SampleDepth(significantBits: isDeep ? notes.significantBits : nil))
  }

  static func decode(_ bytes: [UInt8], header: StoredHeader) throws(DecodingFailure) -> StoredImage {
    let samples = header.width * header.height * header.channels
    var outcome = Outcome(succeeded: false, truncated: false, message: "")
    let pixels: Image.Samples
    if header.bitsPerSample == 16 {
      pixels = .uint16(
        [UInt16](unsafeUninitializedCapacity: samples) { buffer, initialized in
          outcome = run(bytes, header, UnsafeMutableRawBufferPointer(buffer))
          initialized = samples
        })
    } else {
      pixels = .uint8(
        [UInt8](unsafeUninitializedCapacity: samples) { buffer, initialized in
          outcome = run(bytes, header, UnsafeMutableRawBufferPointer(buffer))
          initialized = samples
        })
    }
    guard outcome.succeeded else {
      throw outcome.truncated ? truncated(ByteSource(bytes), at: bytes.count) : .corrupt(.png, outcome.message)
    }
    return StoredImage(width: header.width, height: header.height, channels: header.channels, samples: pixels)
  }

  private struct Outcome {
    let succeeded: Bool
    let truncated: Bool
    let message: String
  }

  private static func run(
    _ bytes: [UInt8], _ header: StoredHeader, _ pixels: UnsafeMutableRawBufferPointer
  ) -> Outcome {
    bytes.withUnsafeBufferPointer { source in
      var reader = assay_png_reader()
      reader.bytes = source.baseAddress
      reader.count = source.count
      let rowBytes = header.width * header.channels * (header.bitsPerSample == 16 ? 2 : 1)
      let done = assay_png_decode(
        &reader, UInt32(header.width), UInt32(header.height), rowBytes,
        pixels.baseAddress?.assumingMemoryBound(to: UInt8.self))
      guard done == 0 else { return Outcome(succeeded: true, truncated: false, message: "") }
      return Outcome(succeeded: false, truncated: reader.truncated != 0, message: text(reader))
    }
  }

  private static func text(_ reader: assay_png_reader) -> String {
    withUnsafeBytes(of: reader.message) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }

  /// The orientation in an eXIf chunk before the pixels, and the largest number in an sBIT chunk. Later ones are not looked
  /// for: that would be another pass through the whole file.
  private static func notes(_ source: ByteSource) -> (orientation: Int, significantBits: Int?) {
    var found: (orientation: Int, significantBits: Int?) = (1, nil)
    var offset = 33
    for _ in 0..<256 {
      let start = source.bytes(at: offset, count: 8)
      guard let length = start.bigEndian32(0), start.count == 8, length <= 0x7FFF_FFFF else { break }
      let type = start[4...]
      if type.elementsEqual("IDAT".utf8) { break }
      if type.elementsEqual("eXIf".utf8) {
        found.orientation = EXIF.orientation(source.bytes(at: offset + 8, count: min(length, EXIF.longest)))
      } else if type.elementsEqual("sBIT".utf8) {
        found.significantBits = source.bytes(at: offset + 8, count: min(length, 4)).max().map(Int.init)
      }
      offset += 12 + length
    }
    return found
  }

  /// Says how far the last chunk that was begun should have reached.
  private static func truncated(_ source: ByteSource, at byte: Int) -> DecodingFailure {
    var offset = 8
    while true {
      let start = source.bytes(at: offset, count: 4)
      guard let length = start.bigEndian32(0), length <= 0x7FFF_FFFF else { break }
      offset += 12 + length
      if offset > source.size { return .truncated(.png, at: source.size, detail: " of at least \(offset)") }
    }
    return .truncated(.png, at: source.size, detail: ": its end chunk (IEND) is missing")
  }
}
