import Glibc

/// The scans of a JPEG, counted before it is decoded.
///
/// Each scan of a progressive picture goes through all its blocks, also one that says in a few bytes that they stay as they
/// are: 500 scans of 6,300 x 6,300 pixels fit into 108 KB and hold a core for 13 s.
package enum JPEGScans {
  /// Scans that any progressive picture may have. libjpeg writes 10, other encoders up to 14.
  static let alwaysAllowed = 16
  /// Pixels that all scans together may go through, a second or so of a core.
  static let mostWork = 1_600_000_000
  /// Arithmetic coding, which hardly anybody writes, takes that much longer for a pixel.
  static let arithmeticWeight = 4

  /// How many scans a progressive picture may have.
  package static func allowed(pixels: Int, isArithmetic: Bool = false) -> Int {
    max(alwaysAllowed, mostWork / (isArithmetic ? arithmeticWeight : 1) / max(1, pixels))
  }

  /// Refuses a picture of more scans than its pixels allow.
  static func check(_ bytes: [UInt8], _ head: JPEGHeader) throws(DecodingFailure) {
    guard head.hasScans else { return }
    // A sequential picture has each component in one scan (ITU-T T.81, 4.8.2).
    let allowed =
      head.isProgressive ? allowed(pixels: head.stored.pixels, isArithmetic: head.isArithmetic) : head.components
    let scans = bytes.withUnsafeBytes { count(UnsafeRawBufferPointer(rebasing: $0[head.frameOffset...])) }
    guard scans > allowed else { return }
    throw failure(.jpeg, scans: scans, allowed: allowed, width: head.stored.width, height: head.stored.height)
  }

  static func failure(_ format: ImageFormat, scans: Int, allowed: Int, width: Int, height: Int) -> DecodingFailure {
    DecodingFailure(
      reason: .tooLarge,
      cause: "\(format.title) goes \(scans) times through its \(width) x \(height) pixels (scans), and at most"
        + " \(allowed) times are allowed",
      remedy: "save it as a baseline JPEG or as PNG")
  }

  /// The start-of-scan markers from a frame header on, as libjpeg meets them: what lies between scans is stepped over.
  static func count(_ bytes: UnsafeRawBufferPointer) -> Int {
    guard let base = bytes.baseAddress else { return 0 }
    var scans = 0
    var at = 0
    while at + 1 < bytes.count {
      guard let found = memchr(base + at, 0xFF, bytes.count - at - 1) else { break }
      at = UnsafeRawPointer(found) - base
      let marker = bytes[at + 1]
      switch marker {
      case 0xFF: at += 1
      // Stuffed bytes of the pixels, restart markers, and what is no marker of a JPEG: nothing follows that belongs to it.
      case 0x00..<0xC0, 0xD0...0xD8: at += 2
      case 0xD9: return scans
      default:
        guard at + 3 < bytes.count else { return scans }
        if marker == 0xDA { scans += 1 }
        at += 2 + max(2, Int(bytes[at + 2]) << 8 | Int(bytes[at + 3]))
      }
    }
    return scans
  }
}
