public import AssayBase
public import AssayImage

/// Where every workflow takes its data sets in. What is left out of a data set is said before anything is computed, and
/// whatever becomes of the work.
extension Dataset {
  /// Says how a data set was read and what was left out of it.
  /// - Parameters:
  ///   - path: as it was named.
  ///   - isStrict: leave nothing out.
  /// - Throws: `WorkflowError` when something was left out that must not be.
  public mutating func take(
    _ path: String, for use: DataUse, isStrict: Bool, progress: ProgressHandler
  ) throws(WorkflowError) {
    leaveOutUnlabelled(tasks: wantedTasks(use))
    sayWhatFollows(for: use)
    progress(WorkProgress(notices: DataReading(self, path: path).notices))
    guard isStrict, let problem = problems.first else { return }
    throw WorkflowError(.badData, "\(problem) (--strict)")
  }

  /// Leaves out what could not be read after all, and says so.
  public mutating func leaveOut(_ refusals: [Refusal], of path: String, progress: ProgressHandler) {
    let lost = leaveOut(refusals)
    if !lost.isEmpty { progress(WorkProgress(notices: DataReading.warnings(lost, of: path))) }
  }

  public mutating func leaveOut(_ failures: [ImageError], of path: String, progress: ProgressHandler) {
    leaveOut(failures.map(Refusal.init), of: path, progress: progress)
  }

  /// nil where plain labels are wanted.
  private func wantedTasks(_ use: DataUse) -> Set<String>? {
    guard case .tasks = use else { return nil }
    return Set((tasks.isEmpty ? offeredTasks : tasks).map(\.name))
  }

  /// Where no class is known to be good, what that means for what is to be made.
  private mutating func sayWhatFollows(for use: DataUse) {
    notes.removeAll { $0.kind == .goodClass }
    guard layout != .unlabelled else { return }
    switch use {
    case .classes:
      guard goodClass == nil, !classes.isEmpty else { return }
      notes.append(Self.unknownGood("", goodClassReason, classes, Self.noVerdict))
    case .labels:
      guard goodClass == nil, !classes.isEmpty, samples.allSatisfy({ $0.labels == nil }) else { return }
      notes.append(
        Self.unknownGood(
          "", goodClassReason, classes,
          "each of them is looked for as a defect, and a part on which none is found passes"))
    case .tasks:
      guard let primary = primaryTask, primary.goodClass == nil else { return }
      notes.append(
        Self.unknownGood("of the task \(primary.name) ", primary.goodClassReason, primary.classes, Self.noVerdict))
    case .goodParts, .bundle: break
    }
  }

  private static let noVerdict =
    "every class is a finding, so the bundle names classes and judges no part (`inspect --fail-on-defect` refuses, and "
    + "`watch` puts every picture into unsure/)"

  private static func unknownGood(
    _ whose: String, _ reason: String?, _ classes: [String], _ consequence: String
  ) -> DataNote {
    DataNote(
      .goodClass,
      "no class \(whose)is known to be good" + (reason.map { " (\($0))" } ?? "") + ": \(consequence); "
        + "name the good class with --good", names: classes)
  }

  /// Why nothing can be told from what is good, for an error.
  package func noGoodClass(_ path: String) -> WorkflowError {
    let found =
      classes.isEmpty ? "the images have no labels" : "none of \(classes.joined(separator: ", ")) is known to be good"
    return WorkflowError(
      .badData,
      "\(path): \(found)" + (classes.isEmpty ? "" : goodClassReason.map { " (\($0))" } ?? "")
        + "; name the good class with --good")
  }
}

extension Dataset.Refusal {
  package init(_ error: ImageError) { self.init(path: error.file, cause: error.cause, remedy: error.remedy) }
}
