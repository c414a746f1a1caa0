/// Inputs that are nearly right, the same in every run.
struct Mutation {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  /// splitmix64 (Steele, Lea and Flood 2014), below a limit.
  private mutating func number(below limit: Int) -> Int {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
    return Int((z ^ z >> 31) % UInt64(max(1, limit)))
  }

  private static let bytes: [UInt8] = [0, 1, 0x7F, 0x80, 0xFF, 10, 32] + Array("\"'{}[]<>,;:-.0/\\".utf8)
  /// What readers of numbers find hard.
  private static let numbers = [
    "9223372036854775807", "-9223372036854775808", "1e300", "-1e308", "0", "-1", "65536", "nan",
  ]

  /// One to three changes: a byte, a number, a part that is missing or there twice, an end too early.
  mutating func changed(_ input: [UInt8]) -> [UInt8] {
    var bytes = input
    for _ in 0...number(below: 3) where !bytes.isEmpty {
      let at = number(below: bytes.count)
      let end = min(bytes.count, at + 1 + number(below: 16))
      switch number(below: 6) {
      case 0: bytes[at] ^= 1 << UInt8(number(below: 8))
      case 1: bytes[at] = Self.bytes[number(below: Self.bytes.count)]
      case 2: bytes.removeSubrange(at..<end)
      case 3: bytes.insert(contentsOf: bytes[at..<end], at: at)
      case 4:
        let isDigit = { (byte: UInt8) in (0x30...0x39).contains(byte) }
        guard let first = bytes[at...].firstIndex(where: isDigit) else { continue }
        let last = bytes[first...].firstIndex { !isDigit($0) } ?? bytes.count
        bytes.replaceSubrange(first..<last, with: Self.numbers[number(below: Self.numbers.count)].utf8)
      default: bytes.removeSubrange(max(at, bytes.count - number(below: bytes.count))...)
      }
    }
    return bytes
  }
}
