import GRDB

/// Why the record cannot be opened, read or written.
public struct RecordError: Error, Sendable, CustomStringConvertible {
  public enum Reason: Sendable {
    /// The disk, or the room given to the record, is full.
    case full
    /// The disk or the folder takes no writing, or the disk fails.
    case unwritable
    /// A later version of Assay wrote it.
    case newer
    /// It is no record, or a damaged one.
    case foreign
    /// Too many are reading.
    case busy
    /// One row holds what does not belong there.
    case unreadableRow
    case other
  }

  public let path: String
  public let cause: String
  public let remedy: String
  public let reason: Reason

  public init(path: String, cause: String, remedy: String, reason: Reason = .other) {
    self.path = path
    self.cause = cause
    self.remedy = remedy
    self.reason = reason
  }

  public var description: String { "\(path): \(cause); \(remedy)" }

  /// Whether parts can be inspected without the record: it is whole, or not there, and only cannot be written now. What is
  /// no record at all was probably named by mistake.
  public var leavesInspectionPossible: Bool {
    switch reason {
    case .full, .unwritable, .newer: true
    case .foreign, .busy, .unreadableRow, .other: false
    }
  }

  /// In SQLite's own words.
  init(_ error: any Error, path: String) {
    if let error = error as? RecordError {
      self = error
      return
    }
    let code = (error as? DatabaseError)?.resultCode
    let words = (error as? DatabaseError).map { $0.message ?? "SQLite error \($0.extendedResultCode.rawValue)" }
    switch code {
    case .SQLITE_FULL:
      self.init(path: path, cause: "the disk is full", remedy: "make room; recording goes on by itself", reason: .full)
    case .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_READONLY:
      self.init(
        path: path, cause: "the record cannot be opened for writing (\(words ?? ""))",
        remedy: "check the folder and its permissions; recording goes on by itself", reason: .unwritable)
    case .SQLITE_IOERR:
      self.init(
        path: path, cause: "the disk failed (\(words ?? ""))",
        remedy: "check the disk and the room on it; recording goes on by itself", reason: .unwritable)
    case .SQLITE_CORRUPT, .SQLITE_NOTADB:
      self.init(
        path: path, cause: "it is not a whole record (\(words ?? ""))",
        remedy: "restore it from a copy or move it away", reason: .foreign)
    default:
      self.init(
        path: path, cause: "the record failed (\(words ?? String(describing: error)))",
        remedy: "check disk and permissions")
    }
  }
}
