import AssayImage

/// Image files, each format by itself.
enum ImageTargets {
  static let all =
    ImageFormat.allCases.map { image($0) } + [image(.png, named: "png-checksums") { ChunkSums.mended($0) }]

  /// Pixels of one image: more than any path through a decoder needs, and decoded in some milliseconds.
  private static let mostPixels = 1 << 20

  /// - Parameter mend: what is done to the bytes before, so that a checksum does not keep everything out.
  private static func image(
    _ format: ImageFormat, named name: String? = nil, mend: @escaping @Sendable ([UInt8]) -> [UInt8] = { $0 }
  ) -> FuzzTarget {
    FuzzTarget(
      name ?? format.rawValue, longest: 8192, throwing: ImageError.self,
      seeds: try SeedFolder.files("AssayImageTests/Fixtures", ending: format.extensions)
    ) { bytes in
      let bytes = mend(bytes)
      let header = try ImageFile.header(of: bytes, name: "image", maximumPixels: mostPixels)
      let image = try ImageFile.decode(bytes, name: "image", options: DecodingOptions(maximumPixels: mostPixels))
      precondition(header.width == image.fullWidth && header.height == image.fullHeight, "header and image differ")
      precondition(
        header.channels == image.channels && header.decodedBits == image.bitsPerSample, "header and image differ")
      // What happens to every photograph next, the reduced decoding of a large JPEG included.
      let rule = Preprocessing(width: 16, height: 8, policy: .letterbox)
      let reduced = try ImageFile.decode(bytes, name: "image", options: rule.decodingOptions(maximumPixels: mostPixels))
      precondition(reduced.fullWidth == image.fullWidth && reduced.fullHeight == image.fullHeight, "sizes differ")
      precondition(rule.apply(to: reduced).allSatisfy { (-0.5...1.5).contains($0) }, "a pixel is no shade of grey")
      _ = image.largestStored
    }
  }
}

/// The checksums of a PNG's chunks, made right.
enum ChunkSums {
  static func mended(_ bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes
    var at = 8
    while at + 12 <= bytes.count {
      let length = bytes[at..<at + 4].reduce(0) { $0 << 8 | Int($1) }
      guard length <= bytes.count - at - 12 else { break }
      let sum = CyclicRedundancy.of(bytes[at + 4..<at + 8 + length])
      for index in 0..<4 { bytes[at + 8 + length + index] = UInt8(truncatingIfNeeded: sum >> UInt32(24 - 8 * index)) }
      at += 12 + length
    }
    return bytes
  }
}

/// CRC-32 as PNG and zip have it (ISO 3309).
enum CyclicRedundancy {
  private static let table: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { value, _ in value & 1 == 1 ? 0xEDB8_8320 ^ value >> 1 : value >> 1 }
  }

  static func of(_ bytes: some Sequence<UInt8>) -> UInt32 {
    ~bytes.reduce(UInt32.max) { table[Int(($0 ^ UInt32($1)) & 0xFF)] ^ $0 >> 8 }
  }
}
