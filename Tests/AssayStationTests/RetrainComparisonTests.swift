import AssayStation
import Testing

@Suite struct RetrainComparisonTests {
  private static func outcome(wrong: Int, escapes: Int = 0, of defects: Int = 0, overkills: Int = 0, goods: Int = 0)
    -> RetrainReport.Outcome
  {
    var outcome = RetrainReport.Outcome()
    (outcome.parts, outcome.wrong) = (100, wrong)
    (outcome.defects, outcome.escapes, outcome.goods, outcome.overkills) = (defects, escapes, goods, overkills)
    return outcome
  }

  private static func compare(_ gained: Int, _ lost: Int) -> RetrainComparison {
    RetrainComparison(
      gained: gained, lost: lost, old: outcome(wrong: 20), new: outcome(wrong: 20 - gained + lost))
  }

  @Test func onlyWhatIsBeyondChanceIsBetter() {
    #expect(Self.compare(5, 0).answer == .better, "1 in 32")
    #expect(Self.compare(4, 0).answer == .cannotTell, "1 in 16")
    #expect(Self.compare(9, 2).answer == .better && Self.compare(8, 2).answer == .cannotTell)
    #expect(Self.compare(0, 0).answer == .cannotTell && Self.compare(0, 5).answer == .worse)
    #expect(!Self.compare(4, 0).isBetter)
  }

  @Test func howManyPartsAreStillNeeded() {
    // 3 of 100 parts changed: 5 of 167 would.
    #expect(Self.compare(3, 0).partsNeeded == 67 && Self.compare(3, 0).reason.contains("67 more"))
    #expect(Self.compare(5, 0).partsNeeded == nil && Self.compare(2, 2).partsNeeded == nil)
    #expect(Self.compare(0, 0).reason.contains("at least 5 parts"))
  }

  /// Six parts more are right, but 3 of 100 bad parts more pass.
  @Test func moreEscapesAreNotPaidForByFewerOverkills() {
    func compare(escapes: Int, overkills: Int) -> RetrainComparison {
      RetrainComparison(
        gained: 9, lost: 1, old: Self.outcome(wrong: 12, escapes: 2, of: 100, overkills: 10, goods: 100),
        new: Self.outcome(wrong: 4, escapes: escapes, of: 100, overkills: overkills, goods: 100))
    }
    #expect(compare(escapes: 3, overkills: 1).answer == .better, "one in a hundred is the margin")
    #expect(compare(escapes: 4, overkills: 1).answer == .cannotTell)
    #expect(compare(escapes: 4, overkills: 1).reason.contains("2 more of 100 bad parts pass"))
    #expect(compare(escapes: 0, overkills: 12).answer == .cannotTell)
  }
}
