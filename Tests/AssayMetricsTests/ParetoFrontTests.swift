import AssayMetrics
import Foundation
import Testing

@Suite struct ParetoFrontTests {
  /// By the definition, over random points on a small grid, so that ties and equal points occur.
  @Test func noPointOfTheFrontIsDominated() {
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<200 {
      let count = Int.random(in: 0...12, using: &generator)
      let cost = (0..<count).map { _ in Double(Int.random(in: 0...5, using: &generator)) }
      let worth = (0..<count).map { _ in Double(Int.random(in: 0...5, using: &generator)) }
      let expected = (0..<count).filter { point in
        !(0..<count).contains { other in
          cost[other] <= cost[point] && worth[other] >= worth[point]
            && (cost[other] < cost[point] || worth[other] > worth[point])
        }
      }
      let front = ParetoFront.indices(cost: cost, worth: worth)
      #expect(Set(front) == Set(expected) && front.count == expected.count, "costs \(cost), worths \(worth)")
      #expect(zip(front, front.dropFirst()).allSatisfy { cost[$0] <= cost[$1] }, "the cheapest first")
    }
  }
}

@Suite struct DeLongTestTests {
  /// Worked by hand. First ranking: placements of the positives 1, 1, 1/2 and of the negatives 1, 2/3. Second: 1/2, 1, 1/2
  /// and 1, 1/3. The differences have the variances 1/12 and 1/18, so that of the areas' difference 1/6 is
  /// 1/12/3 + 1/18/2 = 1/18, z = 1/√2 and p = erfc(1/2).
  @Test func byHand() throws {
    let test = try #require(
      DeLongTest(
        first: [3, 2, 1, 0, 1.5], second: [1, 3, 2, 0, 2.5], isPositive: [true, true, true, false, false]))
    #expect(abs(test.firstArea - 5.0 / 6) < 1e-12 && abs(test.secondArea - 2.0 / 3) < 1e-12)
    #expect(abs(test.variance - 1.0 / 18) < 1e-12)
    #expect(abs(test.pValue - 0.4795001221869535) < 1e-12)
  }

  @Test func areasAreThoseOfTheCurvesAndTiesCountHalf() throws {
    let first = [0.1, 0.4, 0.4, 0.8, 0.8, 0.3]
    let second = [0.5, 0.2, 0.9, 0.9, 0.1, 0.2]
    let isPositive = [false, true, false, true, false, true]
    let test = try #require(DeLongTest(first: first, second: second, isPositive: isPositive))
    #expect(test.firstArea == ROCCurve(scores: first, isPositive: isPositive)?.area)
    #expect(test.secondArea == ROCCurve(scores: second, isPositive: isPositive)?.area)
    #expect(DeLongTest(first: first, second: first, isPositive: isPositive)?.pValue == 1)
    #expect(DeLongTest(first: [1, 2], second: [2, 1], isPositive: [true, false]) == nil, "no variance from one")
  }
}
