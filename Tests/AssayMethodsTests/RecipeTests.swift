import AssayBase
import AssayBundle
import AssayData
import AssayGraph
import AssayImage
import AssayInspection
import AssayLearning
import AssayMethods
import AssayMethodsSupport
import AssayRuntime
import AssayTestSupport
import AssayTraining
import Foundation
import Testing

/// What a bundle says of its training is enough to train again, whichever version wrote it.
@Suite struct RecipeTests {
  private static let split = SplitShares(SplitRule(validation: 0.1, test: 0.3))
  private static let adam = AdamRecipe(.init(learningRate: 3e-4, batchSize: 7, epochs: 9, weightDecay: 0.25))

  private func passes<Settings: MethodRecipe>(_ settings: Settings) throws -> Recipe {
    let recipe = try Recipe(settings)
    let read = try JSONDecoder().decode(Recipe.self, from: JSONEncoder().encode(recipe))
    #expect(try read == recipe && read.decoded(as: Settings.self) == settings)
    return recipe
  }

  @Test func everyRecipeSurvives() throws {
    let split = Self.split
    for solver: LinearRecipe.Solver in [.lbfgs(inversePenalty: 0.01, folds: 4), .adam(Self.adam, bestEpoch: 5)] {
      _ = try passes(LinearRecipe(solver, classWeights: .balanced, split: split))
    }
    for solver: MultiLabelRecipe.Solver in [
      .lbfgs(inversePenalties: ["largeDent": 0.1, "a: b, c": 1], folds: 4), .adam(Self.adam, bestEpochs: ["crack": 5]),
    ] {
      _ = try passes(MultiLabelRecipe(solver, classWeights: .balanced, split: split))
    }
    for method in FewShotClassifier.candidates {
      _ = try passes(
        FewShotRecipe(classifier: method, chosenBy: .crossValidation, images: 33, shots: nil, split: split))
    }
    for detector: AnomalyRecipe.Detector in [
      .patchCore(memoryRows: 26, patches: 256, coreset: nil), .patchCore(memoryRows: 26, patches: 256, coreset: 0.25),
      .paDiM(features: 100, available: 272), .subspace(components: 12, available: 272, explained: 0.951),
    ] {
      _ = try passes(AnomalyRecipe(detector, isTurned: true, isTrimmed: true, shots: 8, split: split))
    }
    let share = TaskShare(.uncertainty, weight: 1.25)
    _ = try passes(
      SharedLayerRecipe(
        .init(width: 64, learningRate: 1e-3, batchSize: 8, epochs: 20, weightDecay: 0.5), bestEpoch: 3, task: share,
        split: split))
    var options = FineTuneOptions(base: TrainingOptions(), freezeTo: "stage4")
    options.mixing = BatchMixing(.mixup, alpha: 0.4)
    for task in [nil, share] { _ = try passes(FineTuneRecipe(options, bestEpoch: 2, task: task)) }
    _ = try passes(FineTuneRecipe(FineTuneOptions(base: TrainingOptions(), freezeTo: .nothing)))
  }

  /// Numbers are numbers, switches booleans, options their names; keys as in the rest of the document.
  @Test func asItIsWritten() throws {
    func text(_ settings: some MethodRecipe) throws -> String {
      let encoder = JSONEncoder()
      encoder.outputFormatting = .sortedKeys
      return String(decoding: try encoder.encode(Recipe(settings)), as: UTF8.self)
    }
    let split = Self.split
    #expect(
      try text(LinearRecipe(.lbfgs(inversePenalty: 0.5, folds: 5), classWeights: .none, split: split)) == """
        {"classWeights":"none","folds":5,"inversePenalty":0.5,"optimizer":"lbfgs","split":{"test":0.3,"validation":0.1}}
        """)
    #expect(
      try text(
        AnomalyRecipe(
          .patchCore(memoryRows: 26, patches: 256, coreset: nil), isTurned: true, isTrimmed: false, shots: nil,
          split: split)) == """
          {"coreset":null,"detector":"patchcore","memoryRows":26,"patches":256,"shots":null,\
          "split":{"test":0.3,"validation":0.1},"trimmed":false,"turnedAndMirrored":true}
          """)
    var options = FineTuneOptions(base: TrainingOptions(), freezeTo: "stage4")
    options.mixing = BatchMixing(.mixup, alpha: 0.5)
    options.settings.isBalanced = true
    let tuned = try text(FineTuneRecipe(options, bestEpoch: 2))
    for part in [
      "\"balancedSampling\":true", "\"frozenUpTo\":\"stage4\"", "\"epochs\":12", "\"optimizer\":\"adamw\"",
      "\"mixing\":{\"alpha\":0.5,\"method\":\"mixup\"}", "\"augmentation\":\"surface\"", "\"stoppingShare\":0.1",
    ] { #expect(tuned.contains(part), "\(tuned)") }
    #expect(
      try text(FineTuneRecipe(FineTuneOptions(base: TrainingOptions(), freezeTo: .nothing))).contains(
        "\"frozenUpTo\":null"))
  }

  @Test func wordsForPeople() throws {
    let split = Self.split
    #expect(
      try Recipe(LinearRecipe(.adam(Self.adam, bestEpoch: 5), classWeights: .balanced, split: split)).words
        == "batch size 7; best epoch 5; class weights balanced; epochs 9; learning rate 0.0003; optimizer adam; "
        + "split test 0.3, validation 0.1; weight decay 0.25")
    #expect(
      try Recipe(
        MultiLabelRecipe(
          .lbfgs(inversePenalties: ["largeDent": 0.1, "crack": 2.5], folds: 5), classWeights: .none, split: split)
      ).words.contains("inverse penalties crack 2.5, largeDent 0.1; optimizer lbfgs"), "classes keep their names")
    #expect(
      try Recipe(
        AnomalyRecipe(
          .patchCore(memoryRows: 26, patches: 256, coreset: nil), isTurned: true, isTrimmed: false, shots: nil,
          split: split)
      ).words.hasPrefix("coreset none; detector patchcore; memory rows 26; patches 256; shots none;"))
    // Of an earlier version, as it printed them.
    #expect(
      Recipe(solver: ["penalty": "L2, C = 1.0", "optimizer": "lbfgs"]).words == "optimizer lbfgs; penalty L2, C = 1.0")
  }

  // MARK: Schema 1, from the dictionaries that its version wrote.

  private func read<Settings: MethodRecipe>(_ solver: [String: String], as type: Settings.Type) throws -> Settings {
    try Recipe(solver: solver).decoded(as: type)
  }

  @Test func earlierLinearHeads() throws {
    let usual = SplitShares()
    #expect(usual.validation == 0.15 && usual.test == 0.2)
    let lbfgs = ["class weights": "balanced", "folds": "4", "optimizer": "lbfgs", "penalty": "L2, C = 0.01"]
    #expect(
      try read(lbfgs, as: LinearRecipe.self)
        == LinearRecipe(.lbfgs(inversePenalty: 0.01, folds: 4), classWeights: .balanced, split: usual))
    // Of levels and values.
    #expect(
      try read(["folds": "5", "optimizer": "lbfgs", "penalty": "L2, C = 0.1"], as: LinearRecipe.self)
        == LinearRecipe(.lbfgs(inversePenalty: 0.1, folds: 5), classWeights: .none, split: usual))
    let adam = [
      "optimizer": "adam", "learning rate": "0.0003", "batch size": "7", "epochs": "9", "best epoch": "5",
      "weight decay": "0.25", "class weights": "none",
    ]
    #expect(
      try read(adam, as: LinearRecipe.self)
        == LinearRecipe(.adam(Self.adam, bestEpoch: 5), classWeights: .none, split: usual))
    #expect(
      try read(
        [
          "class weights": "none", "folds": "5", "optimizer": "lbfgs",
          "penalty": "1: L2, C = 1.0, a: b, c: L2, C = 1e-05",
        ],
        as: MultiLabelRecipe.self)
        == MultiLabelRecipe(
          .lbfgs(inversePenalties: ["1": 1, "a: b, c": 1e-5], folds: 5), classWeights: .none, split: usual))
    var several = adam
    several["penalty"] = "crack: none, dent: none"
    #expect(
      try read(several, as: MultiLabelRecipe.self)
        == MultiLabelRecipe(.adam(Self.adam, bestEpochs: [:]), classWeights: .none, split: usual))
  }

  @Test func earlierFewShots() throws {
    for method in FewShotClassifier.candidates {
      let found = try read(
        ["chosen by": "leave-one-out", "classifier": method.description, "images": "16"], as: FewShotRecipe.self)
      #expect(
        found
          == FewShotRecipe(
            classifier: method, chosenBy: .leaveOneOut, images: 16, shots: nil, split: SplitShares()))
      #expect(found.classifier.description == method.description)
    }
    #expect(
      try read(
        ["chosen by": "no image can be left out", "classifier": "discriminant, shrinkage 0.5", "images": "2"],
        as: FewShotRecipe.self
      ).chosenBy == .nothing)
  }

  @Test func earlierDetectors() throws {
    func recipe(_ detector: AnomalyRecipe.Detector, isTurned: Bool = false) -> AnomalyRecipe {
      AnomalyRecipe(detector, isTurned: isTurned, isTrimmed: false, shots: nil, split: SplitShares())
    }
    #expect(
      try read(["detector": "patchcore", "memory rows": "26 of 256 patches"], as: AnomalyRecipe.self)
        == recipe(.patchCore(memoryRows: 26, patches: 256, coreset: nil)))
    #expect(
      try read(
        [
          "detector": "patchcore", "memory rows": "26 of 256 patches", "augmentation": "turned and mirrored, 8 views",
        ], as: AnomalyRecipe.self) == recipe(.patchCore(memoryRows: 26, patches: 256, coreset: nil), isTurned: true))
    #expect(
      try read(["detector": "padim", "features of a patch": "100 of 272"], as: AnomalyRecipe.self)
        == recipe(.paDiM(features: 100, available: 272)))
    #expect(
      try read(
        ["detector": "subspace", "components": "12 of 272", "variance explained": "75.00 %"], as: AnomalyRecipe.self)
        == recipe(.subspace(components: 12, available: 272, explained: 0.75)))
  }

  @Test func earlierTasks() throws {
    let words = [
      "optimizer": "adamw", "shared width": "64", "learning rate": "0.001", "batch size": "8", "epochs": "20",
      "best epoch": "3", "weight decay": "0.5", "task weights": "learned", "weight": "1.25",
    ]
    #expect(
      try read(words, as: SharedLayerRecipe.self)
        == SharedLayerRecipe(
          .init(width: 64, learningRate: 1e-3, batchSize: 8, epochs: 20, weightDecay: 0.5), bestEpoch: 3,
          task: TaskShare(.uncertainty, weight: 1.25), split: SplitShares()))
  }

  private static let tuned = [
    "augmentation": "oriented-part", "averaging": "0.99", "balanced sampling": "yes", "batch size": "8",
    "batch statistics": "yes", "best epoch": "3", "class weights": "balanced", "clipping": "4.0",
    "depth factor": "0.25", "dropout": "0.3", "epochs": "6", "folds": "3", "frozen up to": "stage4",
    "head factor": "0.04", "label smoothing": "0.1", "learning rate": "0.0123", "mixing": "mixup 0.4",
    "momentum": "0.8", "optimizer": "sgd", "patience": "2", "stochastic depth": "0.2", "stopping fraction": "0.25",
    "views": "5", "warm-up": "0.5", "weight decay": "0.02",
  ]

  @Test func earlierFineTuning() throws {
    let recipe = try read(Self.tuned, as: FineTuneRecipe.self)
    #expect(recipe.optimizer == .sgd && recipe.learningRate == 0.0123 && recipe.headFactor == 0.04)
    #expect(recipe.depthFactor == 0.25 && recipe.momentum == 0.8 && recipe.weightDecay == 0.02)
    #expect(recipe.batchSize == 8 && recipe.epochs == 6 && recipe.warmUp == 0.5 && recipe.labelSmoothing == 0.1)
    #expect(recipe.clipping == 4 && recipe.averaging == 0.99 && recipe.patience == 2 && recipe.balancedSampling)
    #expect(recipe.dropout == 0.3 && recipe.stochasticDepth == 0.2 && recipe.batchStatistics)
    #expect(recipe.frozenUpTo == "stage4" && recipe.augmentation == .orientedPart && recipe.views == 5)
    #expect(
      recipe.mixing?.method == .mixup && recipe.mixing?.alpha == 0.4 && recipe.folds == 3
        && recipe.stoppingShare == 0.25)
    #expect(recipe.classWeights == .balanced && recipe.bestEpoch == 3 && recipe.task == nil)
    var several = Self.tuned
    (several["task weights"], several["weight"]) = ("fixed", "0.5")
    #expect(try read(several, as: FineTuneRecipe.self).task == TaskShare(.fixed([0.5]), weight: 0.5))
    (several["mixing"], several["frozen up to"]) = ("none", "nothing")
    let whole = try read(several, as: FineTuneRecipe.self)
    #expect(whole.mixing == nil && whole.frozenUpTo == nil)
  }

  /// The first version that fine-tuned wrote eleven of its settings; the others were what `assay train` had by itself.
  @Test func firstFineTuning() throws {
    let words = [
      "optimizer": "adamw", "learning rate": "0.0002", "batch size": "16", "epochs": "9", "best epoch": "4",
      "weight decay": "0.02", "frozen up to": "stage3", "augmentation": "none", "averaging": "0.9",
      "label smoothing": "0.05", "class weights": "none",
    ]
    let recipe = try read(words, as: FineTuneRecipe.self)
    #expect(recipe.learningRate == 2e-4 && recipe.averaging == 0.9 && recipe.frozenUpTo == "stage3")
    #expect(recipe.headFactor == 0.03 && recipe.depthFactor == 0.5 && recipe.warmUp == 1 && recipe.clipping == 5)
    #expect(recipe.patience == 5 && recipe.folds == 5 && recipe.stoppingShare == 0.1)
    #expect(!recipe.balancedSampling && !recipe.batchStatistics && recipe.mixing == nil)
    #expect(recipe.views == 1, "one of images that stay as they are")
    #expect(try read(words.merging(["augmentation": "surface"]) { $1 }, as: FineTuneRecipe.self).views == 8)
  }

  /// Words that are there and make no sense are never passed over.
  @Test func earlierWordsThatMakeNoSense() throws {
    func refused(_ name: String, _ value: String) -> Bool {
      do {
        _ = try read(Self.tuned.merging([name: value]) { $1 }, as: FineTuneRecipe.self)
        return false
      } catch {
        return true
      }
    }
    for (name, value) in Self.tuned where name != "frozen up to" {
      #expect(refused(name, "\(value)?"), "\(name)")
      #expect(refused(name, "nan"), "\(name)")
    }
    for (name, value) in [("epochs", "0"), ("mixing", "mixup -1"), ("learning rate", "-1"), ("views", "0")] {
      #expect(refused(name, value), "\(name)")
    }
    for words in [
      ["detector": "patchcore", "memory rows": "9 of 8 patches"], ["detector": "patchcore", "memory rows": "many"],
      ["detector": "fastflow"], [:],
    ] { #expect(throws: ManifestFault.self) { try read(words, as: AnomalyRecipe.self) } }
    for words in [["optimizer": "lbfgs", "penalty": "L1, C = 1"], ["optimizer": "lbfgs"], ["optimizer": "newton"]] {
      #expect(throws: ManifestFault.self) { try read(words, as: LinearRecipe.self) }
      #expect(throws: ManifestFault.self) { try read(words, as: MultiLabelRecipe.self) }
    }
  }

  // MARK: Bundles

  /// Everything that a bundle was trained with is found again from the bundle.
  @Test func trainingIsFoundAgain() throws {
    let parts = PartsFolder(each: 24)
    defer { try? FileManager.default.removeItem(atPath: parts.bundle) }
    let options = parts.options {
      $0.features.policy = .letterbox
      $0.features.filter = .bicubic
      $0.features.taps = ["stage3.expanded", "stage4.expanded"]
      $0.features.statistics = [.mean]
      $0.classWeights = .balanced
      $0.folds = 3
      $0.thresholdRule = .maximumOverkill(0.25)
      $0.split = SplitRule(validation: 0.1, test: 0.25)
      $0.seed = 5
    }
    let first = try Trainer.train(parts.path, output: parts.bundle, options: options)
    let bundle = try ModelBundle(path: parts.bundle)
    let training = try BundleTraining(of: bundle, cache: nil, commandLine: "again")
    guard case .linear(let again) = training else {
      Issue.record("\(training)")
      return
    }
    #expect(again.features.policy == .letterbox && again.features.filter == .bicubic)
    #expect(again.features.taps == options.features.taps && again.features.statistics == [.mean])
    #expect(again.features.inputSize == 96 && again.features.backbone == options.features.backbone)
    #expect(again.classWeights == .balanced && again.folds == 3 && again.solver == .lbfgs && again.seed == 5)
    #expect(again.thresholdRule == .maximumOverkill(0.25) && again.goodClass == "good" && !again.usesMasks)
    #expect(again.split == SplitRule(seed: 5, validation: 0.1, test: 0.25) && again.commandLine == "again")
    let second = try Trainer.train(parts.path, output: parts.bundle, options: again)
    #expect(second.manifest.files[ModelBundle.modelName] == first.manifest.files[ModelBundle.modelName])

    // A number set by hand is no rule: the one before it counts.
    var setting = ThresholdSetting(try ModelBundle(path: parts.bundle), .tester)
    try setting.set(0.75)
    try setting.set(0.8)
    #expect(ThresholdRule(of: setting.bundle.manifest) == .maximumOverkill(0.25))
  }

  /// A recipe that is not understood is told by name and never guessed at; the bundle inspects as ever.
  @Test func recipesThatAreNotUnderstood() throws {
    let parts = PartsFolder(each: 4)
    defer { try? FileManager.default.removeItem(atPath: parts.bundle) }
    _ = try FewShotTrainer.train(parts.path, output: parts.bundle, options: parts.options(), shots: nil)
    var bundle = try ModelBundle(path: parts.bundle)
    let recipe = try Recipe(["classifier": "oracle"])
    try bundle.replaceManifest { $0.training.recipe = recipe }
    parts.write("new.pgm", Pictures.brushedMetal(seed: 77, isScratched: true))
    for action in [
      { try FewShotTeaching.add(bundle: parts.bundle, images: [parts.path + "/new.pgm"], class: "dent", cache: nil) },
      { try FewShotTeaching.forget(bundle: parts.bundle, images: [parts.path + "/good/1.pgm"], cache: nil) },
    ] {
      let error = #expect(throws: WorkflowError.self) { try action() }
      #expect(error?.kind == .badData && error?.description.contains("training.recipe.classifier is oracle") == true)
      #expect(error?.description.contains(parts.bundle) == true && error?.description.contains("assay train") == true)
    }
    #expect(try ModelBundle(path: parts.bundle).identity == bundle.identity)
    try bundle.replaceManifest { $0.training.method = .linear }
    let error = #expect(throws: WorkflowError.self) { try BundleTraining(of: bundle, cache: nil, commandLine: "") }
    #expect(error?.description.contains("training.recipe.optimizer is missing") == true)
    let inspection = try Inspector(path: parts.bundle, mode: .latency).makeSession().inspect(parts.path + "/new.pgm")
    #expect(inspection.inspection.class == "scratch")
  }

  /// Where training turned and mirrored its images, so does teaching: a part is known from every side.
  @Test func taughtPartsAreTurnedWhereOthersWere() throws {
    let parts = PartsFolder(each: 12)
    defer { try? FileManager.default.removeItem(atPath: parts.bundle) }
    _ = try AnomalyTrainer.train(
      parts.path, output: parts.bundle,
      options: AnomalyOptions(
        features: FeatureOptions(inputSize: 96, cache: nil), isAugmenting: true,
        split: SplitRule(validation: 0, test: 0)))
    var bundle = try ModelBundle(path: parts.bundle)
    let recipe = try bundle.manifest.training.recipe.decoded(as: AnomalyRecipe.self)
    guard case .patchCore(let rows, let patches, nil) = recipe.detector else {
      Issue.record("\(recipe)")
      return
    }
    #expect(recipe.isTurned && patches == 12 * 8 * 12 * 12 && rows == bundle.manifest.anomaly?.memoryRows)
    let scratch = parts.path + "/scratch/0.pgm"
    func added() throws -> Int {
      let result = try MemoryTeaching.add(bundle: parts.bundle, images: [scratch])
      return result.rowsAfter - result.rowsBefore
    }
    let copy = parts.bundle + ".copy"
    try FileManager.default.copyItem(atPath: parts.bundle, toPath: copy)
    let turned = try added()
    try FileManager.default.removeItem(atPath: parts.bundle)
    try FileManager.default.moveItem(atPath: copy, toPath: parts.bundle)
    var upright = recipe
    upright.isTurned = false
    bundle = try ModelBundle(path: parts.bundle)
    let plain = try Recipe(upright)
    try bundle.replaceManifest { $0.training.recipe = plain }
    #expect(try added() < turned)
  }
}
