import AssayImage

/// Image files of any declared size, made of a few bytes: headers that are true to their format, and pixels where a test
/// wants them.
enum MadeFile {
  /// The formats that can declare any side, by name.
  static let ofAnySide: [(name: String, make: @Sendable (_ width: Int, _ height: Int) -> [UInt8])] = [
    ("PNG", { pngHeader(width: $0, height: $1) }),
    ("TIFF", { tiff(width: $0, height: $1) }),
    ("BMP", { bmpHeader(width: $0, height: $1) }),
    ("PNM", { Array("P5 \($0) \($1) 255\n".utf8) }),
    ("PBM", { Array("P4 \($0) \($1)\n".utf8) }),
  ]

  /// Signature and IHDR chunk: 8 bits gray, not interlaced (PNG specification, 11.2.2).
  static func pngHeader(width: Int, height: Int) -> [UInt8] {
    [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + [0, 0, 0, 13] + Array("IHDR".utf8)
      + big(width, 4) + big(height, 4) + [8, 0, 0, 0, 0] + [0, 0, 0, 0]
  }

  /// BITMAPFILEHEADER and BITMAPINFOHEADER of 24 bits.
  static func bmpHeader(width: Int, height: Int) -> [UInt8] {
    Array("BM".utf8) + little(54, 4) + little(0, 4) + little(54, 4)
      + little(40, 4) + little(width, 4) + little(height, 4) + little(1, 2) + little(24, 2)
      + [UInt8](repeating: 0, count: 24)
  }

  /// A gray little-endian TIFF (TIFF 6.0), uncompressed, in one strip unless `tile` says otherwise.
  /// - Parameter sharedBlock: the bytes of all blocks, once.
  static func tiff(
    width: Int, height: Int, tile: (width: Int, height: Int)? = nil, bits: Int = 8, samples: Int = 1,
    rowsPerStrip: Int? = nil, compression: Int = 1, blocks: [[UInt8]] = [[]],
    sharedBlock: (bytes: [UInt8], count: Int)? = nil
  ) -> [UInt8] {
    var fields: [(tag: Int, values: [Int])] = [
      (256, [width]), (257, [height]), (258, [Int](repeating: bits, count: samples)), (259, [compression]),
      (262, [samples >= 3 ? 2 : 1]), (277, [samples]),
    ]
    // Blocks follow the header, then the directory, then the arrays that are too long for it.
    var data: [UInt8] = []
    var offsets: [Int] = []
    for block in blocks {
      offsets.append(8 + data.count)
      data += block
    }
    var counts = blocks.map(\.count)
    if let sharedBlock {
      data = sharedBlock.bytes
      offsets = [Int](repeating: 8, count: sharedBlock.count)
      counts = [Int](repeating: data.count, count: sharedBlock.count)
    }
    if data.count % 2 == 1 { data.append(0) }
    if let tile {
      fields += [(322, [tile.width]), (323, [tile.height]), (324, offsets), (325, counts)]
    } else {
      fields += [(273, offsets), (278, [rowsPerStrip ?? height]), (279, counts)]
    }
    fields.sort { $0.tag < $1.tag }
    let directory = 8 + data.count
    var entries = little(fields.count, 2)
    var arrays: [UInt8] = []
    for field in fields {
      entries += little(field.tag, 2) + little(4, 2) + little(field.values.count, 4)
      if field.values.count == 1 {
        entries += little(field.values[0], 4)
      } else {
        entries += little(directory + 2 + 12 * fields.count + 4 + arrays.count, 4)
        arrays += field.values.flatMap { little($0, 4) }
      }
    }
    return [0x49, 0x49, 42, 0] + little(directory, 4) + data + entries + little(0, 4) + arrays
  }

  static func big(_ value: Int, _ bytes: Int) -> [UInt8] {
    (0..<bytes).map { UInt8(truncatingIfNeeded: value >> (8 * (bytes - 1 - $0))) }
  }

  static func little(_ value: Int, _ bytes: Int) -> [UInt8] { big(value, bytes).reversed() }
}
