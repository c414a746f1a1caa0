/// What is decided of a part.
public enum Verdict: String, Sendable, Codable, CaseIterable {
  case good, defect
  /// No class of the bundle is good: the class is the finding.
  case classified
  /// No task of the bundle classifies: the values of the tasks are the finding.
  case measured
  /// The bundle has no threshold yet: the score is all there is.
  case unjudged
}
