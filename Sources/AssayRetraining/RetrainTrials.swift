import AssayStation

/// Both bundles on the same parts.
struct RetrainTrials {
  let parts: [TrainingList.Part]
  let old: RetrainTrial
  let new: RetrainTrial
  let goodClass: String?
  /// Where the corrected parts are, named by their numbers in the record.
  let corrected: String

  /// Parts that both could read.
  private var compared: [Int] {
    parts.indices.filter { old.judgements[$0] != nil && new.judgements[$0] != nil }
  }

  var outcomes: (old: RetrainReport.Outcome, new: RetrainReport.Outcome) {
    let compared = compared
    return (
      old.outcome(parts, compared: compared, goodClass: goodClass),
      new.outcome(parts, compared: compared, goodClass: goodClass)
    )
  }

  var comparison: RetrainComparison {
    let compared = compared
    let (before, after) = outcomes
    func count(_ isOldRight: Bool, _ isNewRight: Bool) -> Int {
      compared.count {
        old.judgements[$0]?.isRight == isOldRight && new.judgements[$0]?.isRight == isNewRight
      }
    }
    return RetrainComparison(gained: count(false, true), lost: count(true, false), old: before, new: after)
  }

  /// Pictures that changed sides: those that only the new bundle judges rightly first, then those that only the old one did,
  /// then those that are wrong in another way.
  var changed: [ChangedPart] {
    let found = compared.compactMap { index -> ChangedPart? in
      guard let before = old.judgements[index], let after = new.judgements[index], before.found != after.found else {
        return nil
      }
      let path = parts[index].path
      let number = path.hasPrefix(corrected + "/") ? Int64(path.dropFirst(corrected.count + 1)) : nil
      return ChangedPart(
        part: number.map { "record \($0)" } ?? path, record: number, label: parts[index].label, old: before.found,
        new: after.found, isRightNow: after.isRight, wasRight: before.isRight)
    }
    func rank(_ part: ChangedPart) -> Int { part.isRightNow ? 0 : part.wasRight ? 1 : 2 }
    return found.enumerated().sorted { (rank($0.element), $0.offset) < (rank($1.element), $1.offset) }.map(\.element)
  }
}
