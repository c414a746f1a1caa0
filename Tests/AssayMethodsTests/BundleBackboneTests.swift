import AssayBackbones
import AssayBundle
import AssayGraph
import AssayLearning
import AssayMethods
import AssayMethodsSupport
import AssayTestSupport
import AssayTraining
import Foundation
import Testing

/// `--backbone other.assay`
@Suite(.serialized) struct BundleBackboneWorkflowTests {
  /// A fine-tuned bundle of other parts.
  private static let tuned: String = {
    let parts = PartsFolder(each: 16)
    var options = FineTuneOptions(base: parts.options())
    options.settings.epochs = 1
    options.settings.batchSize = 8
    options.freezeTo = "stage5"
    options.views = 1
    options.folds = 2
    options.isForced = true
    let path = NSTemporaryDirectory() + "tuned-\(UUID().uuidString).assay"
    _ = try! FineTuneTrainer.train(parts.path, output: path, options: options)
    return path
  }()

  @Test func everyMethodTakesIt() throws {
    let source = try ModelBundle(path: Self.tuned)
    let backbone = try BundleBackbones.load(Self.tuned)
    let origin = try #require(backbone.description.origin)
    #expect(origin.sha256 == source.identity && origin.training.contains("finetune"))
    #expect(backbone.description.licence == source.manifest.network.backbone.licence)
    #expect(backbone.weightsHash == source.manifest.files["model.onnx"]?.sha256)
    #expect(backbone.inputSize == 96 && backbone.taps.contains { $0.name == "stage3" })

    let parts = PartsFolder(each: 16)
    defer { try? FileManager.default.removeItem(atPath: parts.bundle) }
    func options() -> TrainingOptions { parts.options { $0.features.backbone = Self.tuned } }
    func network() throws -> Manifest.Network { try ModelBundle(path: parts.bundle).manifest.network }
    _ = try Trainer.train(parts.path, output: parts.bundle, options: options())
    #expect(try network().backbone.origin == origin && network().weightsSHA256 == backbone.weightsHash)
    #expect(try String(contentsOfFile: parts.bundle + "/report.html", encoding: .utf8).contains(origin.bundle))
    // The trunk is that of the other bundle: the plain one gives other features.
    #expect(try ModelBundle(path: parts.bundle).manifest.files["source.bin"] != nil)

    var tuning = FineTuneOptions(base: options())
    tuning.settings.epochs = 1
    tuning.settings.batchSize = 8
    tuning.freezeTo = "stage5"
    tuning.views = 1
    tuning.folds = 2
    tuning.isForced = true
    _ = try FineTuneTrainer.train(parts.path, output: parts.bundle, options: tuning)
    #expect(try network().backbone.origin == origin)

    _ = try AnomalyTrainer.train(
      parts.path, output: parts.bundle,
      options: AnomalyOptions(features: FeatureOptions(backbone: Self.tuned, cache: nil)))
    #expect(try network().backbone.origin == origin)
    // A detector's network is the backbone's that it was given.
    #expect(try BundleBackbones.load(parts.bundle).description.origin == origin)
  }

  /// A few-shot bundle has its network in itself: it can be taught when the other bundle is gone.
  @Test func fewShotNeedsTheOtherBundleNoMore() throws {
    let copy = NSTemporaryDirectory() + "copy-\(UUID().uuidString).assay"
    try FileManager.default.copyItem(atPath: Self.tuned, toPath: copy)
    let parts = PartsFolder(each: 5)
    defer { try? FileManager.default.removeItem(atPath: parts.bundle) }
    _ = try FewShotTrainer.train(
      parts.path, output: parts.bundle, options: parts.options { $0.features.backbone = copy }, shots: nil)
    try FileManager.default.removeItem(atPath: copy)
    for seed in [2000, 2001] {
      parts.write("more/\(seed).pgm", Pictures.brushedMetal(seed: seed, isScratched: true))
      let result = try FewShotTeaching.add(
        bundle: parts.bundle, images: [parts.path + "/more/\(seed).pgm"], class: "scratch", cache: nil)
      #expect(result.counts["scratch"] == seed - 1994)
    }
    let origin = try ModelBundle(path: parts.bundle).manifest.network.backbone.origin
    #expect(origin?.bundle.hasPrefix("copy-") == true)
  }

  @Test func aFrozenBundleNamesItsBackbone() throws {
    let parts = PartsFolder(each: 12)
    defer { try? FileManager.default.removeItem(atPath: parts.bundle) }
    _ = try Trainer.train(parts.path, output: parts.bundle, options: parts.options())
    let backbone = try BundleBackbones.load(parts.bundle)
    #expect(backbone.description.name == "efficientnet-lite0" && backbone.description.origin == nil)
    #expect { try BundleBackbones.load(parts.path) } throws: { "\($0)".contains("manifest.json") }
  }
}
