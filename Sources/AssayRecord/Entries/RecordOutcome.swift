/// What became of an inspection that was to be recorded.
public enum RecordOutcome: Sendable, Equatable {
  case recorded(Int64)
  /// It could not be written; inspection goes on.
  case lost(String)
}
