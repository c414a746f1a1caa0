public import AssayBase

/// Why an image could not be read: the file, the cause with the figures known, and what to do about it.
public struct ImageError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The kinds a caller may want to tell apart.
  public enum Reason: String, Sendable, Codable, CaseIterable {
    case notFound
    case notReadable
    case isDirectory
    case empty
    /// The content is no image, whatever the name says.
    case notAnImage
    case truncated
    case corrupt
    /// A side above ``ImageHeader/maximumSide``, more pixels than ``DecodingOptions/maximumPixels``, more bytes than such an
    /// image can need, or more work than its pixels are worth.
    case tooLarge
    /// A valid image of a kind that is not read (float TIFF, GIF, run-length BMP, ...).
    case unsupported
  }

  /// The file's path, or the name given with bytes.
  public let file: String
  public let reason: Reason
  /// What was found, as a clause without a full stop.
  public let cause: String
  /// What to do, as an imperative clause without a full stop.
  public let remedy: String

  public init(file: String, reason: Reason, cause: String, remedy: String) {
    self.file = file
    self.reason = reason
    self.cause = cause
    self.remedy = remedy
  }

  /// `cell0042.png: PNG is truncated at byte 8192 of at least 50229; copy it again`
  public var description: String { "\(file): \(cause); \(remedy)" }
}

/// A failure inside a decoder, which knows its bytes but not the file's name.
struct DecodingFailure: Error {
  let reason: ImageError.Reason
  let cause: String
  let remedy: String

  func named(_ file: String) -> ImageError { ImageError(file: file, reason: reason, cause: cause, remedy: remedy) }

  static func truncated(_ format: ImageFormat, at byte: Int, detail: String) -> DecodingFailure {
    DecodingFailure(
      reason: .truncated, cause: "\(format.title) is truncated at byte \(byte)\(detail)", remedy: "copy it again")
  }

  static func truncated(_ format: ImageFormat, at byte: Int, of total: Int) -> DecodingFailure {
    truncated(format, at: byte, detail: " of \(total)")
  }

  static func corrupt(_ format: ImageFormat, _ what: String) -> DecodingFailure {
    DecodingFailure(
      reason: .corrupt, cause: "\(format.title) is corrupt: \(what)", remedy: "copy it again or export it again")
  }

  static func unsupported(_ format: ImageFormat, _ what: String, _ remedy: String) -> DecodingFailure {
    DecodingFailure(reason: .unsupported, cause: "\(format.title) \(what) is not supported", remedy: remedy)
  }
}

extension ImageError: WorkflowFailure {
  public var workflowError: WorkflowError { WorkflowError(reason == .notFound ? .noInput : .badData, description) }
}
