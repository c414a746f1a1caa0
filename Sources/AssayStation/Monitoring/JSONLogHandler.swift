import AssayBase
import Foundation
import Logging

/// One JSON object a line on standard error.
public struct JSONLogHandler: LogHandler {
  public var metadata: Logger.Metadata = [:]
  public var logLevel: Logger.Level
  private let label: String

  public init(label: String, level: Logger.Level = .info) {
    self.label = label
    logLevel = level
  }

  public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  public func log(event: LogEvent) {
    var fields: [(String, String)] = [
      ("time", JSONText.quoted(Date().formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true)))),
      ("level", JSONText.quoted(event.level.rawValue)), ("message", JSONText.quoted(event.message.description)),
    ]
    for (key, value) in metadata.merging(event.metadata ?? [:], uniquingKeysWith: { $1 }).sorted(by: { $0.key < $1.key }
    ) {
      fields.append((key, Self.json(value)))
    }
    let text = "{" + fields.map { "\(JSONText.quoted($0)):\($1)" }.joined(separator: ",") + "}\n"
    // One call, so that lines of several threads do not mix.
    FileHandle.standardError.write(Data(text.utf8))
  }

  private static func json(_ value: Logger.Metadata.Value) -> String {
    switch value {
    case .string(let text): JSONText.quoted(text)
    case .stringConvertible(let value as Int): String(value)
    case .stringConvertible(let value as Double) where value.isFinite: String(value)
    case .stringConvertible(let value): JSONText.quoted(String(describing: value))
    case .array(let values): "[" + values.map(json).joined(separator: ",") + "]"
    case .dictionary(let values):
      "{"
        + values.sorted { $0.key < $1.key }.map { "\(JSONText.quoted($0)):\(json($1))" }.joined(separator: ",")
        + "}"
    }
  }
}

/// JSON, written by hand where a line a request would make an encoder too slow.
package enum JSONText {
  package static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case "\u{0}"..<"\u{20}":
        result += escape(UInt16(scalar.value))
      // A log is read on terminals too: what is not seen there is written as JSON escapes, and means the same.
      case let scalar where VisibleText.isHidden(scalar):
        for unit in String(scalar).utf16 { result += escape(unit) }
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }

  private static func escape(_ unit: UInt16) -> String {
    let digits = String(unit, radix: 16)
    return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
  }
}
