import AssayBundle
import AssayInspection
import AssayStation
import AssayTestSupport
import Foundation
import Logging
import Testing

@Suite struct DriftTests {
  private static let rule = DecisionRule.classifier(classes: ["bad", "good"], goodClass: "good", threshold: 0.5)

  /// Held-out parts: good ones at 0.00 ... 0.39, their distances 1.00 ... 1.39, and five bad ones that lie at 3; photographs
  /// of a brightness of 0.40 ... 0.79.
  private static func reference(basis: String? = "leave-one-out", isBrightnessKnown: Bool = true) -> BundleReference {
    let steps = (0..<40).map { Double($0) / 100 }
    var features = BundleReference.Features([1, 2, 3, 4, 5, 7], dimension: 2)
    features.distances = steps.map { 1 + $0 }
    features.others = [Double](repeating: 3, count: 5)
    features.basis = basis
    return BundleReference(
      basis: "cross-validation", scores: steps + [0.9, 0.9, 0.9, 0.9, 0.9],
      isDefect: steps.map { _ in false } + [Bool](repeating: true, count: 5), features: features,
      brightness: isBrightnessKnown ? steps.map { 0.4 + $0 } : nil)
  }

  private static func parts(_ count: Int, score: (Int) -> Double, distance: (Int) -> Double) -> [DriftMonitor
    .Observation]
  {
    (0..<count).map { index in
      DriftMonitor.Observation(verdict: "good", score: score(index), featureDistance: distance(index))
    }
  }

  private static func alarms(_ parts: [DriftMonitor.Observation], _ reference: BundleReference = reference())
    -> [DriftFinding.Figure]
  {
    DriftMonitor.findings(parts, reference, rule).filter(\.isAlarm).map(\.of)
  }

  @Test func partsLikeThoseOfTrainingRaiseNoAlarm() {
    let parts = Self.parts(200) {
      Double($0 % 40) / 100
    } distance: {
      1 + Double($0 * 7 % 40) / 100
    }
    #expect(Self.alarms(parts).isEmpty)
  }

  @Test func whatDriftsIsNamed() {
    let still = { (index: Int) in 1 + Double(index * 7 % 40) / 100 }
    #expect(Self.alarms(Self.parts(60, score: { _ in 0.41 }, distance: still)) == [.score])
    // Nearer to the training parts than they are to one another is unlike them too; a lower score is no harm.
    #expect(
      Self.alarms(
        Self.parts(60) { _ in
          0
        } distance: { _ in
          0.5
        }) == [.features])
    #expect(
      Self.alarms(
        Self.parts(60) {
          Double($0 % 40) / 100
        } distance: { _ in
          1.5
        }) == [.features])
    #expect(
      Self.alarms(
        Self.parts(60) {
          Double($0 % 40) / 100
        } distance: { _ in
          3.5
        }) == [.features, .novelty])
  }

  /// Photographs of training from 0.40 to 0.79; at 70 % of the light they reach from 0.28 to 0.55.
  @Test func aDarkerOrBrighterLampIsNamed() {
    func parts(_ light: Double) -> [DriftMonitor.Observation] {
      (0..<100).map { index in
        let (score, distance) = (Double(index % 40) / 100, 1 + Double(index * 7 % 40) / 100)
        let brightness: Double = 0.4 + Double(index * 11 % 40) / 100
        return DriftMonitor.Observation(
          verdict: "good", score: score, featureDistance: distance, brightness: light * brightness)
      }
    }
    #expect(Self.alarms(parts(1)).isEmpty)
    #expect(Self.alarms(parts(0.7)) == [.brightness])
    #expect(Self.alarms(parts(1.4)) == [.brightness])
    // Whoever knows nothing of the photographs of training compares nothing, and says so.
    let unknown = Self.reference(isBrightnessKnown: false)
    #expect(Self.alarms(parts(0.5), unknown).isEmpty)
    let kind = InspectorKind.classifier(ClassifierSpec(classes: ["bad", "good"], goodClass: "good", threshold: nil))
    #expect(DriftGap.of(kind, unknown).map(\.of) == [.brightness])
    // Brightness alone is something to compare, of a bundle that states values and keeps no features.
    var values = BundleReference(basis: "held-out test", scores: [], isDefect: [], features: nil)
    let measurement = InspectorKind.measurement(MeasurementSpec(tasks: []))
    #expect(DriftGap.whyNothing(DriftGap.of(measurement, values))?.contains("train it again") == true)
    values.brightness = (0..<40).map { Double($0) / 100 }
    #expect(DriftGap.whyNothing(DriftGap.of(measurement, values)) == nil)
  }

  /// A busy day with bad parts of the kinds that are known is no drift; when all are judged bad and lie beyond everything that
  /// was held out, lamp or lens have failed.
  @Test func badPartsAreNoDriftUnlessTheyLieBeyondAll() throws {
    let good = Self.parts(100) {
      Double($0 % 40) / 100
    } distance: {
      1 + Double($0 * 7 % 40) / 100
    }
    func bad(_ distance: Double) -> [DriftMonitor.Observation] {
      Self.parts(60) { _ in
        0.95
      } distance: { _ in
        distance
      }
    }
    #expect(Self.alarms(good + bad(2.9)).isEmpty)
    #expect(Self.alarms(good + bad(3.1)) == [.novelty])
    let novelty = try #require(DriftMonitor.findings(good + bad(3.1), Self.reference(), Self.rule).last)
    #expect(novelty.of == .novelty && novelty.count == 160 && novelty.statistic == 60.0 / 160)
    #expect(novelty.sudden.statistic == 1 && novelty.referenceCount == 45)
  }

  /// A sudden change shows in the latest few before it shows in two thousand.
  @Test func theLatestFewAreLookedAtByThemselves() throws {
    let calm = Self.parts(1900) {
      Double($0 % 40) / 100
    } distance: {
      1 + Double($0 * 7 % 40) / 100
    }
    let changed = Self.parts(50) {
      Double($0 % 40) / 100
    } distance: { _ in
      1.5
    }
    let finding = try #require(
      DriftMonitor.findings(calm + changed, Self.reference(), Self.rule).first { $0.of == .features })
    #expect(finding.isAlarm && finding.sudden.isAlarm && (finding.statistic ?? 1) < 0.15)
  }

  /// By the threshold of now, whatever the verdict was when a part was judged.
  @Test func aNewThresholdCountsForEarlierParts() throws {
    let parts = Self.parts(60) { _ in
      0.2
    } distance: { _ in
      1
    }
    let strict = DecisionRule.classifier(classes: ["bad", "good"], goodClass: "good", threshold: 0.1)
    let finding = try #require(DriftMonitor.findings(parts, Self.reference(), strict).first)
    #expect(finding.count == 0 && finding.referenceCount == 10)
  }

  @Test func distancesThatWereNotHeldOutAreNotComparedAndSayWhy() {
    let old = Self.reference(basis: nil)
    let parts = Self.parts(60) {
      Double($0 % 40) / 100
    } distance: { _ in
      9
    }
    #expect(DriftMonitor.findings(parts, old, Self.rule).map(\.of) == [.score, .brightness])
    let kind = InspectorKind.classifier(ClassifierSpec(classes: ["bad", "good"], goodClass: "good", threshold: nil))
    let gaps = DriftGap.of(kind, old)
    #expect(gaps.map(\.of) == [.features] && gaps.first?.reason.contains("train it again") == true)
    #expect(DriftGap.of(kind, Self.reference()).isEmpty)
    #expect(DriftGap.of(kind, nil).map(\.of) == [.score, .brightness, .features])
    var few = Self.reference()
    few.features?.distances = [1, 2, 3]
    #expect(DriftGap.of(kind, few).first?.reason.hasPrefix("3 held-out parts") == true)
    few.features = nil
    few.whyNoFeatures = "it is so"
    #expect(DriftGap.of(kind, few).first?.reason == "it is so")
  }

  /// C(50, 25) / C(70, 25) and C(50, 50) / C(70, 50), from scipy.special.comb.
  @Test func theFarthestAreAllNewOnes() {
    let half = DriftRule.probability(beyond: 25, of: 50, reference: 20)
    #expect(abs(half / 1.9581051924687746e-05 - 1) < 1e-9)
    #expect(abs(DriftRule.probability(beyond: 50, of: 50, reference: 20) / 6.1772396965176704e-18 - 1) < 1e-9)
    #expect(DriftRule.probability(beyond: 0, of: 50, reference: 20) == 1)
  }

  /// Whoever asks however often, there are no more looks than parts allow.
  @Test func oneLookInTenParts() {
    let monitor = DriftMonitor()
    let parts = Self.parts(69) {
      Double($0)
    } distance: { _ in
      1
    }
    for part in parts { monitor.add(part) }
    #expect(monitor.observations.count == 69 && monitor.lookedCount == 60)
    #expect(monitor.looked.count == 60 && monitor.looked.last?.score == 59)
    monitor.begin(
      Self.parts(3) { _ in
        -1
      } distance: { _ in
        1
      })
    #expect(monitor.lookedCount == 70 && monitor.looked.count == 70 && monitor.looked.first?.score == -1)
    #expect(abs(DriftRule.alarmProbability * 100 * Double(DriftRule.tests) - DriftRule.rateInThousand) < 1e-15)
  }

  /// Two bundles change places under one name: each is compared with its own parts, also after a restart.
  @Test func afterARollbackItsOwnPartsCountAgain() async throws {
    let tiny = try TinyStation()
    func put(_ change: (inout TinyBundle) -> Void) throws {
      _ = try TinyBundle.write(.classifier, in: tiny.folder.path, change: change)
    }
    func inspect(_ count: Int, _ station: Station) async throws -> Int {
      let bundle = try #require(station.shelf["part"])
      if count > 0 {
        _ = try await station.inspect(count: count, with: bundle) { index in
          Part(.file(Pictures.grey(0)), serial: "S-\(count)-\(index)")
        }
      }
      let monitor = station.monitor(bundle)
      station.pipeline.monitors.finishSeeding()
      return monitor.observations.count
    }
    #expect(try await inspect(3, tiny.station) == 3)
    try put { $0.fail(above: 2) }
    try tiny.station.shelf.load("part")
    #expect(try await inspect(5, tiny.station) == 5, "those of the old graph are another's")
    try put { _ in }
    try tiny.station.shelf.load("part")
    #expect(try await inspect(0, tiny.station) == 3, "its own again")
    #expect(try await inspect(1, tiny.station) == 4)
    #expect(try tiny.records().count == 9)
    tiny.station.close()

    var options = StationOptions(bundles: ["part=" + tiny.folder.path + "/part.assay"])
    options.recordFolder = tiny.folder.path + "/record"
    let again = try Station(options, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    defer { again.close() }
    #expect(try await inspect(0, again) == 4, "the record knows which bundle judged what")
  }
}
