/// What was found on one image.
public struct Inspection: Sendable, Encodable {
  public typealias Verdict = AssayInspection.Verdict

  public let file: String
  public let outcome: Outcome
  /// From file to verdict.
  public let milliseconds: Double
  /// What a person should know of how the picture was read, beside the verdict; nil when nothing.
  public internal(set) var note: String?

  public init(file: String, outcome: Outcome, milliseconds: Double) {
    self.file = file
    self.outcome = outcome
    self.milliseconds = milliseconds
  }

  private enum CodingKeys: String, CodingKey { case file, milliseconds, note }

  /// One flat object: the outcome's own keys, the file, the time, and a note if there is one.
  public func encode(to encoder: any Encoder) throws {
    try outcome.encode(to: encoder)
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(file, forKey: .file)
    try values.encode(milliseconds, forKey: .milliseconds)
    try values.encodeIfPresent(note, forKey: .note)
  }
}
