import AssayMetrics
import Testing

@Suite struct KolmogorovSmirnovTests {
  /// scipy.stats.ks_2samp(a, b, method='exact') of SciPy:
  ///   a = [i / 40 for i in range(40)]; b = [0.25 + i / 50 for i in range(50)]
  ///   statistic 0.27, p 0.065206
  /// The limiting distribution is within 0.002 of the exact p.
  @Test func agreesWithSciPy() throws {
    let a = (0..<40).map { Double($0) / 40 }
    let b = (0..<50).map { 0.25 + Double($0) / 50 }
    let test = try #require(KolmogorovSmirnov(a, b))
    #expect(abs(test.statistic - 0.27) < 1e-12)
    #expect(abs(test.pValue - 0.065206) < 0.002)
    #expect(KolmogorovSmirnov(b.reversed(), a) == test, "order does not matter")
  }

  /// By hand: the distribution functions are 1/2, 3/4, 1, 1 and 1/4, 3/4, 3/4, 1 at 1, 2, 3 and 5.
  @Test func tiesStepTogether() throws {
    let test = try #require(KolmogorovSmirnov([1, 1, 2, 3], [1, 2, 2, 5]))
    #expect(test.statistic == 0.25 && test.pValue > 0.95)
    #expect(KolmogorovSmirnov([4, 4], [4])?.statistic == 0)
    #expect(KolmogorovSmirnov([], [1]) == nil)
  }

  @Test func apartIsCertain() throws {
    let test = try #require(KolmogorovSmirnov((0..<100).map(Double.init), (100..<200).map(Double.init)))
    #expect(test.statistic == 1 && test.pValue < 1e-20)
  }
}

@Suite struct OneSidedKolmogorovSmirnovTests {
  /// scipy.stats.ks_2samp(a, b, alternative="less").statistic: that a's distribution function lies below b's. The probability is
  /// Smirnov's limit, exp(-2 D² mn / (m + n)).
  @Test func onlyLargerValuesCount() throws {
    let a = (0..<10).map { 0.1 * Double($0 * $0) + 1 }
    let b = (0..<12).map { 0.2 * Double($0) }
    let test = try #require(KolmogorovSmirnov(a, b, alternative: .larger))
    #expect(abs(test.statistic - 0.6) < 1e-12)
    #expect(abs(test.pValue - 0.019697319326922248) < 1e-12)
    let other = try #require(KolmogorovSmirnov(b, a, alternative: .larger))
    #expect(other.statistic == 0 && other.pValue == 1, "what is smaller is no news")
  }
}
