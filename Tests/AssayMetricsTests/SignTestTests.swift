import AssayMetrics
import Testing

@Suite struct SignTestTests {
  /// scipy.stats.binomtest(wins, wins + losses, alternative="greater").pvalue
  @Test(arguments: [
    (5, 0, 0.03125), (4, 0, 0.0625), (9, 2, 0.03271484375), (8, 2, 0.0546875), (20, 10, 0.049368573352694525),
    (1, 3, 0.9375),
  ]) func asSciPyHasIt(wins: Int, losses: Int, expected: Double) {
    #expect(abs(SignTest.pValue(wins: wins, losses: losses) - expected) < 1e-12)
  }

  @Test func withoutPairsNothingIsKnown() {
    #expect(SignTest.pValue(wins: 0, losses: 0) == 1 && SignTest.pValue(wins: 0, losses: 4) == 1)
    #expect(SignTest.fewestWins(level: 0.05) == 5, "1 / 32 is below 0.05, 1 / 16 is not")
  }

  @Test func howManyMorePairsWouldTell() throws {
    // 3 to 0 needs 5 to 0.
    #expect(SignTest.growth(wins: 3, losses: 0, level: 0.05) == 5.0 / 3)
    #expect(SignTest.growth(wins: 9, losses: 2, level: 0.05) == 1, "it is beyond chance already")
    #expect(SignTest.growth(wins: 2, losses: 2, level: 0.05) == nil, "nothing speaks for either")
    let growth = try #require(SignTest.growth(wins: 6, losses: 4, level: 0.05))
    let pairs = (10 * growth).rounded()
    let wins = Int(0.6 * pairs)
    #expect(growth > 1 && SignTest.pValue(wins: wins, losses: Int(pairs) - wins) <= 0.05)
  }
}
