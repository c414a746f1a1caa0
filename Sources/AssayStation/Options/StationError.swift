/// Why a station cannot be opened.
public struct StationError: Error, Sendable, CustomStringConvertible {
  public enum Kind: Sendable { case usage, noInput, badData, unavailable, inputOutput }
  public let kind: Kind
  public let description: String

  public init(_ kind: Kind, _ description: String) {
    self.kind = kind
    self.description = description
  }
}
