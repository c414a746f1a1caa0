import AssayStation

/// Retraining in words.
enum RetrainText {
  /// Pictures that changed sides are named up to this many.
  private static let named = 20

  static func lines(_ report: RetrainReport) -> [String] {
    var lines = ["corrected parts: \(report.corrected), learned from \(report.learned), held out \(report.heldOut)"]
    lines.append("on \(report.old.parts) parts that neither bundle has learned from:")
    for (name, outcome) in [("old", report.old), ("new", report.new)] {
      var line = "  \(name): \(outcome.wrong) wrong"
      if outcome.defects + outcome.goods > 0 {
        line += ", \(outcome.escapes) of \(outcome.defects) bad parts pass, "
        line += "\(outcome.overkills) of \(outcome.goods) good parts are rejected"
      }
      lines.append(line)
    }
    let changed = report.changed ?? []
    if !changed.isEmpty { lines.append("pictures that changed sides:") }
    for part in changed.prefix(named) {
      let sides = "\(part.old ?? "no answer") -> \(part.new ?? "no answer")"
      let meaning = part.isRightNow ? "right now" : part.wasRight ? "WRONG NOW" : "wrong in another way"
      lines.append("  \(part.part) (\(part.label)): \(sides), \(meaning)")
    }
    if changed.count > named { lines.append("  and \(changed.count - named) more (--json names all)") }
    if let comparison = report.comparison { lines.append(words(comparison)) }
    return lines
  }

  static func words(_ comparison: RetrainComparison) -> String {
    switch comparison.answer {
    case .better: "better: \(comparison.reason)"
    case .worse: "worse: \(comparison.reason)"
    case .cannotTell: "the two cannot be told apart: \(comparison.reason)"
    }
  }

  static func lines(_ state: RetrainingState) -> [String] {
    if let whyNot = state.whyNot { return ["it cannot be retrained from the record: \(whyNot)"] }
    let collected = state.collected
    let classes = collected.classes.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
    var lines = [
      "collected: \(collected.found) corrected parts, \(collected.usable) of them can be learned from ("
        + "\(classes.joined(separator: ", "))); \(collected.disagreed) were judged wrongly; "
        + "\(collected.learned) are learned already"
    ]
    lines += state.needed.map { "needed: \($0)" }
    if state.needed.isEmpty { lines.append("needed: nothing more") }
    if let last = state.last { lines.append("last: " + self.last(last)) }
    return lines
  }

  /// What the last retraining found, in one line.
  static func last(_ report: RetrainReport) -> String {
    let when = report.date.map { "\($0): " } ?? ""
    let found = report.comparison.map(words) ?? (report.isBetter ? "better" : "not better")
    return when + found + (report.isPromoted ? "; promoted" : "; not promoted")
  }
}
