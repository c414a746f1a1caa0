import CCodecs

/// What it takes to read a page, known before its first block is read. A few bytes can say that a page has a hundred million
/// tiles, that all of them are the same megabytes of the file, or that each is a JPEG of a hundred scans.
enum TIFFWork {
  /// Strips or tiles of a page, of all its planes: each costs some microseconds, whatever it holds. The largest picture that
  /// is read has 390,625 tiles of 16 x 16 pixels.
  static let mostBlocks = 1 << 19

  /// - Throws: where it takes much more than the page's pixels are worth.
  static func check(_ handle: TIFFHandle, _ layout: TIFFLayout, _ source: ByteSource) throws(DecodingFailure) {
    let blocks = layout.blockCount
    guard blocks <= mostBlocks else {
      throw DecodingFailure(
        reason: .tooLarge,
        cause: "TIFF is divided into \(blocks) blocks of \(layout.blockWidth) x \(layout.blockHeight) pixels, more than"
          + " the limit of \(mostBlocks)",
        remedy: "save it with larger tiles or strips")
    }
    let kept = (0..<blocks).reduce(UInt64(0)) { sum, block in
      let bytes = TIFFGetStrileByteCount(handle.tiff, UInt32(block))
      return sum.addingReportingOverflow(bytes).overflow ? .max : sum + bytes
    }
    // Those who write a tile once for all that are black share little.
    guard kept <= UInt64(2 * source.size) else {
      throw .corrupt(.tiff, "its blocks would hold \(kept) bytes, and the file has \(source.size)")
    }
    if layout.isJPEG { try checkScans(handle, layout, source) }
  }

  private static func checkScans(
    _ handle: TIFFHandle, _ layout: TIFFLayout, _ source: ByteSource
  ) throws(DecodingFailure) {
    var most = 0
    for block in 0..<layout.blockCount {
      let place = TIFFGetStrileOffset(handle.tiff, UInt32(block))
      let count = TIFFGetStrileByteCount(handle.tiff, UInt32(block))
      guard let offset = Int(exactly: place), let length = Int(exactly: count) else { continue }
      most = max(most, source.bytes(at: offset, count: length).withUnsafeBytes(JPEGScans.count))
    }
    let pixels = layout.width * layout.height
    let allowed = JPEGScans.allowed(pixels: pixels)
    guard most > allowed else { return }
    throw JPEGScans.failure(.tiff, scans: most, allowed: allowed, width: layout.width, height: layout.height)
  }
}
