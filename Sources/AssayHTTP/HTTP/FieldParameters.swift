import Foundation
import HTTPTypes

/// A header field's value and its parameters: `form-data; name="image"; filename="a;b \"c\".png"` (RFC 9110, section 5.6.6).
struct FieldParameters {
  /// What stands before the parameters, in lower case.
  let value: String
  private let parameters: [String: String]

  /// - Parameter field: its name, for messages.
  /// - Throws: ``HTTPFailure`` 400 when a quoted text does not end, or a parameter is given twice.
  init(_ text: String, of field: String) throws(HTTPFailure) {
    var scalars = text.unicodeScalars[...]
    value = String(Self.token(&scalars, until: ";")).trimmingCharacters(in: .whitespaces).lowercased()
    var parameters: [String: String] = [:]
    while scalars.popFirst() != nil {
      let name = String(Self.token(&scalars, until: "=;")).trimmingCharacters(in: .whitespaces).lowercased()
      guard scalars.first == "=" else {
        // `; ` at the end, or a parameter without a value, says nothing.
        continue
      }
      scalars.removeFirst()
      scalars = scalars.drop { $0 == " " || $0 == "\t" }
      let content: String
      if scalars.first == "\"" {
        scalars.removeFirst()
        guard let quoted = Self.quoted(&scalars) else {
          throw HTTPFailure(.badRequest, "\(field) has a quoted \(name.prefix(40)) that does not end")
        }
        content = quoted
        _ = Self.token(&scalars, until: ";")
      } else {
        content = String(Self.token(&scalars, until: ";")).trimmingCharacters(in: .whitespaces)
      }
      guard parameters.updateValue(content, forKey: name) == nil else {
        throw HTTPFailure(.badRequest, "\(field) has two parameters called \(name.prefix(40))")
      }
    }
    self.parameters = parameters
  }

  subscript(name: String) -> String? { parameters[name] }

  /// The name of a file: `filename*` (RFC 8187) before `filename`.
  /// - Throws: ``HTTPFailure`` 400 when `filename*` is not in its form.
  func fileName() throws(HTTPFailure) -> String? {
    guard let extended = parameters["filename*"] else { return parameters["filename"] }
    let parts = extended.split(separator: "'", maxSplits: 2, omittingEmptySubsequences: false)
    if parts.count == 3, let name = Self.decoded(String(parts[2]), charset: parts[0].lowercased()) { return name }
    throw HTTPFailure(
      .badRequest, "filename* is \(extended.prefix(60)), expected UTF-8'' or ISO-8859-1'' and a percent-encoded name")
  }

  private static func decoded(_ text: String, charset: String) -> String? {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard rest.count >= 2, let value = UInt8(hexadecimal: rest.removeFirst(), rest.removeFirst()) else { return nil }
      bytes.append(value)
    }
    return switch charset {
    case "utf-8": String(validating: bytes, as: UTF8.self)
    case "iso-8859-1": String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
    default: nil
    }
  }

  private static func token(
    _ scalars: inout Substring.UnicodeScalarView, until ends: String
  ) -> Substring.UnicodeScalarView {
    let end = scalars.firstIndex { ends.unicodeScalars.contains($0) } ?? scalars.endIndex
    defer { scalars = scalars[end...] }
    return scalars[..<end]
  }

  /// Up to the closing quotation mark, which is taken too. A backslash hides a quotation mark or a backslash and nothing
  /// else: older browsers send paths with plain ones.
  private static func quoted(_ scalars: inout Substring.UnicodeScalarView) -> String? {
    var result = String.UnicodeScalarView()
    while let scalar = scalars.popFirst() {
      if scalar == "\"" { return String(result) }
      if scalar == "\\", let next = scalars.first, next == "\"" || next == "\\" {
        result.append(next)
        scalars.removeFirst()
      } else {
        result.append(scalar)
      }
    }
    return nil
  }
}
