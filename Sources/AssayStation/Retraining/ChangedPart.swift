/// A part that the two bundles judge differently.
public struct ChangedPart: Sendable, Codable, Equatable {
  /// Its file.
  public var part: String
  /// Its number in the record; nil for an image of the data set.
  public var record: Int64?
  /// What it is.
  public var label: String
  /// Classes that the bundles found; nil for no finite answer.
  public var old: String?
  public var new: String?
  /// Whether it is judged rightly now; false when it was before, or is wrong in another way.
  public var isRightNow: Bool
  public var wasRight: Bool

  package init(
    part: String, record: Int64? = nil, label: String, old: String? = nil, new: String? = nil, isRightNow: Bool,
    wasRight: Bool
  ) {
    self.part = part
    self.record = record
    self.label = label
    self.old = old
    self.new = new
    self.isRightNow = isRightNow
    self.wasRight = wasRight
  }
}
