/// How the samples of a file with more than 8 bits are to be read, as far as the file says so.
public struct SampleDepth: Sendable, Hashable {
  /// The stored value that a decoded sample of 65535 stands for: `2^n - 1` where the format has samples of n bits, a PNM's
  /// largest value ("maxval"), else 65535.
  public var full: Int
  /// The stored value that the file declares to be white: `full` where that is below 65535, or TIFF's SMaxSampleValue;
  /// nil when the file says nothing, as most do whose samples have 10 or 12 bits in 16.
  public var white: Int?
  /// Bits that count of each sample (PNG's sBIT), when there are fewer than 16. Where in the 16 they are is not said: the
  /// standard wants them spread over the whole range, cameras' programs leave them at the lower end.
  public var significantBits: Int?

  public init(full: Int = 65_535, white: Int? = nil, significantBits: Int? = nil) {
    self.full = full
    self.white = white ?? (full < 65_535 ? full : nil)
    self.significantBits = significantBits
  }

  /// TIFF's SMaxSampleValue is white where it is the end of a range of whole bits. Any other value is what some programs
  /// write there, the largest sample of this very picture, and says nothing of white.
  static func white(declared value: Int?) -> Int? {
    guard let value, value >= WhiteLevel.range.lowerBound, value < 65_535, value & (value + 1) == 0 else { return nil }
    return value
  }
}
