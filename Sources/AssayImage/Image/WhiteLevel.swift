/// Which stored value is white in pictures of more than 8 bits: a camera's 10 or 12 bits in a file of 16 reach 1023 or 4095
/// of 65535, and would be seen nearly black.
public struct WhiteLevel: Sendable, Hashable, Codable {
  /// Where it comes from.
  public enum Origin: String, Sendable, Codable, CaseIterable {
    /// The files say it.
    case declared
    /// The smallest usual level that covers the samples of all pictures.
    case samples
    /// A person said so; then it holds also for files that declare another.
    case given
  }

  /// In the files' own values.
  public var value: Int
  public var origin: Origin

  public init(_ value: Int, _ origin: Origin) {
    self.value = value
    self.origin = origin
  }

  /// What a level may be: that of 8 bits to that of 16.
  public static let range = 255...65_535
  /// Levels of 10, 12, 14 and 16 bits.
  public static let usual = [1023, 4095, 16_383, 65_535]

  /// The smallest usual level that covers a stored value.
  public static func covering(_ largest: Int) -> Int { usual.first { $0 >= largest } ?? 65_535 }

  /// `4,095 (12 bits)`
  public var name: String {
    let isWhole = value & (value + 1) == 0
    return Self.grouped(value) + (isWhole ? " (\((value + 1).trailingZeroBitCount) bits)" : "")
  }

  /// For people: the level and where it comes from.
  public var sentence: String {
    switch origin {
    case .declared: "white is \(name), as the files declare"
    case .samples:
      "white is \(name), the smallest of \(Self.usual.map(Self.grouped).joined(separator: ", ")) that covers all pictures"
    case .given: "white is \(name), as given"
    }
  }

  static func grouped(_ value: Int) -> String {
    value < 1000 ? "\(value)" : "\(value / 1000)," + String("\(1000 + value % 1000)".dropFirst())
  }
}
