/// Base64 (RFC 4648, section 4) as it lies in a JSON text: without line breaks, with padding, a slash perhaps escaped.
enum Base64 {
  /// What each byte stands for; 255 for none.
  private static let values: [UInt8] = {
    var values = [UInt8](repeating: 255, count: 256)
    let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    for (index, letter) in letters.utf8.enumerated() { values[Int(letter)] = UInt8(index) }
    return values
  }()

  /// Bytes of the text when it is decoded; nil for what is not Base64.
  static func count(_ text: ArraySlice<UInt8>) -> Int? {
    var (letters, padding) = (0, 0)
    var isEscaped = false
    for byte in text {
      if isEscaped, byte != UInt8(ascii: "/") { return nil }
      isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
      if isEscaped { continue }
      if byte == UInt8(ascii: "=") {
        padding += 1
      } else {
        guard padding == 0, values[Int(byte)] < 64 else { return nil }
        letters += 1
      }
    }
    guard !isEscaped, padding <= 2, (letters + padding) % 4 == 0, letters % 4 != 1 else { return nil }
    return letters * 3 / 4
  }

  /// - Parameter text: has been counted.
  static func decode(_ text: ArraySlice<UInt8>) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count * 3 / 4)
    var (word, bits) = (UInt32(0), 0)
    for byte in text {
      let value = values[Int(byte)]
      guard value < 64 else { continue }
      word = word << 6 | UInt32(value)
      bits += 6
      if bits >= 8 {
        bits -= 8
        bytes.append(UInt8(truncatingIfNeeded: word >> UInt32(bits)))
      }
    }
    return bytes
  }
}
