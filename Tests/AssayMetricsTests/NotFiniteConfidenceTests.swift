import AssayMetrics
import Testing

@Suite struct NotFiniteConfidenceTests {
  /// A network whose weights have diverged answers NaN: a prediction without confidence, which is wrong or right.
  @Test func noNumberIsNoConfidence() {
    let bins = ReliabilityBins(
      probabilities: [.nan, .nan, 0.25, 0.75], labels: [0, 1], classCount: 2, binCount: 4)
    #expect(bins.bins.map(\.count) == [1, 0, 1, 0])
    #expect(bins.bins[0].confidence == 0 && bins.bins[2].confidence == 0.75 && bins.bins[2].accuracy == 1)
    #expect(ReliabilityBins(probabilities: [.infinity, 0], labels: [0], classCount: 2).bins.last?.count == 1)
  }
}
