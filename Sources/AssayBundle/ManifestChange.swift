extension Manifest {
  /// A change after training.
  public struct Change: Codable, Sendable, Equatable {
    /// ISO 8601, UTC.
    public var date: String
    /// `add`, `forget`, `threshold` or `undo`.
    public var action: String
    /// Who asked for it; nil in changes by earlier versions.
    public var by: String?
    /// In the words of who asked for it.
    public var reason: String?
    /// What was done, for people.
    public var note: String
    /// Names and SHA-256 of the images concerned.
    public var images: [String: String]
    /// Rows of the memory bank after it.
    public var rows: Int?
    /// What the verdict rested on before, so that the change can be undone; nil when it cannot.
    public var before: DecisionSettings?

    public init(
      date: String, action: String, by: String? = nil, reason: String? = nil, note: String,
      images: [String: String] = [:], rows: Int? = nil, before: DecisionSettings? = nil
    ) {
      self.date = date
      self.action = action
      self.by = by
      self.reason = reason
      self.note = note
      self.images = images
      self.rows = rows
      self.before = before
    }
  }
}
