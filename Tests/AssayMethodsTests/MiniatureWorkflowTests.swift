import AssayBase
import AssayBundle
import AssayData
import AssayEvaluation
import AssayGraph
import AssayMethods
import AssayMethodsSupport
import AssayMetrics
import AssayTestSupport
import Foundation
import Testing

/// A miniature of every published layout, from survey to trained inspector to test.
@Suite struct MiniatureWorkflowTests {
  private static let features = FeatureOptions(
    inputSize: 96, taps: ["stage3.expanded", "stage4.expanded"], statistics: [.mean, .deviation], cache: nil)

  @Test(arguments: Miniature.allCases) func surveyTrainEvaluate(_ miniature: Miniature) throws {
    let parts = PartsFolder(each: 0)
    defer { try? FileManager.default.removeItem(atPath: parts.bundle) }
    miniature.write(to: parts.path, count: 14)
    let dataset = try DatasetReader.read(parts.path)
    let survey = DataSurvey.run(dataset)
    #expect(survey.unreadable.isEmpty && survey.problems.isEmpty && survey.images == dataset.samples.count)
    #expect(survey.text.contains(dataset.layout.rawValue))
    switch miniature {
    case .mvtec, .mvtec2, .loco:
      // They train on good parts alone.
      let options = AnomalyOptions(features: FeatureOptions(inputSize: 96, cache: nil))
      let result = try AnomalyTrainer.train(parts.path, output: parts.bundle, options: options)
      #expect(try #require(result.evaluation?.metric("image AUROC")).value > 0.8)
      #expect(try #require(result.evaluation?.metric("pixel AUROC")).value > 0.8, "masks test the maps")
      let test = try AnomalyEvaluator.evaluate(bundle: parts.bundle, on: parts.path, allowsTrained: true)
      #expect(test.evaluation.metric("AU-PRO to 0.3") != nil)
    case _ where dataset.severalLabelled > 0:
      var failure: WorkflowError?
      do throws(WorkflowError) {
        _ = try Trainer.train(parts.path, output: parts.bundle, options: .init(features: Self.features))
      } catch { failure = error }
      #expect(failure?.description.contains("--multi-label") == true)
      let result = try MultiLabelTrainer.train(
        parts.path, output: parts.bundle, options: .init(features: Self.features))
      #expect(result.evaluation.scores.meanAveragePrecision.map { $0 > 0.8 } == true)
      let test = try MultiLabelEvaluator.evaluate(bundle: parts.bundle, on: parts.path, allowsTrained: true)
      #expect(test.evaluation.names.count == dataset.samples.count)
      #expect(test.evaluation.metric("mean average precision").map { $0.value > 0.8 } == true)
    default:
      let result = try Trainer.train(parts.path, output: parts.bundle, options: .init(features: Self.features))
      #expect(result.evaluation.confusion.accuracy > 0.7)
      #expect(result.manifest.training.layout == dataset.layout.rawValue)
      let test = try Evaluator.evaluate(bundle: parts.bundle, on: parts.path, allowsTrained: true)
      #expect(test.evaluation.labels.count == dataset.samples.count && test.evaluation.confusion.accuracy > 0.7)
    }
  }
}
