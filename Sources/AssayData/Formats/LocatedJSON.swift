/// A JSON value with the line on which it begins, so that a message can name the place.
///
/// Foundation's decoders do not tell lines. This one also bounds its depth, whatever the file says.
package struct JSONNode {
  enum Value {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([JSONNode])
    case object([String: JSONNode])
  }

  /// Why a text is not JSON.
  package struct Failure: Error {
    let line: Int
    let cause: String
  }

  let value: Value
  /// 1-based.
  let line: Int

  package static func parse(_ bytes: [UInt8]) throws(Failure) -> JSONNode {
    var parser = Parser(bytes)
    let node = try parser.value(depth: 0)
    parser.skipSpace()
    guard parser.isAtEnd else { throw parser.failure("something follows after the end of the document") }
    return node
  }

  subscript(_ key: String) -> JSONNode? { object?[key] }

  var object: [String: JSONNode]? { if case .object(let members) = value { members } else { nil } }
  var array: [JSONNode]? { if case .array(let items) = value { items } else { nil } }
  var string: String? { if case .string(let text) = value { text } else { nil } }
  var number: Double? { if case .number(let number) = value { number } else { nil } }
  var bool: Bool? { if case .bool(let flag) = value { flag } else { nil } }
  /// A whole number.
  var integer: Int? { number.flatMap { Int(exactly: $0) } }
  /// Numbers of an array; nil when one is none.
  var numbers: [Double]? {
    guard let array else { return nil }
    let found = array.compactMap(\.number)
    return found.count == array.count ? found : nil
  }

  private struct Parser {
    private let bytes: [UInt8]
    private var position = 0
    private var line = 1

    init(_ bytes: [UInt8]) {
      self.bytes = bytes
      if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
    }

    var isAtEnd: Bool { position >= bytes.count }

    func failure(_ cause: String) -> Failure { Failure(line: line, cause: cause) }

    mutating func skipSpace() {
      while position < bytes.count {
        switch bytes[position] {
        case UInt8(ascii: "\n"): line += 1
        case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"): break
        default: return
        }
        position += 1
      }
    }

    mutating func value(depth: Int) throws(Failure) -> JSONNode {
      guard depth < 64 else { throw failure("values are nested more than 64 deep") }
      skipSpace()
      guard position < bytes.count else { throw failure("the document ends early") }
      let start = line
      switch bytes[position] {
      case UInt8(ascii: "{"): return JSONNode(value: .object(try object(depth)), line: start)
      case UInt8(ascii: "["): return JSONNode(value: .array(try array(depth)), line: start)
      case UInt8(ascii: "\""): return JSONNode(value: .string(try string()), line: start)
      case UInt8(ascii: "t") where take("true"): return JSONNode(value: .bool(true), line: start)
      case UInt8(ascii: "f") where take("false"): return JSONNode(value: .bool(false), line: start)
      case UInt8(ascii: "n") where take("null"): return JSONNode(value: .null, line: start)
      default: return JSONNode(value: .number(try number()), line: start)
      }
    }

    private mutating func take(_ word: StaticString) -> Bool {
      let count = word.utf8CodeUnitCount
      guard position + count <= bytes.count,
        bytes[position..<position + count].elementsEqual(word.description.utf8)
      else { return false }
      position += count
      return true
    }

    private mutating func object(_ depth: Int) throws(Failure) -> [String: JSONNode] {
      position += 1
      var members: [String: JSONNode] = [:]
      skipSpace()
      if takeByte("}") { return members }
      repeat {
        skipSpace()
        guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
          throw failure("a name in quotes is missing")
        }
        let name = try string()
        skipSpace()
        guard takeByte(":") else { throw failure("a colon is missing after \"\(name)\"") }
        // Whichever of two counts, the other would be lost without a word.
        guard members[name] == nil else { throw failure("\"\(name)\" is named twice") }
        members[name] = try value(depth: depth + 1)
        skipSpace()
      } while takeByte(",")
      guard takeByte("}") else { throw failure("a comma or } is missing") }
      return members
    }

    private mutating func array(_ depth: Int) throws(Failure) -> [JSONNode] {
      position += 1
      var items: [JSONNode] = []
      skipSpace()
      if takeByte("]") { return items }
      repeat {
        items.append(try value(depth: depth + 1))
        skipSpace()
      } while takeByte(",")
      guard takeByte("]") else { throw failure("a comma or ] is missing") }
      return items
    }

    private mutating func takeByte(_ scalar: UnicodeScalar) -> Bool {
      guard position < bytes.count, bytes[position] == UInt8(ascii: scalar) else { return false }
      position += 1
      return true
    }

    private mutating func number() throws(Failure) -> Double {
      let start = position
      while position < bytes.count, bytes[position] > 32, !",]}:".utf8.contains(bytes[position]) { position += 1 }
      let text = String(decoding: bytes[start..<position].prefix(64), as: UTF8.self)
      // Swift also reads "nan", "inf" and hexadecimal numbers, which JSON does not have.
      guard text.utf8.allSatisfy({ "0123456789+-.eE".utf8.contains($0) }), let number = Double(text), number.isFinite
      else { throw failure("\(text.isEmpty ? "a value is missing" : "\(text) is no JSON value")") }
      return number
    }

    private mutating func string() throws(Failure) -> String {
      position += 1
      var result: [UInt8] = []
      while position < bytes.count {
        let byte = bytes[position]
        position += 1
        switch byte {
        case UInt8(ascii: "\""): return String(decoding: result, as: UTF8.self)
        case UInt8(ascii: "\\"): try escape(&result)
        case UInt8(ascii: "\n"): throw failure("a string is not closed on its line")
        default: result.append(byte)
        }
      }
      throw failure("a string is not closed")
    }

    private mutating func escape(_ result: inout [UInt8]) throws(Failure) {
      guard position < bytes.count else { throw failure("a string is not closed") }
      let byte = bytes[position]
      position += 1
      switch byte {
      case UInt8(ascii: "n"): result.append(10)
      case UInt8(ascii: "t"): result.append(9)
      case UInt8(ascii: "r"): result.append(13)
      case UInt8(ascii: "b"): result.append(8)
      case UInt8(ascii: "f"): result.append(12)
      case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): result.append(byte)
      case UInt8(ascii: "u"):
        var code = try hexadecimal()
        if (0xD800..<0xDC00).contains(code), position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"),
          bytes[position + 1] == UInt8(ascii: "u")
        {
          position += 2
          let low = try hexadecimal()
          guard (0xDC00..<0xE000).contains(low) else { throw failure("half a surrogate pair stands alone") }
          code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
        }
        guard let scalar = UnicodeScalar(code) else { throw failure("half a surrogate pair stands alone") }
        result += Array(String(scalar).utf8)
      default: throw failure("\\\(UnicodeScalar(byte)) is no escape")
      }
    }

    private mutating func hexadecimal() throws(Failure) -> UInt32 {
      guard position + 4 <= bytes.count,
        let code = UInt32(String(decoding: bytes[position..<position + 4], as: UTF8.self), radix: 16)
      else { throw failure("\\u is not followed by four hexadecimal digits") }
      position += 4
      return code
    }
  }
}
