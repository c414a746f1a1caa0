import AssayBase
import AssayBundle
import AssayData
import AssayEvaluation
import AssayInspection
import AssayLearning
import AssayMethods
import AssayMethodsSupport
import AssayMetrics
import AssayRuntime
import AssayTestSupport
import Foundation
import Testing

/// Good parts, scratched ones, and stained ones that come later; nothing stays behind.
private final class Shelf {
  let parts: PartsFolder
  var bundle: String { "\(parts.path)-few.assay" }

  init(each count: Int) { parts = PartsFolder(each: count) }
  deinit { try? FileManager.default.removeItem(atPath: bundle) }

  /// A bright round stain.
  static func stained(seed: Int) -> [UInt8] {
    var bytes = Pictures.brushedMetal(seed: seed, isScratched: false)
    let start = bytes.count - 64 * 64
    let (cx, cy) = (16 + seed % 32, 16 + seed / 3 % 32)
    for y in 0..<64 {
      for x in 0..<64 where (x - cx) * (x - cx) + (y - cy) * (y - cy) < 90 { bytes[start + y * 64 + x] = 250 }
    }
    return bytes
  }

  func train(shots: Int? = nil, _ change: (inout TrainingOptions) -> Void = { _ in }) throws -> TrainingResult {
    try FewShotTrainer.train(parts.path, output: bundle, options: parts.options(change), shots: shots)
  }

  func add(_ images: [String], _ name: String) throws -> FewShotTeaching.Result {
    try FewShotTeaching.add(bundle: bundle, images: images.map { parts.path + "/" + $0 }, class: name, cache: nil)
  }

  func verdict(_ bytes: [UInt8]) throws -> Inspection {
    let folder = PartsFolder(each: 0)
    folder.write("part.pgm", bytes)
    return try Inspector(path: bundle, mode: .latency).makeSession().inspect(folder.path + "/part.pgm").inspection
  }
}

@Suite struct FewShotWorkflowTests {
  @Test func knowsANewClassAtOnce() throws {
    let shelf = Shelf(each: 6)
    let trained = try shelf.train()
    #expect(trained.manifest.training.method == .fewShot && trained.manifest.classes == ["good", "scratch"])
    #expect(trained.evaluation.basis == "leave-one-out" && trained.evaluation.labels.count == 12)
    #expect(trained.manifest.threshold?.goods == 6 && trained.manifest.threshold?.defects == 6)
    let report = try String(contentsOfFile: shelf.bundle + "/report.html", encoding: .utf8)
    #expect(report.contains("Choice of the classifier") && report.contains("Images of each class"))
    #expect(try shelf.verdict(Pictures.brushedMetal(seed: 5020, isScratched: true)).class == "scratch")
    #expect(try shelf.verdict(Shelf.stained(seed: 77)).class != "stain")

    // Outside the data set: the bundle's own features are all that is needed of the older images.
    shelf.parts.write("new/1.pgm", Shelf.stained(seed: 40))
    let once = try shelf.add(["new/1.pgm"], "stain")
    #expect(once.classes == ["good", "scratch", "stain"] && once.counts == ["good": 6, "scratch": 6, "stain": 1])
    #expect(once.notes.contains { $0.contains("stain") && $0.contains("one image") })
    let stain = try shelf.verdict(Shelf.stained(seed: 77))
    #expect(stain.class == "stain" && stain.verdict == .defect)
    #expect(try shelf.verdict(Pictures.brushedMetal(seed: 5020, isScratched: true)).class == "scratch")
    #expect(try shelf.verdict(Pictures.brushedMetal(seed: 6020, isScratched: false)).verdict == .good)

    shelf.parts.write("new/2.pgm", Shelf.stained(seed: 53))
    let twice = try shelf.add(["new"], "stain")
    #expect(twice.images.count == 1 && twice.counts["stain"] == 2, "the first is known already")
    let manifest = try ModelBundle(path: shelf.bundle).manifest
    #expect(manifest.training.images.count == 14 && manifest.threshold?.defects == 8)

    // As another class only after it is forgotten, which undoes it all.
    #expect { try shelf.add(["new/2.pgm"], "scratch") } throws: { "\($0)".contains("assay forget") }
    let back = try FewShotTeaching.forget(bundle: shelf.bundle, images: [shelf.parts.path + "/new"], cache: nil)
    #expect(back.classes == ["good", "scratch"])
    let restored = try ModelBundle(path: shelf.bundle).manifest
    #expect(
      restored.threshold == trained.manifest.threshold && restored.training.images == trained.manifest.training.images)
    #expect(throws: WorkflowError.self) {
      try FewShotTeaching.forget(bundle: shelf.bundle, images: [shelf.parts.path + "/good"], cache: nil)
    }
  }

  /// What cannot be learned leaves the bundle as it was.
  @Test func failuresChangeNothing() throws {
    let shelf = Shelf(each: 3)
    _ = try shelf.train()
    let before = try ModelBundle(path: shelf.bundle).identity
    shelf.parts.write("new/broken.pgm", Array("P5 64 64 255\n".utf8))
    #expect { try shelf.add(["new/broken.pgm"], "stain") } throws: { "\($0)".contains("broken.pgm") }
    #expect { try shelf.add(["new/none.pgm"], "stain") } throws: { ($0 as? WorkflowError)?.kind == .noInput }
    #expect(throws: WorkflowError.self) { try shelf.add(["good/0.pgm"], "  ") }
    #expect(try ModelBundle(path: shelf.bundle).identity == before)

    // A support file that does not fit is told from one that does.
    let bundle = try ModelBundle(path: shelf.bundle)
    var files: [String: [UInt8]] = [:]
    for name in bundle.manifest.files.keys { files[name] = try bundle.contents(name) }
    files["support.bin"]?.removeLast(4)
    _ = try ModelBundle.write(to: shelf.bundle, manifest: bundle.manifest, files: files)
    #expect { try shelf.add(["scratch/0.pgm"], "stain") } throws: { "\($0)".contains("do not fit") }
  }

  @Test func otherBundlesSayWhatToDo() throws {
    let shelf = Shelf(each: 12)
    _ = try Trainer.train(shelf.parts.path, output: shelf.bundle, options: shelf.parts.options())
    #expect(try !FewShotTeaching.accepts(bundle: shelf.bundle))
    #expect { try shelf.add(["good/0.pgm"], "stain") } throws: { "\($0)".contains("--method fewshot") }
    _ = try AnomalyTrainer.train(
      shelf.parts.path, output: shelf.bundle,
      options: AnomalyOptions(features: FeatureOptions(inputSize: 96, cache: nil)))
    #expect { try shelf.add(["good/0.pgm"], "stain") } throws: { "\($0)".contains("leave --class out") }
  }

  /// The images drawn are the seed's; all others are tested on.
  @Test(arguments: [1, 3])
  func shots(count: Int) throws {
    let shelf = Shelf(each: 8)
    let result = try shelf.train(shots: count)
    #expect(result.manifest.training.counts == ["good": count, "scratch": count])
    #expect(result.evaluation.basis == "held-out test" && result.evaluation.labels.count == 16 - 2 * count)
    #expect(result.evaluation.confusion.accuracy > 0.6)
    let images = result.manifest.training.images
    #expect(try shelf.train(shots: count).manifest.training.images == images)
    #expect(try shelf.train(shots: count) { $0.seed = 5 }.manifest.training.images != images)
    let recipe = try result.manifest.training.recipe.decoded(as: FewShotRecipe.self)
    #expect(recipe.chosenBy == (count == 1 ? .nothing : .leaveOneOut))
    #expect(recipe.images == 2 * count && recipe.shots == count)
  }

  /// One image of each class and none to test on: a bundle all the same.
  @Test func oneImageOfEachClass() throws {
    let shelf = Shelf(each: 1)
    let result = try shelf.train()
    #expect(result.evaluation.labels.isEmpty && result.manifest.threshold?.value == 0.5)
    #expect(try shelf.verdict(Pictures.brushedMetal(seed: 1000, isScratched: true)).class == "scratch")
  }

  @Test func curveOverShots() throws {
    let shelf = Shelf(each: 5)
    let options = shelf.parts.options()
    let curve = try FewShotEvaluator.evaluate(shelf.parts.path, options: options, shots: nil, seeds: 4).curve
    #expect(curve.points.map(\.shots) == [1, 2, 4] && curve.points.map(\.tested) == [8, 6, 2])
    for point in curve.points {
      #expect(point.accuracies.count == 4 && point.least <= point.mean && point.mean <= point.greatest)
      let mean = point.accuracies.reduce(0, +) / 4
      let squares = point.accuracies.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      #expect(abs(point.deviation - (squares / 3).squareRoot()) < 1e-12)
      #expect(point.classifiers.values.reduce(0, +) == 4)
    }
    let two = try FewShotEvaluator.evaluate(shelf.parts.path, options: options, shots: 2, seeds: 4).curve
    #expect(two.points.first?.accuracies == curve.points[1].accuracies)
    #expect { try FewShotEvaluator.evaluate(shelf.parts.path, options: options, shots: 5, seeds: 2) } throws: {
      "\($0)".contains("5 different images")
    }
  }
}
