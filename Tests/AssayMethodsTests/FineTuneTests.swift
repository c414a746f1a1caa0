import AssayBase
import AssayBundle
import AssayEvaluation
import AssayImage
import AssayInspection
import AssayLearning
import AssayMethods
import AssayMethodsSupport
import AssayMetrics
import AssayRuntime
import AssayTraining
import Foundation
import Synchronization
import Testing

@Suite(.serialized) struct FineTuneTests {
  private func options(
    _ parts: PartsFolder, _ change: (inout FineTuneOptions) -> Void = { _ in }
  ) -> FineTuneOptions {
    var options = FineTuneOptions(base: parts.options())
    options.settings.epochs = 2
    options.settings.batchSize = 8
    options.freezeTo = "stage5"
    options.views = 2
    options.folds = 2
    options.isForced = true
    change(&options)
    return options
  }

  private func remove(_ parts: PartsFolder) {
    try? FileManager.default.removeItem(atPath: parts.bundle)
    try? FileManager.default.removeItem(atPath: parts.bundle + ".training")
  }

  @Test func fromFolderToInspector() throws {
    let parts = PartsFolder(each: 30)
    defer { remove(parts) }
    let logs = NSTemporaryDirectory() + "logs-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: logs) }
    let notes = Mutex<[String]>([])
    let result = try FineTuneTrainer.train(
      parts.path, output: parts.bundle, options: options(parts) { $0.logFolder = logs },
      progress: { progress in if let note = progress.note { notes.withLock { $0.append(note) } } })
    #expect(result.isTuned)
    #expect(result.training.manifest.training.method == .fineTuned)
    let testedGood = result.training.evaluation.labels.count { result.training.manifest.classes[$0] == "good" }
    try HeldOutReference.check(
      parts.bundle, basis: "held-out test", count: testedGood, picture: parts.path + "/good/1.pgm")
    #expect(result.training.evaluation.confusion.accuracy >= 0.9)
    #expect(result.comparison.images == result.training.manifest.training.counts.values.reduce(0, +))
    #expect(notes.withLock { $0 }.contains { $0.contains("loss") && $0.contains("images/s") })
    // The deployed graph is the trained one: it judges the test images as training did.
    let evaluated = try Evaluator.evaluate(bundle: parts.bundle, on: parts.path)
    let names = Dictionary(uniqueKeysWithValues: evaluated.evaluation.names.enumerated().map { ($1, $0) })
    for (row, name) in result.training.evaluation.names.enumerated() {
      let other = try #require(names[name])
      for k in 0..<2 {
        let difference =
          result.training.evaluation.probabilities[row * 2 + k] - evaluated.evaluation.probabilities[other * 2 + k]
        // Images are kept with 8 bits in training, and activations at the cut with 16.
        #expect(abs(difference) < 0.02, "\(name)")
      }
    }
    // The map's mean is the logit still.
    let bundle = try ModelBundle(path: parts.bundle)
    let rule = bundle.manifest.preprocessing
    let network = try Network(
      onnx: bundle.contents(ModelBundle.modelName), inputShape: [1, 3, rule.height, rule.width], mode: .latency,
      engines: .automatic)
    let found = try network.run((0..<rule.count).map { Float($0 % 97) / 96 })
    let map = try #require(found["map"])
    let plane = map.shape[2] * map.shape[3]
    for k in 0..<2 {
      let mean = map.values[k * plane..<(k + 1) * plane].reduce(0, +) / Float(plane)
      #expect(abs(mean - (try #require(found["logits"]).values[k])) < 1e-3)
    }
    let report = try String(contentsOfFile: parts.bundle + "/report.html", encoding: .utf8)
    #expect(report.contains("Fine-tuning and the linear probe") && report.contains("Loss of fine-tuning"))
    // Nothing is left beside the bundle; the logs are where they were asked for.
    #expect(!FileManager.default.fileExists(atPath: parts.bundle + ".training"))
    let files = try FileManager.default.contentsOfDirectory(atPath: logs + "/final")
    #expect(files.contains("training.csv") && files.contains { $0.hasPrefix("events.out.tfevents.") })
  }

  /// Byte for byte.
  private func contents(_ path: String) throws -> (model: [UInt8], manifest: Manifest, report: String) {
    let bundle = try ModelBundle(path: path)
    let report = String(decoding: try bundle.contents(ModelBundle.reportName), as: UTF8.self)
    return (try bundle.contents(ModelBundle.modelName), bundle.manifest, report)
  }

  @Test(arguments: [FreezePoint.upTo("stage5"), .nothing])
  func stopsGoesOnAndIsReproducible(_ freezeTo: FreezePoint) throws {
    let parts = PartsFolder(each: 12)
    defer { remove(parts) }
    let options = options(parts) {
      $0.freezeTo = freezeTo
      $0.base.features.inputSize = 64
      $0.mixing = BatchMixing(.mixup, alpha: 0.3)
      $0.settings.normalisesByBatch = freezeTo == .nothing
    }
    _ = try FineTuneTrainer.train(parts.path, output: parts.bundle, options: options)
    let whole = try contents(parts.bundle)
    try FileManager.default.removeItem(atPath: parts.bundle)
    // Stopped in the first fold, in the second, and in the last training.
    for stop in [3, 5, 6] {
      let steps = Mutex(0)
      let error = #expect(throws: WorkflowError.self) {
        try FineTuneTrainer.train(
          parts.path, output: parts.bundle, options: options,
          isCancelled: {
            steps.withLock {
              $0 += 1
              return $0 == stop
            }
          })
      }
      #expect(error?.kind == .interrupted)
      #expect(!FileManager.default.fileExists(atPath: parts.bundle))
    }
    _ = try FineTuneTrainer.train(parts.path, output: parts.bundle, options: options)
    let again = try contents(parts.bundle)
    #expect(again.model == whole.model)
    #expect(again.manifest.metrics == whole.manifest.metrics && again.manifest.threshold == whole.manifest.threshold)
    #expect(again.report == whole.report)
  }

  @Test func anUnknownStageIsNamed() throws {
    let parts = PartsFolder(each: 12)
    defer { remove(parts) }
    for (stage, word): (FreezePoint, String) in [("stage9", "stage9"), ("head", "nothing that is read")] {
      let error = #expect(throws: WorkflowError.self) {
        try FineTuneTrainer.train(
          parts.path, output: parts.bundle, options: options(parts) { $0.freezeTo = stage })
      }
      #expect(error?.kind == .badData && error?.description.contains(word) == true, "\(error?.description ?? "")")
    }
  }

  /// Brushed along or across: a quarter turn makes the one the other, a mirror does not.
  @Test func leavesOutWhatAClassDoesNotSurvive() throws {
    let parts = PartsFolder(each: 0)
    defer { remove(parts) }
    for index in 0..<24 {
      for name in ["along", "across"] {
        var generator = SplitMix64(seed: UInt64(index * 2 + (name == "along" ? 0 : 1)))
        let lines = (0..<64).map { _ in Int.random(in: 60...190, using: &generator) }
        let pixels = (0..<64 * 64).map { UInt8(lines[name == "along" ? $0 / 64 : $0 % 64]) }
        parts.write("\(name)/\(index).pgm", Array("P5 64 64 255\n".utf8) + pixels)
      }
    }
    let result = try FineTuneTrainer.train(
      parts.path, output: parts.bundle, options: options(parts) { $0.settings.epochs = 1 })
    #expect(result.droppedAugmentations.contains("quarter-turn"))
    #expect(!result.droppedAugmentations.contains("horizontal-flip"))
    #expect(!result.droppedAugmentations.contains("vertical-flip"))
  }

  /// What was not asked for is decided by the library, for all its users alike.
  @Test func defaultsDependOnBackboneAndOptimiser() throws {
    var options = FineTuneOptions(base: TrainingOptions(features: FeatureOptions(cache: nil), seed: 5))
    #expect(try options.resolved().freezeTo == "stage3" && FineTuneRecipe(options.resolved()).views == 8)
    #expect(try options.resolved().settings.seed == 5 && options.resolved().settings.threads == Machine.coreCount)
    #expect(options.settings.learningRate == 1.5e-4)
    options.settings.optimiser = .sgd
    #expect(options.settings.learningRate == 1e-2)
    options.settings.learningRate = 3e-3
    options.settings.optimiser = .adamw
    #expect(options.settings.learningRate == 3e-3, "what was set stays")
    options.preset = .none
    #expect(try FineTuneRecipe(options.resolved()).views == 1)
    options.settings.seed = 9
    #expect(try options.resolved().settings.seed == 9)
    // Pixels that are pasted must come before what is frozen.
    options.mixing = BatchMixing(.cutmix)
    let error = #expect(throws: WorkflowError.self) { try options.resolved() }
    #expect(error?.kind == .usage && error?.description.contains("stage3") == true)
    options.freezeTo = .nothing
    #expect(try options.resolved().freezeTo == .nothing)
  }

  /// What a manifest says is what was done.
  @Test func recipesSurviveTheManifest() throws {
    var settings = FineTuneSettings()
    settings.optimiser = .sgd
    settings.learningRate = 0.0123
    settings.headFactor = 0.5
    settings.depthFactor = 0.25
    settings.momentum = 0.8
    settings.weightDecay = 0.02
    settings.batchSize = 7
    settings.epochs = 3
    settings.warmUp = 0.5
    settings.labelSmoothing = 0.1
    settings.clipping = 1
    settings.averaging = 0.9
    settings.patience = 2
    settings.isBalanced = true
    settings.dropout = 0.3
    settings.stochasticDepth = 0.1
    settings.normalisesByBatch = true
    var base = TrainingOptions(features: FeatureOptions())
    base.seed = 11
    base.classWeights = .balanced
    let options = FineTuneOptions(
      base: base, settings: settings, freezeTo: "stage4", preset: .orientedPart, views: 5,
      mixing: BatchMixing(.mixup, alpha: 0.4), folds: 3, stoppingShare: 0.25)
    let plain = TrainingOptions(features: FeatureOptions())
    var seeded = plain
    seeded.seed = 11
    let recipe = FineTuneRecipe(options, bestEpoch: 3)
    let again = FineTuneOptions(base: seeded, recipe: try Recipe(recipe).decoded(as: FineTuneRecipe.self))
    #expect(again.settings == settings)
    #expect(again.freezeTo == .upTo("stage4") && again.preset == .orientedPart && again.views == 5 && again.folds == 3)
    #expect(again.mixing == options.mixing && again.stoppingShare == 0.25 && again.base.classWeights == .balanced)
    #expect(again.base.folds == 3 && FineTuneRecipe(again, bestEpoch: 3) == recipe)
    let whole = FineTuneOptions(base: plain, freezeTo: .nothing, preset: .none, views: 1)
    let back = FineTuneOptions(base: plain, recipe: FineTuneRecipe(whole))
    #expect(back.freezeTo == .nothing && back.mixing == nil && back.preset == .none)
    #expect(FineTuneRecipe(back) == FineTuneRecipe(whole))
  }
}
