import AssayBase
import AssayBundle
import Foundation
import Testing

@Suite struct FeatureReferenceTests {
  /// `[n, D]` by formula, of different scales.
  private static func rows(_ count: Int, dimension: Int = 3) -> [[Float]] {
    (0..<count).map { row in
      (0..<dimension).map { (d: Int) -> Float in
        let step = (row * 37 + d * 11) % 17
        return Float(step * (d + 1) + row % 3)
      }
    }
  }

  /// From the definition: mean and deviation of all rows but some, and the mean squared standardised difference.
  private static func distance(_ row: [Float], without left: [Int], of rows: [[Float]]) -> Double {
    let rest = rows.indices.filter { !left.contains($0) }.map { rows[$0].map(Double.init) }
    var sum = 0.0
    for d in row.indices {
      let mean = rest.map { $0[d] }.reduce(0, +) / Double(rest.count)
      let variance = rest.map { ($0[d] - mean) * ($0[d] - mean) }.reduce(0, +) / Double(rest.count)
      sum += (Double(row[d]) - mean) * (Double(row[d]) - mean) / variance
    }
    return sum / Double(row.count)
  }

  private static func values(_ rows: [[Float]]) -> FeatureValues { FeatureValues(rows.flatMap { $0 }) }

  @Test func eachPartIsMeasuredByTheOthers() {
    let rows = Self.rows(12)
    let features = BundleReference.Features(
      rows: Array(rows.indices), of: Self.values(rows), dimension: 3)
    let expected = rows.indices.map { Self.distance(rows[$0], without: [$0], of: rows) }.sorted()
    #expect(features.basis == "leave-one-out" && features.distances.count == 12 && features.others == nil)
    for (found, wanted) in zip(features.distances, expected) { #expect(abs(found - wanted) < 1e-4 * wanted) }
    // Measured by themselves they would seem nearer: that is what earlier versions kept.
    let own = rows.map { Self.distance($0, without: [], of: rows) }.reduce(0, +)
    #expect(abs(own - 12) < 1e-9 && features.distances.reduce(0, +) > 1.2 * own)
  }

  @Test func nearCopiesAreLeftOutTogether() {
    var rows = Self.rows(8)
    rows.append(rows[0].map { $0 + 0.01 })
    let units: [String?] = ["a"] + [String?](repeating: nil, count: 7) + ["a"]
    let features = BundleReference.Features(
      rows: Array(rows.indices), units: units, of: Self.values(rows), dimension: 3)
    let expected = rows.indices.map { row in
      Self.distance(rows[row], without: row == 0 || row == 8 ? [0, 8] : [row], of: rows)
    }.sorted()
    for (found, wanted) in zip(features.distances, expected) { #expect(abs(found - wanted) < 1e-4 * wanted) }
  }

  @Test func othersAreMeasuredByTheGoodOnes() throws {
    let rows = Self.rows(10)
    let features = BundleReference.Features(
      rows: Array(0..<8), others: [8, 9], of: Self.values(rows), dimension: 3)
    let expected = [8, 9].map { Self.distance(rows[$0], without: [8, 9], of: rows) }.sorted()
    let others = try #require(features.others)
    #expect(features.distances.count == 8)
    for (found, wanted) in zip(others, expected) { #expect(abs(found - wanted) < 1e-4 * wanted) }
  }

  @Test func twoPartsCannotTell() {
    #expect(BundleReference.Features(rows: [0, 1], of: Self.values(Self.rows(2)), dimension: 3).distances.isEmpty)
  }

  /// Of a network that has learned from the ruler's images, those of the test set are held out.
  @Test func aTestSetIsMeasuredByWhatWasLearned() {
    let rows = Self.rows(10)
    let features = BundleReference.Features(
      ruled: Array(rows[..<7]), heldOut: Array(rows[7...]), isGood: [true, false, true], basis: "held-out test")
    func distance(_ row: Int) -> Double { Self.distance(rows[row], without: [7, 8, 9], of: rows) }
    #expect(features.distances.count == 2 && features.others?.count == 1 && features.basis == "held-out test")
    for (found, wanted) in zip(
      features.distances + (features.others ?? []), [distance(7), distance(9)].sorted() + [distance(8)])
    {
      #expect(abs(found - wanted) < 1e-4 * wanted)
    }
  }

  @Test func bundlesOfEarlierVersionsSayNothingOfHowTheirsWereHeldOut() throws {
    let old = """
      {"basis":"validation","scores":[0.5],"isDefect":[false],
       "features":{"mean":"AACAPw==","scale":"AACAPw==","distances":[1]}}
      """
    let reference = try JSONDecoder().decode(BundleReference.self, from: Data(old.utf8))
    #expect(reference.features?.basis == nil && reference.features?.ruler?.mean == [1])
    #expect(reference.whyNoFeatures == nil)
  }
}
