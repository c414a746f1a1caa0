/// Says what a file that is none of the supported formats looks like.
enum ForeignContent {
  static func failure(_ head: ArraySlice<UInt8>, size: Int) -> DecodingFailure {
    if let format = ImageFormat.begun(by: head) {
      return .truncated(format, at: size, detail: ": not even its signature is complete")
    }
    let bytes = Array(head.prefix(512))
    if let name = imageName(head) {
      return DecodingFailure(
        reason: .unsupported, cause: "it is \(name), which is not read",
        remedy: "convert it to PNG, TIFF or JPEG")
    }
    let look = others.first { $0.matches(bytes) }?.name ?? describe(bytes)
    return DecodingFailure(
      reason: .notAnImage, cause: "it is not an image: it begins like \(look)",
      remedy: "remove it or replace it with the photograph")
  }

  /// The format of an image that is not read, as a clause; nil for what is no image.
  static func imageName(_ head: ArraySlice<UInt8>) -> String? {
    let bytes = Array(head.prefix(512))
    return otherImages.first { $0.matches(bytes) }?.name
  }

  private struct Signature {
    let name: String
    let offset: Int
    let bytes: [UInt8]

    init(_ name: String, _ text: String, at offset: Int = 0) {
      self.init(name, Array(text.utf8), at: offset)
    }

    init(_ name: String, _ bytes: [UInt8], at offset: Int = 0) {
      self.name = name
      self.offset = offset
      self.bytes = bytes
    }

    func matches(_ head: [UInt8]) -> Bool { head.dropFirst(offset).starts(with: bytes) }
  }

  private static let otherImages = [
    Signature("a GIF image", "GIF8"),
    Signature("an HEIF or AVIF image", "ftyp", at: 4),
    Signature("a JPEG 2000 image", [0, 0, 0, 12, 0x6A, 0x50, 0x20, 0x20]),
    Signature("a JPEG 2000 image", [0xFF, 0x4F, 0xFF, 0x51]),
    Signature("a JPEG XL image", [0, 0, 0, 12, 0x4A, 0x58, 0x4C, 0x20]),
    Signature("a JPEG XL image", [0xFF, 0x0A]),
    Signature("a Photoshop image", "8BPS"),
    Signature("an OpenEXR image", [0x76, 0x2F, 0x31, 0x01]),
    Signature("a DICOM image", "DICM", at: 128),
    Signature("a PFM image", "PF\n"),
    Signature("a PFM image", "Pf\n"),
    Signature("a PAM image", "P7\n"),
  ]

  private static let others = [
    Signature("a ZIP archive", [0x50, 0x4B, 3, 4]),
    Signature("gzip-compressed data", [0x1F, 0x8B]),
    Signature("a PDF document", "%PDF"),
    Signature("a Git LFS pointer (run `git lfs pull`)", "version https://git-lfs"),
    Signature("a NumPy array", [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59]),
    Signature("an HDF5 file", [0x89, 0x48, 0x44, 0x46]),
    Signature("a Linux program", [0x7F, 0x45, 0x4C, 0x46]),
  ]

  private static func describe(_ bytes: [UInt8]) -> String {
    if bytes.allSatisfy({ $0 == 0 }) { return "zero bytes (an interrupted copy)" }
    let isText = bytes.allSatisfy { $0 >= 32 && $0 != 127 || (9...13).contains($0) }
    if isText {
      let text = String(decoding: bytes, as: UTF8.self).lowercased().drop { $0.isWhitespace }
      if text.hasPrefix("<!doctype html") || text.hasPrefix("<html") { return "an HTML page" }
      if text.contains("<svg") { return "an SVG drawing" }
      if text.hasPrefix("<?xml") { return "an XML document" }
      return text.hasPrefix("{") ? "a JSON document" : "text"
    }
    let digits = Array("0123456789ABCDEF")
    let hex = bytes.prefix(4).map { "\(digits[Int($0 >> 4)])\(digits[Int($0 & 15)])" }
    return "unknown binary data (bytes \(hex.joined(separator: " ")))"
  }
}
