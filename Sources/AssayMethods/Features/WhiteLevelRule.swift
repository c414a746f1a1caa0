package import AssayBase
public import AssayImage
import AssayRuntime

/// How a training gets the white level of its pictures.
public enum WhiteLevelRule: Sendable, Equatable {
  /// As the files declare it, or the smallest usual level that covers all of them.
  case found
  /// As a person says, whatever the files declare.
  case given(Int)
  /// That of a bundle which is taught: its features are made with it.
  case kept(WhiteLevel?)

  /// The rule for a training that replaces a bundle: what a person said goes on, all else is found anew.
  public init(replacing level: WhiteLevel?) {
    if let level, level.origin == .given { self = .given(level.value) } else { self = .found }
  }

  /// - Throws: ``WorkflowError`` for a level that cannot be.
  package static func check(_ level: Int?) throws(WorkflowError) {
    guard let level, !WhiteLevel.range.contains(level) else { return }
    throw WorkflowError(
      .usage,
      "--white-level \(level): a level is 255 to 65535, e.g. 1023 for 10 bits or 4095 for 12")
  }
}

extension FeatureOptions {
  /// The white level of a whole set, decided before anything is computed of it.
  /// - Parameter paths: of all its images, those to be tested on included.
  /// - Returns: the level, and what the user must know of it.
  package func whiteLevel(
    of paths: [String], progress: @escaping ProgressHandler
  ) throws(WorkflowError) -> (level: WhiteLevel?, notes: [String]) {
    let given: Int?
    switch whiteLevel {
    case .kept(let level): return (level, [])
    case .found: given = nil
    case .given(let level): given = level
    }
    try WhiteLevelRule.check(given)
    let choice = WhiteLevelReader.choice(paths, given: given, cache: cache, maximumPixels: maximumPixels) {
      if $0 < $1 { progress(WorkProgress("levels", $0, $1)) }
    }
    if let sentence = choice.sentence, choice.pictures > 0 {
      progress(WorkProgress("levels", choice.pictures, choice.pictures, note: sentence, isMilestone: true))
    }
    return (choice.level, choice.notes)
  }
}
