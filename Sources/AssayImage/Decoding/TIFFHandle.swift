import CCodecs

/// An open TIFF directory: libtiff's handle, and where its bytes and messages are.
struct TIFFHandle {
  let tiff: OpaquePointer
  let source: UnsafeMutablePointer<assay_tiff_source>

  /// Opens the first page for the time of `body`. `largestBlock` bounds any single allocation of libtiff, in bytes.
  static func open<Result>(
    _ bytes: ByteSource, largestBlock: Int, _ body: (TIFFHandle) throws(DecodingFailure) -> Result
  ) throws(DecodingFailure) -> Result {
    try withPointer(bytes.head) { (head) throws(DecodingFailure) in
      var source = assay_tiff_source()
      source.size = UInt64(bytes.size)
      if let descriptor = bytes.descriptor {
        source.descriptor = descriptor
      } else {
        source.bytes = head
      }
      return try withPointer(to: &source) { (source) throws(DecodingFailure) in
        guard let tiff = assay_tiff_open(source, Int64(largestBlock)) else {
          throw failure(source, "it has no readable directory")
        }
        defer { TIFFClose(tiff) }
        let handle = TIFFHandle(tiff: tiff, source: source)
        let result = try body(handle)
        // libtiff forgives directory values that are missing; a file that lost its end is not whole, though.
        guard source.pointee.wanted <= source.pointee.size else { throw handle.failure("") }
        return result
      }
    }
  }

  func short(_ tag: Int32, _ fallback: Int = 0) -> Int {
    Int(assay_tiff_short(tiff, UInt32(tag), UInt16(fallback)))
  }

  func long(_ tag: Int32, _ fallback: Int = 0) -> Int {
    Int(assay_tiff_long(tiff, UInt32(tag), UInt32(fallback)))
  }

  /// SMaxSampleValue (tag 341), the largest of all channels; nil when the file has none.
  var largestSample: Int? {
    let value = assay_tiff_largest_sample(tiff)
    return value >= 1 && value <= 65_535 ? Int(value) : nil
  }

  /// What went wrong, in libtiff's words where it has some; data beyond the end of the file means truncation.
  func failure(_ otherwise: String) -> DecodingFailure { TIFFHandle.failure(source, otherwise) }

  private static func failure(
    _ source: UnsafeMutablePointer<assay_tiff_source>, _ otherwise: String
  ) -> DecodingFailure {
    let (size, wanted) = (source.pointee.size, source.pointee.wanted)
    if wanted > size {
      return .truncated(.tiff, at: Int(size), detail: " of at least \(wanted)")
    }
    let message = withUnsafeBytes(of: source.pointee.message) {
      String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
    }
    return .corrupt(.tiff, message.isEmpty ? otherwise : message)
  }

  // The standard library's closures do not throw typed errors.
  private static func withPointer<Result>(
    _ bytes: [UInt8], _ body: (UnsafePointer<UInt8>?) throws(DecodingFailure) -> Result
  ) throws(DecodingFailure) -> Result {
    let outcome = bytes.withUnsafeBufferPointer { buffer in
      Swift.Result<Result, DecodingFailure> { () throws(DecodingFailure) in try body(buffer.baseAddress) }
    }
    return try outcome.get()
  }

  private static func withPointer<Result>(
    to source: inout assay_tiff_source,
    _ body: (UnsafeMutablePointer<assay_tiff_source>) throws(DecodingFailure) -> Result
  ) throws(DecodingFailure) -> Result {
    let outcome = withUnsafeMutablePointer(to: &source) { pointer in
      Swift.Result<Result, DecodingFailure> { () throws(DecodingFailure) in try body(pointer) }
    }
    return try outcome.get()
  }
}
