import AssayBundle
import AssayEvaluation
import AssayMethods
import AssayMethodsSupport
import AssayTestSupport
import Foundation
import Testing

@Suite struct AnomalyTestedTests {
  /// The scores of the parts that a detector was tested with are kept, and go when its memory changes.
  @Test func testedPartsAreKept() throws {
    let parts = PartsFolder(each: 12)
    defer { try? FileManager.default.removeItem(atPath: parts.bundle) }
    let result = try AnomalyTrainer.train(
      parts.path, output: parts.bundle,
      options: AnomalyOptions(features: FeatureOptions(inputSize: 96, cache: nil)))
    let evaluation = try #require(result.evaluation)
    let tested = try #require(try ModelBundle(path: parts.bundle).reference()?.tested)
    #expect(tested.scores == evaluation.scores && tested.isDefect == evaluation.isDefect)
    #expect(tested.isDefect.contains(true))
    // What has no say in the threshold is not among the scores that it rests on.
    #expect(try ModelBundle(path: parts.bundle).reference()?.isDefect.contains(true) == false)
    _ = try MemoryTeaching.add(bundle: parts.bundle, images: [parts.path + "/scratch/0.pgm"])
    #expect(try ModelBundle(path: parts.bundle).reference()?.tested == nil)
  }
}
