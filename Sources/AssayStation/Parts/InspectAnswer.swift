public import AssayInspection
package import AssayRecord
public import Foundation

/// What `POST /v1/inspect/NAME` answers, what the record keeps and what every link of the plant gets: the inspection, what
/// it was inspected with, and where it is recorded.
public struct InspectAnswer: Sendable, Encodable {
  /// Number in the record; nil when it was not recorded, or not yet.
  public internal(set) var id: Int64?
  /// Whether it is on disk; nil when nothing is recorded.
  public internal(set) var recorded: Bool?
  /// Why it is not.
  public internal(set) var recordError: String?
  public let model: String
  public let version: String
  public let serial: String?
  /// ISO 8601, UTC.
  public let time: String
  /// True for what was shown to try the station; nil for parts of the line.
  public let isTrial: Bool?
  /// From arrival to verdict.
  public let milliseconds: Double
  /// A PNG in base64: photograph, heat, region and verdict.
  package var map: String?
  public let inspection: Inspection
  /// This answer as the record keeps it, a JSON object: without what is known only once it is on disk.
  package var kept: String?

  private enum CodingKeys: String, CodingKey {
    case id, recorded, recordError, model, version, serial, time, isTrial, milliseconds, map, note
  }

  /// The same with what became of its record.
  package func recorded(_ outcome: InspectionRecord.Outcome) -> InspectAnswer {
    var answer = self
    switch outcome {
    case .recorded(let id):
      answer.id = id
      answer.recorded = true
    case .lost(let cause):
      answer.recorded = false
      answer.recordError = cause
    }
    return answer
  }

  /// One flat object: what was found, in the words of its kind, and what it was found with.
  public func encode(to encoder: any Encoder) throws {
    try inspection.outcome.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encodeIfPresent(id, forKey: .id)
    try container.encodeIfPresent(recorded, forKey: .recorded)
    try container.encodeIfPresent(recordError, forKey: .recordError)
    try container.encode(model, forKey: .model)
    try container.encode(version, forKey: .version)
    try container.encodeIfPresent(serial, forKey: .serial)
    try container.encode(time, forKey: .time)
    try container.encodeIfPresent(isTrial, forKey: .isTrial)
    try container.encode(milliseconds, forKey: .milliseconds)
    try container.encodeIfPresent(inspection.note, forKey: .note)
    try container.encodeIfPresent(map, forKey: .map)
  }

  /// What is known only once the answer is on disk, or was asked for beside it.
  private struct Addition: Encodable {
    let id: Int64?
    let recorded: Bool?
    let recordError: String?
    let map: String?
  }

  /// As a JSON object. What the record keeps is not encoded a second time.
  public func document() throws -> Data {
    guard let kept else { return try Self.json(self) }
    let addition = try Self.json(Addition(id: id, recorded: recorded, recordError: recordError, map: map))
    guard addition.count > 2 else { return Data(kept.utf8) }
    return addition.dropLast() + Data(",".utf8) + Data(kept.utf8.dropFirst())
  }

  /// The same for every document of this server.
  public static func json(_ value: some Encodable) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return try encoder.encode(value)
  }
}
