import GRDB

/// Why the record cannot be opened, read or written.
public struct RecordError: Error, Sendable, CustomStringConvertible {
  public let path: String
  public let cause: String
  public let remedy: String
  /// The disk, or the room given to the record, is full.
  public let isFull: Bool

  public init(path: String, cause: String, remedy: String, isFull: Bool = false) {
    self.path = path
    self.cause = cause
    self.remedy = remedy
    self.isFull = isFull
  }

  public var description: String { "\(path): \(cause); \(remedy)" }

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
      self.init(path: path, cause: "the disk is full", remedy: "make room; recording goes on by itself", isFull: true)
    case .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_READONLY:
      self.init(
        path: path, cause: "the record cannot be opened for writing (\(words ?? ""))",
        remedy: "check the folder and its permissions")
    case .SQLITE_CORRUPT, .SQLITE_NOTADB:
      self.init(
        path: path, cause: "it is not a whole record (\(words ?? ""))", remedy: "restore it from a copy or move it away"
      )
    default:
      self.init(
        path: path, cause: "the record failed (\(words ?? String(describing: error)))",
        remedy: "check disk and permissions")
    }
  }
}
