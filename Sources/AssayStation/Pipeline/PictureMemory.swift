import AssayImage

/// What it takes to judge a picture, told from its header alone.
enum PictureMemory {
  /// Bytes of memory at most while a part is judged.
  /// - Throws: `ImageError` for what is no picture, or has too many pixels.
  static func bytes(of part: Part, _ bundle: ServedBundle) throws(ImageError) -> Int {
    switch part.input {
    case .tensor: return 0
    case .pixels(let image):
      try ImageHeader.check(
        width: image.width, height: image.height, maximumPixels: bundle.maximumPixels, name: part.name)
      let pixels = image.width * image.height
      return pixels * image.channels * (image.bitsPerSample / 8) + shown(pixels, part)
    case .file(let bytes):
      let header = try ImageFile.header(of: bytes, name: part.name, maximumPixels: bundle.maximumPixels)
      // A drawing begins where the codec has ended.
      return max(header.peakBytes, header.decodedBytes + shown(header.width * header.height, part))
    }
  }

  /// A drawing begins as a copy of 8 bits in colour.
  private static func shown(_ pixels: Int, _ part: Part) -> Int { part.isDrawn ? 3 * pixels : 0 }
}
