import Foundation

extension InspectionRecord {
  /// Reads on a thread of the record's own, a few at a time.
  /// - Throws: what `body` throws, or ``RecordError`` of the kind `busy` when too many read already.
  public func looking<Value: Sendable>(
    _ body: @escaping @Sendable (InspectionRecord) throws -> Value
  ) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      let busy = RecordError(
        path: path, cause: "too many are searching the record", remedy: "try again in a second", reason: .busy)
      let isTaken = readers.add { isLate in
        continuation.resume(with: Result { if isLate { throw busy } else { try body(self) } })
      }
      if !isTaken { continuation.resume(throwing: busy) }
    }
  }
}
