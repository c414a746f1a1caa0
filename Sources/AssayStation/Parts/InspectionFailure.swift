package import AssayRecord

/// What is on record of a part that has no verdict, and told to the links that ask for it.
public struct InspectionFailure: Sendable, Encodable {
  /// Number in the record; nil when it was not recorded, or not yet.
  public internal(set) var id: Int64?
  /// Whether it is on disk; nil when nothing is recorded.
  public internal(set) var recorded: Bool?
  /// Why it is not.
  public internal(set) var recordError: String?
  public let verdict = InspectionEntry.errorVerdict
  public let error: String
  public let model: String
  public let version: String
  public let serial: String?
  /// ISO 8601, UTC.
  public let time: String
  public let milliseconds: Double
  public let isTrial: Bool?

  package init(
    error: String, model: String, version: String, serial: String?, time: String, milliseconds: Double, isTrial: Bool?
  ) {
    self.error = error
    self.model = model
    self.version = version
    self.serial = serial
    self.time = time
    self.milliseconds = milliseconds
    self.isTrial = isTrial
  }

  private enum CodingKeys: String, CodingKey {
    case id, recorded, recordError, verdict, error, model, version, serial, time, milliseconds, isTrial
  }

  /// The same with what became of its record.
  package func recorded(_ outcome: InspectionRecord.Outcome) -> InspectionFailure {
    var failure = self
    switch outcome {
    case .recorded(let id):
      failure.id = id
      failure.recorded = true
    case .lost(let cause):
      failure.recorded = false
      failure.recordError = cause
    }
    return failure
  }
}
