import AssayTestSupport
import Foundation
import Testing

/// Bundles of the first schema are opened by every later version.
@Suite struct SchemaOneTests {
  /// Verdict and class of a part.
  private struct Judgement: Equatable {
    let verdict: String?
    let `class`: String?

    init(_ verdict: String, _ name: String) { (self.verdict, self.class) = (verdict, name) }

    init(_ line: JSONValue?) { (verdict, `class`) = (line?["verdict"]?.text, line?["class"]?.text) }
  }

  /// What the bundle says of a good and of a bad part.
  private func expected(_ kind: BundleKind) -> (good: Judgement, bad: Judgement) {
    switch kind {
    case .classifier, .fewShot, .fineTuned: (Judgement("good", "good"), Judgement("defect", "scratch"))
    case .classifierWithoutGood: (Judgement("classified", "matt"), Judgement("classified", "scratched"))
    case .segmentation: (Judgement("good", "MT_Free"), Judgement("defect", "MT_Crack"))
    case .multiLabel, .multiLabelSegmentation: (Judgement("good", "good"), Judgement("defect", "1"))
    case .tasks: (Judgement("good", "good"), Judgement("defect", "scratched"))
    case .measurement: (Judgement("measured", ""), Judgement("measured", ""))
    case .anomaly, .tiled: (Judgement("good", "good"), Judgement("defect", "defect"))
    case .anomalyWithoutThreshold: (Judgement("unjudged", "unjudged"), Judgement("unjudged", "unjudged"))
    }
  }

  @Test(arguments: BundleKind.allCases) func oldBundlesOpen(_ kind: BundleKind) throws {
    let folder = TemporaryFolder()
    let parts = SchemaOneFixtures.parts(kind)
    folder.write("good.pgm", parts.good)
    folder.write("bad.pgm", parts.bad)
    let outcome = try AssayProgram.run(
      ["inspect", SchemaOneFixtures.path(kind), folder.path + "/good.pgm", folder.path + "/bad.pgm", "--json"])
    #expect(outcome.status == 0, "\(outcome.messages)")
    let lines = outcome.lines
    try #require(lines.count == 2)
    let expected = expected(kind)
    #expect(Judgement(lines[0]) == expected.good)
    #expect(Judgement(lines[1]) == expected.bad)
    if kind == .segmentation { #expect(lines[1]["area"]?.number.map { $0 > 0 } == true) }
    if kind == .tasks || kind == .measurement {
      // A good part has a scratch of 0 pixels, a bad one of 40.
      let lengths = lines.map { $0["tasks"]?["length"]?["value"]?.number ?? .nan }
      #expect(lengths[0] < 15 && lengths[1] > 25, "\(lengths)")
    }
    if kind == .anomalyWithoutThreshold {
      let scores = lines.map { $0["score"]?.number ?? .nan }
      #expect(scores[0] < scores[1])
    }
  }

  /// Writes the fixtures; on its own it does nothing. See ``SchemaOneFixtures``.
  @Test func make() throws {
    guard let folder = ProcessInfo.processInfo.environment["ASSAY_MAKE_FIXTURES"] else { return }
    try SchemaOneFixtures.make(in: folder)
  }
}
