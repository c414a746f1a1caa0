/// Any JSON, for parts of a document whose meaning others know.
package enum JSONTree: Sendable, Equatable {
  case null
  case bool(Bool)
  case integer(Int64)
  case unsigned(UInt64)
  case number(Double)
  case text(String)
  indirect case list([JSONTree])
  indirect case object([String: JSONTree])

  /// What lies under a key; nil elsewhere.
  package subscript(key: String) -> JSONTree? {
    if case .object(let members) = self { members[key] } else { nil }
  }

  package subscript(index: Int) -> JSONTree? {
    guard case .list(let elements) = self, elements.indices.contains(index) else { return nil }
    return elements[index]
  }
}

extension JSONTree: Codable {
  /// Steps from the document's root. Whatever lies deeper was written by nobody, and reading it would need a large stack.
  private static let deepest = 64

  /// Reads whatever there is: a number that no type holds, a text that is no Unicode, or what lies too deep becomes null.
  package init(from decoder: any Decoder) throws {
    guard decoder.codingPath.count <= Self.deepest else {
      self = .null
      return
    }
    // A decoder tells of what kind a value is only by trying.
    if let members = try? decoder.singleValueContainer().decode([String: JSONTree].self) {
      self = .object(members)
    } else if let elements = try? decoder.singleValueContainer().decode([JSONTree].self) {
      self = .list(elements)
    } else {
      self = Self.leaf(try decoder.singleValueContainer())
    }
  }

  private static func leaf(_ value: any SingleValueDecodingContainer) -> JSONTree {
    if let own = try? value.decode(Bool.self) { return .bool(own) }
    if let own = try? value.decode(Int64.self) { return .integer(own) }
    if let own = try? value.decode(UInt64.self) { return .unsigned(own) }
    if let own = try? value.decode(Double.self), own.isFinite { return .number(own) }
    if let own = try? value.decode(String.self) { return .text(own) }
    return .null
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .null: try container.encodeNil()
    case .bool(let value): try container.encode(value)
    case .integer(let value): try container.encode(value)
    case .unsigned(let value): try container.encode(value)
    case .number(let value): try container.encode(value)
    case .text(let value): try container.encode(value)
    case .list(let elements): try container.encode(elements)
    case .object(let members): try container.encode(members)
    }
  }
}
