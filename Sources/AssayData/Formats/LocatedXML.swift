import Foundation

/// An XML element with the line on which it begins.
///
/// Annotation files need elements, attributes and text, no more. A document type declaration is refused, and with it
/// entities, which could expand without bounds or name other files.
package struct XMLNode {
  /// Why a text cannot be used.
  package struct Failure: Error {
    let line: Int
    let cause: String
  }

  let name: String
  var attributes: [String: String] = [:]
  var children: [XMLNode] = []
  /// Directly inside, without white space around it.
  var text = ""
  /// 1-based.
  let line: Int

  /// Names are compared without regard to capitals, which programs write differently.
  func isNamed(_ name: String) -> Bool { self.name == name || self.name.lowercased() == name.lowercased() }
  func first(_ name: String) -> XMLNode? { children.first { $0.isNamed(name) } }
  func all(_ name: String) -> [XMLNode] { children.filter { $0.isNamed(name) } }

  /// Names of all elements inside, at any depth, in lower case.
  package var namesInside: Set<String> {
    children.reduce(into: []) { names, child in
      names.insert(child.name.lowercased())
      names.formUnion(child.namesInside)
    }
  }

  /// The encoding that an XML declaration names.
  package static func declaredEncoding(_ bytes: [UInt8]) -> String? {
    var head = bytes.prefix(300)
    if head.starts(with: [0xEF, 0xBB, 0xBF]) { head = head.dropFirst(3) }
    guard head.starts(with: "<?xml".utf8), let end = head.firstIndex(of: UInt8(ascii: ">")) else { return nil }
    let text = String(decoding: head[..<end], as: UTF8.self)
    guard let key = text.range(of: "encoding"), let equals = text[key.upperBound...].firstIndex(of: "=") else {
      return nil
    }
    let rest = text[text.index(after: equals)...].drop { $0.isWhitespace }
    guard let quote = rest.first, quote == "\"" || quote == "'" else { return nil }
    return String(rest.dropFirst().prefix { $0 != quote })
  }

  package static func parse(_ bytes: [UInt8]) throws(Failure) -> XMLNode {
    var parser = Parser(bytes)
    return try parser.document()
  }

  private struct Parser {
    private let bytes: [UInt8]
    private var position = 0
    private var line = 1

    init(_ bytes: [UInt8]) {
      self.bytes = bytes
      if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
    }

    private func failure(_ cause: String) -> Failure { Failure(line: line, cause: cause) }

    mutating func document() throws(Failure) -> XMLNode {
      try skipProlog()
      guard position < bytes.count, bytes[position] == UInt8(ascii: "<") else { throw failure("no element begins") }
      let root = try element(depth: 0)
      try skipProlog()
      guard position == bytes.count else { throw failure("something follows after the end of <\(root.name)>") }
      return root
    }

    /// White space, comments and processing instructions.
    private mutating func skipProlog() throws(Failure) {
      while true {
        skipSpace()
        if starts("<?") {
          try skip(past: "?>")
        } else if starts("<!--") {
          try skip(past: "-->")
        } else if starts("<!") {
          throw failure("a document type declaration is not read; remove it")
        } else {
          return
        }
      }
    }

    private mutating func element(depth: Int) throws(Failure) -> XMLNode {
      guard depth < 64 else { throw failure("elements are nested more than 64 deep") }
      var node = XMLNode(name: "", line: line)
      position += 1
      node = XMLNode(name: try name(), line: line)
      while true {
        skipSpace()
        if starts("/>") {
          position += 2
          return node
        }
        if starts(">") {
          position += 1
          break
        }
        let key = try name()
        skipSpace()
        guard starts("=") else { throw failure("the attribute \(key) of <\(node.name)> has no value") }
        position += 1
        skipSpace()
        guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") || bytes[position] == UInt8(ascii: "'")
        else {
          throw failure("the attribute \(key) of <\(node.name)> is not in quotes")
        }
        let quote = bytes[position]
        position += 1
        guard node.attributes[key] == nil else { throw failure("the attribute \(key) of <\(node.name)> stands twice") }
        node.attributes[key] = try content(until: quote)
        position += 1
      }
      var text = ""
      while true {
        text += try content(until: UInt8(ascii: "<"))
        if starts("</") {
          position += 2
          let closed = try name()
          guard closed == node.name else {
            throw failure("</\(closed)> closes <\(node.name)>, begun on line \(node.line)")
          }
          skipSpace()
          guard starts(">") else { throw failure("</\(closed)> is not finished") }
          position += 1
          node.text = Self.trimmed(text)
          return node
        } else if starts("<!--") {
          try skip(past: "-->")
        } else if starts("<?") {
          try skip(past: "?>")
        } else if starts("<![CDATA[") {
          let start = position + 9
          try skip(past: "]]>")
          text += String(decoding: bytes[start..<position - 3], as: UTF8.self)
        } else if starts("<!") {
          throw failure("a declaration stands inside <\(node.name)>")
        } else {
          node.children.append(try element(depth: depth + 1))
        }
      }
    }

    private mutating func content(until end: UInt8) throws(Failure) -> String {
      var result: [UInt8] = []
      while position < bytes.count, bytes[position] != end {
        if bytes[position] == UInt8(ascii: "&") {
          result += try reference()
          continue
        }
        if bytes[position] == UInt8(ascii: "\n") { line += 1 }
        result.append(bytes[position])
        position += 1
      }
      guard position < bytes.count else { throw failure("the document ends early") }
      return String(decoding: result, as: UTF8.self)
    }

    private mutating func reference() throws(Failure) -> [UInt8] {
      guard let end = bytes[position...].prefix(12).firstIndex(of: UInt8(ascii: ";")) else {
        throw failure("an & begins no entity; write &amp;")
      }
      let name = String(decoding: bytes[position + 1..<end], as: UTF8.self)
      position = end + 1
      switch name {
      case "amp": return [UInt8(ascii: "&")]
      case "lt": return [UInt8(ascii: "<")]
      case "gt": return [UInt8(ascii: ">")]
      case "quot": return [UInt8(ascii: "\"")]
      case "apos": return [UInt8(ascii: "'")]
      default:
        let code =
          name.hasPrefix("#x")
          ? UInt32(name.dropFirst(2), radix: 16)
          : name.hasPrefix("#") ? UInt32(name.dropFirst()) : nil
        guard let code, let scalar = UnicodeScalar(code) else { throw failure("the entity &\(name); is not known") }
        return Array(String(scalar).utf8)
      }
    }

    private mutating func name() throws(Failure) -> String {
      let start = position
      while position < bytes.count, bytes[position] > 32, !"<>/='\"&?!".utf8.contains(bytes[position]) { position += 1 }
      guard position > start else { throw failure("a name is missing") }
      return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    private mutating func skipSpace() {
      while position < bytes.count, bytes[position] <= 32 {
        if bytes[position] == UInt8(ascii: "\n") { line += 1 }
        position += 1
      }
    }

    private func starts(_ text: StaticString) -> Bool {
      let count = text.utf8CodeUnitCount
      return position + count <= bytes.count
        && bytes[position..<position + count].elementsEqual(text.description.utf8)
    }

    private mutating func skip(past end: StaticString) throws(Failure) {
      while position < bytes.count {
        if starts(end) {
          position += end.utf8CodeUnitCount
          return
        }
        if bytes[position] == UInt8(ascii: "\n") { line += 1 }
        position += 1
      }
      throw failure("\(end) is missing")
    }

    private static func trimmed(_ text: String) -> String {
      let scalars = text.unicodeScalars
      guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
        let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
      else { return "" }
      return String(scalars[first...last])
    }
  }
}
