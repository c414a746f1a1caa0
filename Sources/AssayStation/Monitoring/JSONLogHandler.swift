import AssayBase
import Foundation
public import Logging

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
