/// Why an image file cannot be used: which file, what was found, and what to do about it.
public struct ImageError: Error, Sendable, Hashable, Codable, CustomStringConvertible {
  public enum Reason: String, Sendable, Codable {
    case notFound, notReadable, empty, notAnImage, truncated, corrupt, tooLarge, unsupported, cannotWrite
  }

  /// The path or name that the caller gave.
  public let file: String
  public let reason: Reason
  /// What was found.
  public let cause: String
  /// What to do about it.
  public let remedy: String

  public init(file: String, reason: Reason, cause: String, remedy: String) {
    self.file = file
    self.reason = reason
    self.cause = cause
    self.remedy = remedy
  }

  public var description: String { "\(file): \(cause); \(remedy)" }
}

/// What a decoder reports; the file's name is added where it is known.
struct DecodingFailure: Error {
  let reason: ImageError.Reason
  let cause: String
  let remedy: String

  static func truncated(_ format: ImageFormat, at count: Int, of expected: Int? = nil) -> DecodingFailure {
    let place = expected.map { "at byte \(count) of \($0)" } ?? "after \(count) bytes"
    return DecodingFailure(reason: .truncated, cause: "\(format.name) is truncated \(place)", remedy: "copy it again")
  }

  static func corrupt(_ format: ImageFormat, _ what: String) -> DecodingFailure {
    DecodingFailure(
      reason: .corrupt, cause: "\(format.name) is corrupt (\(what))", remedy: "copy it again or export it anew")
  }

  static func unsupported(_ format: ImageFormat, _ what: String, remedy: String) -> DecodingFailure {
    DecodingFailure(reason: .unsupported, cause: "\(format.name) with \(what) is not supported", remedy: remedy)
  }
}
