import AssayImage
import AssayMethodsSupport
import AssayRuntime
import AssayTestSupport
import AssayTraining
import AssayWorkflows
import Foundation
import Synchronization
import Testing

/// A picture that goes or changes after it was first read ends the work with its name: what is computed of it belongs to nothing that
/// was decided before.
@Suite(.serialized) struct ChangingPicturesTests {
  /// Changes or removes a picture when a step is reported for the first time.
  private final class Change: Sendable {
    private let isDone = Mutex(false)
    private let step: String
    private let path: String
    private let bytes: [UInt8]?

    init(of path: String, at step: String, to bytes: [UInt8]?) {
      (self.path, self.step, self.bytes) = (path, step, bytes)
    }

    var handler: ProgressHandler {
      { progress in
        guard progress.step == self.step, progress.notices.isEmpty else { return }
        self.isDone.withLock { isDone in
          guard !isDone else { return }
          isDone = true
          if let bytes = self.bytes {
            try! Data(bytes).write(to: URL(fileURLWithPath: self.path))
          } else {
            try! FileManager.default.removeItem(atPath: self.path)
          }
        }
      }
    }
  }

  private static let other = Pictures.brushedMetal(seed: 4_711, isScratched: true)

  private func expect(_ error: WorkflowError?, names path: String, isGone: Bool) {
    #expect(error?.description.contains(path) == true, "\(error?.description ?? "no error")")
    #expect(
      error?.description.contains(isGone ? "it was read before" : "it has changed since it was first read") == true)
  }

  /// The same data set is trained again afterwards, with the cache that the first run left.
  @Test(arguments: [false, true])
  func fineTuning(isGone: Bool) throws {
    let parts = PartsFolder(each: 12)
    let cache = parts.path + "-cache"
    defer {
      for path in [cache, parts.bundle, parts.bundle + ".training"] {
        try? FileManager.default.removeItem(atPath: path)
      }
    }
    var options = FineTuneOptions(base: parts.options { $0.features.cache = FeatureCache(folder: cache) })
    options.settings.epochs = 1
    options.freezeTo = "stage5"
    options.views = 1
    options.folds = 2
    let path = parts.path + "/good/3.pgm"
    let change = Change(of: path, at: "head", to: isGone ? nil : Self.other)
    let error = #expect(throws: WorkflowError.self) {
      try FineTuneTrainer.train(parts.path, output: parts.bundle, options: options, progress: change.handler)
    }
    expect(error, names: path, isGone: isGone)
    #expect(!FileManager.default.fileExists(atPath: parts.bundle))
  }

  /// Of the images to learn from before their patches are computed, of those to test on before they are tested.
  @Test(arguments: ["patches", "memory"], [false, true])
  func anomalies(step: String, isGone: Bool) throws {
    let parts = PartsFolder(each: 0)
    defer { try? FileManager.default.removeItem(atPath: parts.bundle) }
    for index in 0..<12 {
      parts.write("train/good/\(index).pgm", Pictures.brushedMetal(seed: index, isScratched: false))
    }
    for index in 0..<3 {
      parts.write("test/scratch/\(index).pgm", Pictures.brushedMetal(seed: 900 + index, isScratched: true))
      parts.write("test/good/\(index).pgm", Pictures.brushedMetal(seed: 800 + index, isScratched: false))
    }
    let path = parts.path + (step == "patches" ? "/train/good/5.pgm" : "/test/scratch/1.pgm")
    let change = Change(of: path, at: step, to: isGone ? nil : Self.other)
    let error = #expect(throws: WorkflowError.self) {
      try AnomalyTrainer.train(
        parts.path, output: parts.bundle, options: AnomalyOptions(features: FeatureOptions(inputSize: 96, cache: nil)),
        progress: change.handler)
    }
    expect(error, names: path, isGone: isGone)
  }

  /// The linear head looks at pictures again for its map and its gallery.
  @Test func theEvidenceMap() throws {
    let parts = PartsFolder(each: 10)
    defer { try? FileManager.default.removeItem(atPath: parts.bundle) }
    let paths = (0..<10).map { parts.path + "/good/\($0).pgm" }
    // All good ones, since some are drawn.
    let isDone = Mutex(false)
    let error = #expect(throws: WorkflowError.self) {
      try Trainer.train(parts.path, output: parts.bundle, options: parts.options()) { progress in
        guard progress.step == "report" else { return }
        isDone.withLock { isDone in
          if !isDone { for path in paths { unlink(path) } }
          isDone = true
        }
      }
    }
    #expect(error?.description.contains("it was read before") == true, "\(error?.description ?? "")")
    #expect(error?.kind == .noInput)
  }

  @Test func aComparison() throws {
    let parts = PartsFolder(each: 6)
    let path = parts.path + "/scratch/2.pgm"
    let change = Change(of: path, at: "images", to: Self.other)
    let error = #expect(throws: WorkflowError.self) {
      // The change comes with the first picture hashed: one worker may read this one before or after, so all are hashed first.
      _ = try BackboneComparison.run(
        parts.path,
        options: ComparisonOptions(
          backbones: ["efficientnet-lite0"], methods: [.linear], folds: 3, cache: nil, timingSeconds: 0.05)
      ) { progress in if progress.done == progress.total { change.handler(progress) } }
    }
    expect(error, names: path, isGone: false)
  }
}
