import AssayImage

/// What it takes to judge a picture, told from its header alone.
enum PictureMemory {
  /// Bytes of memory at most while a part is judged.
  /// - Throws: `ImageError` for what is no picture, or has too many pixels.
  static func bytes(of part: Part, _ bundle: ServedBundle) throws(ImageError) -> Int {
    switch part.input {
    case .tensor: return 0
    case .pixels(let image):
      let pixels = image.width * image.height
      guard pixels <= bundle.maximumPixels else {
        throw ImageError(
          file: part.name, reason: .tooLarge,
          cause:
            "the picture has \(image.width) x \(image.height) pixels, more than the limit of \(bundle.maximumPixels)",
          remedy: "crop or reduce it, or raise the pixel limit")
      }
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
