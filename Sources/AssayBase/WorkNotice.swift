/// A line for people about what work is done on.
public struct WorkNotice: Sendable, Hashable {
  public let text: String
  /// Whether something is missing that somebody may miss.
  public let isWarning: Bool

  public init(_ text: String, isWarning: Bool) {
    // A file may be called anything, and a line of text stays a line.
    self.text = VisibleText.escaped(text)
    self.isWarning = isWarning
  }
}
