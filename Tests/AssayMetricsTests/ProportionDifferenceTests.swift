import AssayMetrics
import Testing

@Suite struct ProportionDifferenceTests {
  /// Newcombe (1998), table II: 56 of 70 less 48 of 80, method 10: 0.0524 to 0.3339.
  @Test func agreesWithNewcombe() throws {
    let interval = try #require(Proportion.newcombe(56, of: 70, minus: 48, of: 80))
    #expect(abs(interval.low - 0.0524) < 5e-5 && abs(interval.high - 0.3339) < 5e-5)
    #expect(Proportion.newcombe(1, of: 0, minus: 1, of: 2) == nil)
  }
}
