import AssayBase
import AssayBundle
import AssayData
import AssayEvaluation
import AssayImage
import AssayInspection
import AssayLearning
import AssayMethods
import AssayMethodsSupport
import AssayMetrics
import AssayRuntime
import AssayTestSupport
import Foundation
import Synchronization
import Testing

@Suite struct TrainingTests {
  @Test func fromFolderToInspector() throws {
    let parts = PartsFolder(each: 40)
    defer { try? FileManager.default.removeItem(atPath: parts.bundle) }
    parts.write("good/broken.pgm", Array("P5 64 64 255\n".utf8))
    let steps = Mutex<Set<String>>([])
    let result = try Trainer.train(parts.path, output: parts.bundle, options: parts.options()) { progress in
      if progress.notices.isEmpty { steps.withLock { _ = $0.insert(progress.step) } }
    }
    #expect(steps.withLock { $0 } == ["brightness", "copies", "features", "head", "report"])
    #expect(result.evaluation.basis == "held-out test")
    #expect(result.evaluation.confusion.accuracy >= 0.9)
    #expect(result.manifest.goodClass == "good" && result.manifest.classes == ["good", "scratch"])
    #expect(result.manifest.training.unreadable == 1)
    let tested = Set(try #require(result.manifest.training.testImages))
    #expect(tested.count == result.evaluation.labels.count && tested.isDisjoint(with: result.manifest.training.images))
    #expect(result.reading.leftOut.map(\.names) == [["good/broken.pgm"]])
    let trained = result.manifest.training.counts.values.reduce(0, +)
    #expect(trained + result.evaluation.labels.count == 80, "no image is both trained on and tested")
    let report = try String(contentsOfFile: parts.bundle + "/report.html", encoding: .utf8)
    #expect(report.contains("broken.pgm") && report.contains("id=\"decision\""))

    // The bundle sees a scratch, says where, and leaves a good part alone.
    let new = PartsFolder(each: 0)
    new.write("scratch/bad.pgm", Pictures.brushedMetal(seed: 5020, isScratched: true))
    new.write("good/fine.pgm", Pictures.brushedMetal(seed: 6020, isScratched: false))
    let station = try Inspector(path: parts.bundle, mode: .latency).makeSession()
    let bad = try station.inspect(new.path + "/scratch/bad.pgm").inspection
    #expect(bad.verdict == .defect && bad.class == "scratch" && bad.probability.map { $0 > 0.5 } == true)
    let region = try #require(bad.region)
    let column = Double(12 + 5020 % 40)
    #expect(region.x - 8 <= column && column <= region.x + region.width + 8, "the scratch is at column \(column)")
    let fine = try station.inspect(new.path + "/good/fine.pgm").inspection
    #expect(fine.verdict == .good && fine.region == nil)
    #expect(abs(try #require(fine.probabilities).values.reduce(0, +) - 1) < 1e-5)
    #expect(throws: InspectionError.self) { try station.inspect(new.path + "/none.pgm") }

    // It refuses what it was trained on.
    let test = try Evaluator.evaluate(bundle: parts.bundle, on: parts.path)
    #expect(test.refused == trained && test.evaluation.labels.count == 80 - trained)
    let all = try Evaluator.evaluate(bundle: parts.bundle, on: parts.path, allowsTrained: true)
    #expect(all.refused == 0 && all.evaluation.labels.count == 80)
  }

  /// Pictures drawn for people: photograph, banner above it, and a heat that marks the scratch.
  @Test func overlays() throws {
    let parts = PartsFolder(each: 24)
    defer { try? FileManager.default.removeItem(atPath: parts.bundle) }
    _ = try Trainer.train(parts.path, output: parts.bundle, options: parts.options { $0.split.test = 0 })
    let inspector = try Inspector(path: parts.bundle, mode: .throughput)
    let files = [parts.path + "/scratch/3.pgm", parts.path + "/nothing.pgm", parts.path + "/good/3.pgm"]
    let order = Mutex<[Int]>([])
    let manifest = inspector.manifest
    try inspector.inspect(files) { index, result in
      order.withLock { $0.append(index) }
      switch result {
      case .success(let finding):
        let picture = Overlay.draw(finding, preprocessing: manifest.preprocessing, mapScale: manifest.network.mapScale)
        #expect(picture.height > picture.width, "the banner stands above the square photograph")
        #expect(picture.width >= 256)
      case .failure(let error):
        guard case .image(let cause) = error else {
          Issue.record(error)
          return
        }
        #expect(index == 1 && cause.reason == .notFound)
      }
    }
    #expect(order.withLock { $0 } == [0, 1, 2], "results come in the order asked")
  }

  @Test func adamRecipe() throws {
    let parts = PartsFolder(each: 40)
    defer { try? FileManager.default.removeItem(atPath: parts.bundle) }
    let result = try Trainer.train(
      parts.path, output: parts.bundle,
      options: parts.options {
        $0.solver = .adam(.init(learningRate: 1e-3, batchSize: 16, epochs: 8))
        $0.split.validation = 0.25
      })
    let recipe = try ModelBundle(path: parts.bundle).manifest.training.recipe.decoded(as: LinearRecipe.self)
    guard case .adam(let adam, let bestEpoch) = recipe.solver else {
      Issue.record("\(recipe)")
      return
    }
    #expect(adam.learningRate == 1e-3 && adam.batchSize == 16 && adam.epochs == 8 && (1...8).contains(bestEpoch))
    #expect(recipe.classWeights == .none && recipe.split.validation == 0.25 && recipe.split.test == 0.2)
    #expect(result.evaluation.confusion.accuracy >= 0.85)
    #expect(try String(contentsOfFile: parts.bundle + "/report.html", encoding: .utf8).contains("Epochs"))
  }

  /// Same data and seed: the same graph.
  @Test func trainingIsRepeatable() throws {
    let parts = PartsFolder(each: 16)
    defer { try? FileManager.default.removeItem(atPath: parts.bundle) }
    _ = try Trainer.train(parts.path, output: parts.bundle, options: parts.options())
    let first = try ModelBundle(path: parts.bundle).manifest
    _ = try Trainer.train(parts.path, output: parts.bundle, options: parts.options())
    let second = try ModelBundle(path: parts.bundle).manifest
    #expect(first.files["model.onnx"] == second.files["model.onnx"])
    #expect(first.threshold == second.threshold)
  }

  @Test func ratesNeedEnoughParts() {
    let parts = PartsFolder(each: 12)
    do {
      _ = try Trainer.train(
        parts.path, output: parts.bundle, options: parts.options { $0.thresholdRule = .maximumOverkill(0.001) })
      Issue.record("a rate was promised on 12 good parts")
    } catch {
      #expect(error.kind == .badData && error.description.contains("999"))
    }
    #expect(!FileManager.default.fileExists(atPath: parts.bundle), "nothing is left behind")
  }

  @Test func whatCannotBeTrainedOnSaysWhy() throws {
    let parts = PartsFolder(each: 6)
    func failure(_ path: String, _ options: TrainingOptions) -> WorkflowError? {
      do throws(WorkflowError) {
        _ = try Trainer.train(path, output: parts.bundle, options: options)
        return nil
      } catch { return error }
    }
    #expect(failure(parts.path + "/nowhere", parts.options())?.kind == .noInput)
    #expect(failure(parts.path + "/good", parts.options())?.kind == .badData, "images without classes")
    #expect(failure(parts.path, parts.options { $0.features.backbone = "alexnet" })?.kind == .usage)
    #expect(
      failure(parts.path, parts.options { $0.features.inputSize = 100 })?.description.contains("96 or 128") == true)
    parts.write("scratch/text.png", Array("hello".utf8))
    #expect(
      failure(parts.path, parts.options { $0.features.isStrict = true })?.description.contains("text.png") == true)
  }

  @Test func crossValidation() throws {
    let parts = PartsFolder(each: 20)
    let result = try CrossValidation(parts.path, folds: 4, options: parts.options())
    #expect(result.evaluation.labels.count == 40 && result.foldAccuracies.count == 4)
    #expect(result.evaluation.confusion.accuracy >= 0.9)
    #expect(throws: WorkflowError.self) { try CrossValidation(parts.path, folds: 2, options: parts.options()) }
  }
}

@Suite struct EvidenceMapTests {
  /// On an 8 x 4 grid the hottest cell (5, 2) has 4, its neighbour (6, 2) has 3, a far one 3 as well: the box is the first two.
  @Test func regionIsTheHottestConnectedArea() throws {
    var values = [Float](repeating: 0, count: 32)
    values[2 * 8 + 5] = 4
    values[2 * 8 + 6] = 3
    values[0] = 3
    let region = values.withUnsafeBufferPointer { own in
      EvidenceMap(map: own, classCount: 1, rows: 4, columns: 8, found: 0, reference: nil)
        .region(
          placement: Preprocessing(width: 80, height: 40).plan(sourceWidth: 160, sourceHeight: 40), width: 80,
          height: 40)
    }
    #expect(region == PixelRectangle(x: 100, y: 20, width: 40, height: 10))
  }

  @Test func evidenceIsRelativeToTheGoodClass() {
    let map: [Float] = [5, 1, 2, 2]
    let evidence = map.withUnsafeBufferPointer {
      EvidenceMap(map: $0, classCount: 2, rows: 1, columns: 2, found: 0, reference: 1)
    }
    #expect(evidence.values == [3, -1] && evidence.peak == 3)
    let nothing = [Float](repeating: -1, count: 4).withUnsafeBufferPointer {
      EvidenceMap(map: $0, classCount: 1, rows: 2, columns: 2, found: 0, reference: nil)
    }
    #expect(
      nothing.region(
        placement: Preprocessing(width: 8, height: 8).plan(sourceWidth: 8, sourceHeight: 8), width: 8, height: 8) == nil
    )
  }
}
