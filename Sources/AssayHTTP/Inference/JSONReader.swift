import Foundation

/// Reads a JSON document (RFC 8259) where it lies, in one pass: nothing is built of what nobody asks for, and nesting is
/// bounded, so that a document takes no more memory than what is read of it.
struct JSONReader {
  /// Why it is no JSON, and where.
  struct Fault: Error {
    let position: Int
    let cause: String
  }

  enum Kind { case object, array, string, number, bool, null }

  private let bytes: ArraySlice<UInt8>
  private(set) var position: Int

  /// Levels of arrays and objects.
  static let deepest = 64

  init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    position = bytes.startIndex
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position += 3 }
  }

  func fault(_ cause: String) -> Fault { Fault(position: position - bytes.startIndex, cause: cause) }

  private mutating func peek() throws(Fault) -> UInt8 {
    while position < bytes.endIndex {
      switch bytes[position] {
      case 0x20, 0x09, 0x0A, 0x0D: position += 1
      default: return bytes[position]
      }
    }
    throw fault("it ends too early")
  }

  private mutating func expect(_ byte: UInt8) throws(Fault) {
    guard try peek() == byte else { throw fault("\(Character(UnicodeScalar(byte))) is missing") }
    position += 1
  }

  private mutating func word(_ word: StaticString) throws(Fault) {
    guard bytes[position...].starts(with: UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount))
    else { throw fault("a value is missing") }
    position += word.utf8CodeUnitCount
  }

  /// What the next value is; only its first byte has been looked at.
  mutating func kind() throws(Fault) -> Kind {
    switch try peek() {
    case UInt8(ascii: "{"): .object
    case UInt8(ascii: "["): .array
    case UInt8(ascii: "\""): .string
    case UInt8(ascii: "t"), UInt8(ascii: "f"): .bool
    case UInt8(ascii: "n"): .null
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): .number
    default: throw fault("a value is missing")
    }
  }

  /// Only white space may follow the document.
  mutating func end() throws(Fault) {
    while position < bytes.endIndex {
      guard [0x20, 0x09, 0x0A, 0x0D].contains(bytes[position]) else { throw fault("something follows its end") }
      position += 1
    }
  }

  /// - Parameter member: is to read or to skip the value of a name; names have at most 1,024 bytes.
  mutating func object(_ member: (inout JSONReader, String) throws -> Void) throws {
    try expect(UInt8(ascii: "{"))
    if try peek() == UInt8(ascii: "}") {
      position += 1
      return
    }
    while true {
      let name = try text(limit: 1024)
      try expect(UInt8(ascii: ":"))
      try member(&self, name)
      if try peek() == UInt8(ascii: "}") {
        position += 1
        return
      }
      try expect(UInt8(ascii: ","))
    }
  }

  /// - Parameter element: is to read or to skip it.
  mutating func array(_ element: (inout JSONReader) throws -> Void) throws {
    try expect(UInt8(ascii: "["))
    if try peek() == UInt8(ascii: "]") {
      position += 1
      return
    }
    while true {
      try element(&self)
      if try peek() == UInt8(ascii: "]") {
        position += 1
        return
      }
      try expect(UInt8(ascii: ","))
    }
  }

  /// Where a text lies, without its quotes and as it is written.
  mutating func rawText() throws(Fault) -> Range<Int> {
    try expect(UInt8(ascii: "\""))
    let start = position
    while position < bytes.endIndex {
      switch bytes[position] {
      case UInt8(ascii: "\""):
        position += 1
        return start..<position - 1
      case UInt8(ascii: "\\"): position += 2
      case 0..<0x20: throw fault("a control character is in a text")
      default: position += 1
      }
    }
    position = bytes.endIndex
    throw fault("a text has no end")
  }

  mutating func text(limit: Int) throws(Fault) -> String {
    let start = position
    let range = try rawText()
    guard range.count <= limit else {
      position = start
      throw fault("a text has more than \(limit) bytes")
    }
    let raw = bytes[range]
    // Escapes and what is no UTF-8 are left to Foundation: it is a short text.
    guard raw.contains(where: { $0 == UInt8(ascii: "\\") || $0 >= 0x80 }) else {
      return String(decoding: raw, as: UTF8.self)
    }
    guard
      let text = try? JSONDecoder().decode(String.self, from: Data(bytes[(range.lowerBound - 1)...range.upperBound]))
    else { throw fault("a text is not UTF-8, or has a wrong escape") }
    return text
  }

  mutating func number() throws(Fault) -> Double {
    let start = position
    let range = try rawNumber()
    // Most have few digits, and powers of ten up to 22 are exact in a Double (Clinger 1990).
    var (mantissa, digits, scale) = (UInt64(0), 0, 0)
    var isFraction = false
    var index = range.lowerBound
    let isNegative = bytes[index] == UInt8(ascii: "-")
    if isNegative { index += 1 }
    while index < range.upperBound, digits < 16 {
      let byte = bytes[index]
      if byte == UInt8(ascii: ".") {
        isFraction = true
      } else if byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") {
        mantissa = mantissa * 10 + UInt64(byte - 48)
        if mantissa > 0 { digits += 1 }
        if isFraction { scale += 1 }
      } else {
        break
      }
      index += 1
    }
    if index == range.upperBound, digits <= 15, scale <= 22 {
      let value = Double(mantissa) / Self.powers[scale]
      return isNegative ? -value : value
    }
    guard range.count <= 1024, let value = Double(String(decoding: bytes[range], as: UTF8.self)) else {
      position = start
      throw fault("a number has more than 1024 digits")
    }
    return value
  }

  private static let powers: [Double] = (0...22).map { Double("1e\($0)") ?? .nan }

  /// RFC 8259, section 6.
  private mutating func rawNumber() throws(Fault) -> Range<Int> {
    _ = try peek()
    let start = position
    func isDigit(_ index: Int) -> Bool {
      index < bytes.endIndex && bytes[index] >= UInt8(ascii: "0") && bytes[index] <= UInt8(ascii: "9")
    }
    var index = position
    func at(_ index: Int) -> UInt8 { index < bytes.endIndex ? bytes[index] : 0 }
    if at(index) == UInt8(ascii: "-") { index += 1 }
    guard isDigit(index) else { throw fault("a number is missing") }
    if at(index) == UInt8(ascii: "0"), isDigit(index + 1) { throw fault("a number begins with 0") }
    while isDigit(index) { index += 1 }
    if at(index) == UInt8(ascii: ".") {
      index += 1
      guard isDigit(index) else { throw fault("a number has no digit after its point") }
      while isDigit(index) { index += 1 }
    }
    if at(index) | 0x20 == UInt8(ascii: "e") {
      index += 1
      if at(index) == UInt8(ascii: "+") || at(index) == UInt8(ascii: "-") { index += 1 }
      guard isDigit(index) else { throw fault("a number has no exponent") }
      while isDigit(index) { index += 1 }
    }
    position = index
    return start..<index
  }

  mutating func bool() throws(Fault) -> Bool {
    if try peek() == UInt8(ascii: "t") {
      try word("true")
      return true
    }
    try word("false")
    return false
  }

  /// Passes over a value, whatever it is, and checks it.
  /// - Returns: where it lies.
  @discardableResult
  mutating func skip() throws(Fault) -> Range<Int> {
    _ = try peek()
    let start = position
    // One bit a level: whether it is an object.
    var isObject: [Bool] = []
    while true {
      switch try kind() {
      case .object, .array:
        guard isObject.count < Self.deepest else { throw fault("it is nested more than \(Self.deepest) deep") }
        let opensObject = bytes[position] == UInt8(ascii: "{")
        position += 1
        if try peek() == (opensObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) {
          position += 1
        } else {
          isObject.append(opensObject)
          if opensObject { try name() }
          continue
        }
      case .string: _ = try rawText()
      case .number: _ = try rawNumber()
      case .bool: _ = try bool()
      case .null: try word("null")
      }
      // A value has ended: close what ends with it.
      while let isInObject = isObject.last {
        let next = try peek()
        if next == UInt8(ascii: ",") {
          position += 1
          if isInObject { try name() }
          break
        }
        guard next == (isInObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) else { throw fault("a comma is missing") }
        position += 1
        isObject.removeLast()
      }
      if isObject.isEmpty { return start..<position }
    }
  }

  private mutating func name() throws(Fault) {
    _ = try rawText()
    try expect(UInt8(ascii: ":"))
  }
}
