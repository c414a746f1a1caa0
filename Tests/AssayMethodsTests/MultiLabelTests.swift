import AssayBase
import AssayBundle
import AssayData
import AssayEvaluation
import AssayGraph
import AssayImage
import AssayInspection
import AssayLearning
import AssayMethods
import AssayMethodsSupport
import AssayMetrics
import AssayRuntime
import AssayTestSupport
import Foundation
import Testing

@Suite struct MultiLabelTests {
  private static func options(_ change: (inout TrainingOptions) -> Void = { _ in }) -> TrainingOptions {
    var options = TrainingOptions(
      features: FeatureOptions(inputSize: 96, taps: ["stage3.expanded", "stage4.expanded"], cache: nil))
    change(&options)
    return options
  }

  private func folder(_ miniature: Miniature = .severstal, count: Int = 30) -> PartsFolder {
    let parts = PartsFolder(each: 0)
    miniature.write(to: parts.path, count: count)
    return parts
  }

  @Test func findsEveryClass() throws {
    let parts = folder()
    defer { try? FileManager.default.removeItem(atPath: parts.bundle) }
    let result = try MultiLabelTrainer.train(parts.path, output: parts.bundle, options: Self.options())
    let manifest = result.manifest
    #expect(manifest.task == .multiLabel && manifest.classes == ["1", "2"] && manifest.goodClass == "good")
    let recipe = try manifest.training.recipe.decoded(as: MultiLabelRecipe.self)
    guard case .lbfgs(let penalties, 5) = recipe.solver else {
      Issue.record("\(recipe)")
      return
    }
    #expect(Set(penalties.keys) == ["1", "2"])
    let thresholds = try #require(manifest.labelThresholds)
    #expect(thresholds.count == 2 && thresholds.allSatisfy { $0.rule == "best-f1" && (0...1).contains($0.value) })
    #expect(result.evaluation.basis == "held-out test")
    #expect(try #require(result.evaluation.metric("mean average precision")).value > 0.9)
    #expect(result.evaluation.scores.exactMatch > 0.8 && manifest.metrics == result.evaluation.metrics)
    #expect(manifest.training.counts["1"] ?? 0 > 20, "an image counts for each of its classes")
    let report = try String(contentsOfFile: parts.bundle + "/report.html", encoding: .utf8)
    #expect(report.contains("mean average precision") && report.contains("Thresholds"))

    // One graph: sigmoid of the logits, whose map has them as its mean.
    let graph = try ONNXModel(
      bytes: ModelBundle(path: parts.bundle).contents(ModelBundle.modelName), source: "model.onnx")
    #expect(Set(graph.outputs.map(\.name)) == ["logits", "probabilities", "map", "features"])
    #expect(graph.metadata["assay.task"] == "multi-label")
    let network = try Network(
      onnx: ModelBundle(path: parts.bundle).contents(ModelBundle.modelName), inputShape: [1, 3, 96, 96], mode: .latency,
      engines: .automatic)
    let request = try network.makeRequest()
    request.withInput { $0.update(repeating: 0.5) }
    try request.run()
    let logits = try request.withOutput("logits") { Array($0) }
    let probabilities = try request.withOutput("probabilities") { Array($0) }
    #expect(zip(logits, probabilities).allSatisfy { abs(1 / (1 + exp(-$0)) - $1) < 1e-5 })

    // New parts: nothing, one class, both.
    let new = PartsFolder(each: 0)
    let station = try Inspector(path: parts.bundle, mode: .latency).makeSession()
    var right = 0
    for number in 400..<412 {
      let kinds = [[], [1], [2], [1, 2]][number % 4]
      new.write("new.pgm", Miniature.Part(number: number, kinds: kinds).picture)
      let inspection = try station.inspect(new.path + "/new.pgm").inspection
      let found = try #require(inspection.found)
      #expect(found.map(\.probability) == found.map(\.probability).sorted(by: >))
      #expect(found.allSatisfy { $0.probability >= $0.threshold })
      #expect((inspection.verdict == .good) == found.isEmpty && inspection.probabilities?.count == 2)
      #expect(inspection.class == found.first?.class ?? "good")
      right += Set(found.map(\.class)) == Set(kinds.map(String.init)) ? 1 : 0
    }
    #expect(right >= 10)

    // Images that it was trained on are refused.
    let own = try MultiLabelEvaluator.evaluate(bundle: parts.bundle, on: parts.path)
    #expect(own.refused == manifest.training.images.count && own.evaluation.names.count + own.refused == 120)
    #expect(own.evaluation.scores == result.evaluation.scores, "the deployed graph judges as the trained heads did")
    var failure: WorkflowError?
    do throws(WorkflowError) { _ = try Evaluator.evaluate(bundle: parts.bundle, on: parts.path) } catch {
      failure = error
    }
    #expect(failure?.kind == .usage)
  }

  @Test func thresholdsForEachClass() throws {
    let parts = folder(count: 24)
    defer { try? FileManager.default.removeItem(atPath: parts.bundle) }
    let strict = try MultiLabelTrainer.train(
      parts.path, output: parts.bundle, options: Self.options { $0.thresholdRule = .maximumEscape(0.1) })
    let thresholds = try #require(strict.manifest.labelThresholds)
    #expect(thresholds.allSatisfy { $0.rule == "max-escape" && $0.rate == 0.1 })
    #expect(thresholds.allSatisfy { Double($0.escapes) <= 0.1 * Double($0.defects + 1) })
    var failure: WorkflowError?
    do throws(WorkflowError) {
      _ = try MultiLabelTrainer.train(
        parts.path, output: parts.bundle, options: Self.options { $0.thresholdRule = .maximumEscape(0.001) })
    } catch { failure = error }
    #expect(failure?.kind == .badData && failure?.description.contains("class 1") == true)
  }

  /// One label an image is one class found, whatever the layout.
  @Test func classFoldersToo() throws {
    let parts = folder(.classFolders, count: 20)
    defer { try? FileManager.default.removeItem(atPath: parts.bundle) }
    let result = try MultiLabelTrainer.train(parts.path, output: parts.bundle, options: Self.options())
    #expect(result.manifest.classes == ["line", "square"])
    let folds = try MultiLabelCrossValidation(parts.path, folds: 3, options: Self.options())
    #expect(folds.evaluation.names.count == 60 && folds.evaluation.basis == "cross-validation")
    #expect(try #require(folds.evaluation.scores.meanAveragePrecision) > 0.9)
    let other = folder(.cvat, count: 3)
    #expect(
      try MultiLabelEvaluator.evaluate(bundle: parts.bundle, on: other.path, allowsTrained: true).evaluation.names.count
        == 12)
    let stranger = folder(.severstal, count: 3)
    #expect(throws: WorkflowError.self) {
      try MultiLabelEvaluator.evaluate(bundle: parts.bundle, on: stranger.path)
    }
  }

  @Test func tooFewImagesOfAClass() {
    let parts = folder(count: 4)
    parts.write("train_images/rare.jpg", Miniature.Part(number: 700, kinds: [1]).picture)
    let table = try? String(contentsOfFile: parts.path + "/train.csv", encoding: .utf8)
    parts.write("train.csv", Array(((table ?? "") + "rare.jpg,4,1 3\n").utf8))
    var failure: WorkflowError?
    do throws(WorkflowError) {
      _ = try MultiLabelTrainer.train(parts.path, output: parts.bundle, options: Self.options())
    } catch { failure = error }
    #expect(failure?.description.contains("class 4 is on 1") == true)
  }

  /// Masks and boxes: the maps become segmentations.
  @Test(arguments: [Miniature.severstal, .cvat]) func marksPixels(_ miniature: Miniature) throws {
    let parts = folder(miniature)
    defer { try? FileManager.default.removeItem(atPath: parts.bundle) }
    let result = try MultiLabelTrainer.train(
      parts.path, output: parts.bundle, options: Self.options { $0.usesMasks = true })
    let segmentation = try #require(result.manifest.segmentation)
    #expect(
      segmentation.thresholds.count == 2 && segmentation.images > 40 && segmentation.patches.allSatisfy { $0 > 50 })
    let pixels = try #require(result.segmentation)
    for own in pixels.classes {
      // Positions are 8 pixels of the input wide, the line 6: edges cannot be exact.
      #expect(own.dice ?? 0 > 0.45, "\(own)")
      #expect(own.intersectionOverUnion ?? 0 > 0.3 && own.perRegionOverlap ?? 0 > 0.7, "\(own)")
    }
    #expect(pixels.meanDice ?? 0 > 0.6)
    let graph = try ONNXModel(
      bytes: ModelBundle(path: parts.bundle).contents(ModelBundle.modelName), source: "model.onnx")
    #expect(graph.outputs.map(\.name).contains("segmentation"))
    let test = try MultiLabelEvaluator.evaluate(bundle: parts.bundle, on: parts.path)
    #expect(test.segmentation?.meanDice == pixels.meanDice && test.report.contains("AU-PRO"))
    let new = PartsFolder(each: 0)
    let part = Miniature.Part(number: 431, kinds: [2])
    new.write("new.pgm", part.picture)
    let finding = try Inspector(path: parts.bundle, mode: .latency).makeSession().inspect(new.path + "/new.pgm")
    let found = try #require(finding.inspection.found?.first)
    let region = try #require(found.region)
    let box = part.box(2)
    #expect(region.x < Double(box.x + box.width) && region.x + region.width > Double(box.x))
    #expect(region.y < Double(box.y + box.height) && region.y + region.height > Double(box.y))
    // The square has 196 of 4096 pixels.
    #expect(try #require(found.area) > 0.02 && (found.area ?? 1) < 0.12)
    _ = Overlay.draw(finding, preprocessing: result.manifest.preprocessing, mapScale: result.manifest.network.mapScale)
  }

  @Test func masksOfEachClassAreNeeded() {
    let parts = folder(.classFolders, count: 8)
    var failure: WorkflowError?
    do throws(WorkflowError) {
      _ = try MultiLabelTrainer.train(
        parts.path, output: parts.bundle, options: Self.options { $0.usesMasks = true })
    } catch { failure = error }
    #expect(failure?.description.contains("--use-masks needs masks or boxes") == true)
  }
}
