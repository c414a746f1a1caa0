public import AssayBase
public import AssayImage

/// A picture that has been read once, and whose content decided where it belongs: reading it again gives the same content, or an
/// error that names it. So nothing is computed of one picture and kept under another one's name.
public struct KnownPicture: Sendable, Hashable {
  public let path: String
  /// Of its content when it was first read.
  public let hash: SHA256Digest

  public init(path: String, hash: SHA256Digest) {
    self.path = path
    self.hash = hash
  }

  /// Its bytes.
  ///
  /// Throws `ImageError` when it has gone or holds something else by now.
  public func contents(
    maximumPixels: Int = DecodingOptions().maximumPixels
  ) throws(ImageError) -> [UInt8] {
    let bytes: [UInt8]
    do throws(ImageError) { bytes = try ImageFile.contents(path: path, maximumPixels: maximumPixels) } catch {
      throw ImageError(
        file: path, reason: error.reason, cause: "it was read before, and now \(error.cause)",
        remedy: "leave the pictures where they are until the work is done, and run it again")
    }
    guard SHA256Digest(of: bytes) == hash else { throw changed }
    return bytes
  }

  /// The picture itself.
  ///
  /// Throws `ImageError` when it has gone, holds something else by now, or cannot be decoded.
  public func read(_ options: DecodingOptions) throws(ImageError) -> Image {
    try ImageFile.decode(try contents(maximumPixels: options.maximumPixels), name: path, options: options)
  }

  /// - Parameter found: what its content is now; nil when it cannot be read.
  public func check(_ found: SHA256Digest?) throws(ImageError) {
    if let found {
      guard found == hash else { throw changed }
    } else {
      _ = try contents()
    }
  }

  private var changed: ImageError {
    ImageError(
      file: path, reason: .notReadable,
      cause: "it has changed since it was first read (SHA-256 was \(hash.hex.prefix(12))...)",
      remedy: "let nothing write to the data set until the work is done, and run it again")
  }
}
