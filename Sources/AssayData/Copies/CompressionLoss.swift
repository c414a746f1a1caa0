/// How coarsely a JPEG file rounded its picture.
enum CompressionLoss {
  /// The step of the luminance's low and middle frequencies in gray levels: 1 for formats without loss.
  ///
  /// The median of the first ten coefficients after the mean, in zigzag order, of the first quantisation table (ITU-T T.81,
  /// B.2.4.1): those that carry structure of 4 to 16 pixels.
  static func step(_ bytes: [UInt8]) -> Float {
    guard bytes.count > 4, bytes[0] == 0xFF, bytes[1] == 0xD8 else { return 1 }
    var at = 2
    while at + 4 <= bytes.count, bytes[at] == 0xFF {
      let marker = bytes[at + 1]
      guard marker != 0xDA else { break }
      let length = Int(bytes[at + 2]) << 8 | Int(bytes[at + 3])
      if marker == 0xDB, at + 5 < bytes.count {
        let width = bytes[at + 4] >> 4 == 0 ? 1 : 2
        let table = at + 5
        guard bytes[at + 4] & 15 == 0, table + 11 * width <= bytes.count else { break }
        let steps = (1...10).map { entry in
          (0..<width).reduce(0) { $0 << 8 | Int(bytes[table + entry * width + $1]) }
        }
        return Float(max(1, steps.sorted()[5]))
      }
      at += 2 + max(2, length)
    }
    return 1
  }
}
