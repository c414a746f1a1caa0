import AssayBackbones
import AssayBase
import AssayBundle
import AssayComparison
import AssayData
import AssayEvaluation
import AssayGraph
import AssayMethods
import AssayMethodsSupport
import AssayRuntime
import AssayTestSupport
import Foundation
import Synchronization
import Testing

@Suite struct ComparisonTests {
  private static let lite0 = "efficientnet-lite0"

  private func options(_ change: (inout ComparisonOptions) -> Void = { _ in }) -> ComparisonOptions {
    var options = ComparisonOptions(
      backbones: [Self.lite0], folds: 4, seed: 3, shots: 4, cache: nil, timingSeconds: 0.05)
    change(&options)
    return options
  }

  /// The linear row is `assay evaluate --folds`; the few-shot row is `assay train --method fewshot` with a fold as test set.
  @Test func figuresAreThoseOfTheOtherCommands() throws {
    let parts = PartsFolder(each: 14)
    defer { try? FileManager.default.removeItem(atPath: parts.bundle) }
    let comparison = try BackboneComparison.run(parts.path, options: options())
    #expect(comparison.failures.isEmpty && comparison.rows.count == 3)
    let linear = try #require(comparison.rows.first { $0.method == .linear })
    let fewShot = try #require(comparison.rows.first { $0.method == .fewshot })
    let training = TrainingOptions(features: FeatureOptions(backbone: Self.lite0, cache: nil), seed: 3)
    let validation = try CrossValidation(parts.path, folds: 4, options: training)
    #expect(linear.predicted == validation.evaluation.predicted && linear.labels == validation.evaluation.labels)
    #expect(linear.metric("accuracy") == validation.evaluation.metric("accuracy"))
    #expect(linear.metric("AUROC") == validation.evaluation.metric("AUROC"))

    let dataset = try DatasetReader.read(parts.path)
    let fold = try Folds.stratified(
      labels: fewShot.labels, groups: dataset.samples.map(\.group),
      keys: dataset.samples.map { ContentHash.of([UInt8](FileManager.default.contents(atPath: $0.path) ?? Data())) },
      folds: 4, seed: 3)
    let lines = dataset.samples.indices.map { index in
      "\(dataset.samples[index].name),\(dataset.samples[index].label ?? ""),\(fold[index] == 1 ? "test" : "train")"
    }
    parts.write("parts.csv", Array((["path,label,split"] + lines).joined(separator: "\n").utf8))
    let trained = try FewShotTrainer.train(
      parts.path + "/parts.csv", output: parts.bundle, options: training, shots: 4)
    #expect(trained.evaluation.basis == "held-out test")
    #expect(
      trained.evaluation.predicted == fold.indices.filter { fold[$0] == 1 }.map { fewShot.predicted[$0] })

    // All score the same parts, and anomaly detection knows the other folds' good parts alone.
    let anomaly = try #require(comparison.rows.first { $0.method == .anomaly })
    #expect(anomaly.isDefect == linear.isDefect && anomaly.isDefect == fewShot.isDefect && anomaly.scores?.count == 28)
    #expect(Set(anomaly.scores ?? []).count == 28 && anomaly.cost != linear.cost)
    let best = try #require(comparison.judgement.best)
    #expect(comparison.criterion == .escape(maximumOverkill: 0.01) && best == 0, "the best first")
    #expect(comparison.table.contains("anomaly") && ComparisonReport.html(comparison).contains("1 % overkill"))

    // One graph was measured for both, and it is the bundle's but for its weights.
    #expect(linear.cost == fewShot.cost && linear.cost.medianMilliseconds > 0)
    let bundle = try ModelBundle(path: parts.bundle).contents(ModelBundle.modelName)
    #expect(abs(bundle.count - linear.cost.bytes) < 2000)
    #expect(linear.cost.parameters * 4 < linear.cost.bytes)
  }

  /// Every finished row is kept; a second run computes only what is missing, and nothing when nothing is.
  @Test func goesOnWhereItWas() throws {
    let parts = PartsFolder(each: 10)
    let kept = parts.path + "/../" + (parts.path as NSString).lastPathComponent + ".partial.json"
    defer { try? FileManager.default.removeItem(atPath: kept) }
    func run(
      _ change: (inout ComparisonOptions) -> Void = { _ in }
    ) throws -> (comparison: Comparison, steps: Set<String>) {
      let steps = Mutex<Set<String>>([])
      let comparison = try BackboneComparison.run(
        parts.path,
        options: options {
          $0.keptAt = kept
          change(&$0)
        }
      ) { progress in
        if progress.notices.isEmpty { steps.withLock { _ = $0.insert(progress.step) } }
      }
      return (comparison, steps.withLock { $0 })
    }
    let first = try run { $0.methods = [.linear] }
    #expect(first.comparison.restoredCount == 0 && first.steps == ["images", "comparing"])
    let second = try run { $0.methods = [.linear, .fewshot] }
    #expect(second.comparison.restoredCount == 1 && second.comparison.rows.count == 2)
    let third = try run { $0.methods = [.linear, .fewshot] }
    #expect(third.comparison.restoredCount == 2 && third.steps == ["images"], "nothing is computed")
    #expect(third.comparison.rows.map(\.predicted) == second.comparison.rows.map(\.predicted))
    #expect(Set(third.comparison.rows.map(\.cost.medianMilliseconds)).count == 1, "timed once")
    #expect(third.comparison.recommendation == second.comparison.recommendation)

    // Another seed, or other images, are another comparison.
    #expect(try run { ($0.seed, $0.methods) = (4, [.linear]) }.comparison.restoredCount == 0)
    parts.write("scratch/new.pgm", Pictures.brushedMetal(seed: 7777, isScratched: true))
    #expect(try run { $0.methods = [.linear] }.comparison.restoredCount == 0)

    // A file that was cut short counts as none.
    let bytes = try #require(FileManager.default.contents(atPath: kept))
    try bytes.prefix(bytes.count / 2).write(to: URL(fileURLWithPath: kept))
    #expect(try run { $0.methods = [.linear] }.comparison.restoredCount == 0)
    BackboneComparison.forget(options { $0.keptAt = kept })
    #expect(!FileManager.default.fileExists(atPath: kept))
  }

  /// Copies stay in one fold, so few-shot has nothing of their class to learn from; the linear row stands.
  @Test func aMethodThatFailsIsNamed() throws {
    let parts = PartsFolder(each: 8)
    let stain = Pictures.brushedMetal(seed: 4242, isScratched: true)
    parts.write("stain/1.pgm", stain)
    parts.write("stain/2.pgm", stain)
    let comparison = try BackboneComparison.run(parts.path, options: options())
    #expect(Set(comparison.rows.map(\.method)) == [.linear, .anomaly])
    #expect(comparison.failures.map(\.method) == [.fewshot] && comparison.failures[0].reason.contains("stain"))
    let html = ComparisonReport.html(comparison)
    #expect(html.hasSuffix("</html>\n") && html.contains("could not be compared") && html.contains("Class stain"))
    #expect(comparison.table.contains("✗") && comparison.table.contains("★"))
  }

  @Test func goodPartsOnly() throws {
    let parts = PartsFolder(each: 0)
    defer { try? FileManager.default.removeItem(atPath: parts.bundle) }
    Miniature.mvtec.write(to: parts.path, count: 14)
    let comparison = try BackboneComparison.run(parts.path, options: options())
    let row = try #require(comparison.rows.first)
    #expect(comparison.rows.count == 1 && row.method == .anomaly)
    let trained = try AnomalyTrainer.train(
      parts.path, output: parts.bundle,
      options: AnomalyOptions(
        features: FeatureOptions(backbone: Self.lite0, cache: nil), split: SplitRule(seed: 3), seed: 3))
    #expect(row.metrics == trained.evaluation?.metrics && row.scores == trained.evaluation?.scores)
    #expect(ComparisonReport.html(comparison).contains("AUROC"))
  }

  /// A finished comparison stays in the cache, and training on the same images cites it; other images have none.
  @Test func trainingCitesIt() throws {
    let parts = PartsFolder(each: 10)
    let cache = FeatureCache(folder: parts.path + "-cache")
    defer { try? FileManager.default.removeItem(atPath: cache.folder) }
    let own = options {
      $0.cache = cache
      $0.methods = [.linear, .fewshot]
    }
    #expect(ComparisonCitation.find(parts.path, own, backbone: Self.lite0, method: .linear) == nil)
    let comparison = try BackboneComparison.run(parts.path, options: own)
    let chosen = comparison.rows[try #require(comparison.judgement.recommended)]
    let cited = try #require(
      ComparisonCitation.find(parts.path, own, backbone: chosen.backbone.name, method: chosen.method))
    #expect(cited.sentence.contains("recommends what was trained here"))
    #expect(cited.own?.value == comparison.criterion.figure(chosen)?.value && cited.rankedBy.contains("1 % overkill"))
    let other = try #require(ComparisonCitation.find(parts.path, own, backbone: "resnet50", method: .linear))
    #expect(other.own == nil && other.sentence.contains("was not compared"))
    parts.write("scratch/new.pgm", Pictures.brushedMetal(seed: 777, isScratched: true))
    #expect(ComparisonCitation.find(parts.path, own, backbone: Self.lite0, method: .linear) == nil)
  }

  /// Another share of good parts and another margin change what is said.
  @Test func overkillAndMarginChangeTheAnswer() throws {
    let parts = PartsFolder(each: 10)
    func run(_ change: (inout ComparisonOptions) -> Void) throws -> Comparison {
      try BackboneComparison.run(
        parts.path,
        options: options {
          $0.methods = [.linear, .anomaly]
          change(&$0)
        })
    }
    let strict = try run { _ in }
    let loose = try run { ($0.maximumOverkill, $0.margin) = (0.5, 0.9) }
    #expect(loose.criterion == .escape(maximumOverkill: 0.5) && strict.criterion != loose.criterion)
    #expect(loose.judgement.tests.compactMap { $0 }.allSatisfy { $0.margin == 0.9 && $0.isNotWorse })
    #expect(strict.judgement.tests.compactMap { $0 }.allSatisfy { !$0.isNotWorse }, "ten defects show nothing")
  }

  @Test func whatCannotBeComparedSaysWhy() throws {
    let parts = PartsFolder(each: 6)
    func failure(_ path: String, _ change: (inout ComparisonOptions) -> Void = { _ in }) -> WorkflowError? {
      do throws(WorkflowError) {
        _ = try BackboneComparison.run(path, options: options(change))
        return nil
      } catch { return error }
    }
    #expect(failure(parts.path + "/nowhere")?.kind == .noInput)
    #expect(failure(parts.path) { $0.backbones = ["alexnet"] }?.kind == .usage)
    #expect(failure(parts.path) { $0.methods = [.finetune] }?.kind == .usage)
    let nameless = PartsFolder(each: 0)
    for index in 0..<6 { nameless.write("a/\(index).pgm", Pictures.brushedMetal(seed: index, isScratched: false)) }
    for index in 0..<6 { nameless.write("b/\(index).pgm", Pictures.brushedMetal(seed: index, isScratched: true)) }
    #expect(failure(nameless.path) { $0.methods = [.linear, .anomaly] }?.description.contains("--good") == true)
    let good = PartsFolder(each: 0)
    for index in 0..<6 { good.write("good/\(index).pgm", Pictures.brushedMetal(seed: index, isScratched: false)) }
    #expect(failure(good.path)?.description.contains("good parts only") == true)
    #expect(failure(good.path + "/good")?.kind == .badData, "no labels")
    let broken = PartsFolder(each: 0)
    broken.write("good/1.pgm", Array("P5 64 64 255\n".utf8))
    broken.write("bad/1.pgm", Array("P5 64 64 255\n".utf8))
    #expect(failure(broken.path)?.description.contains("no backbone could be compared") == true)
  }

  /// In a process of its own, whose catalogue has one sound backbone and one with a damaged file.
  @Test func aBackboneThatFailsIsARow() throws {
    let folder = NSTemporaryDirectory() + "assay-catalogue-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let entries = BackboneCatalogue.entries
    let sound = try #require(entries.first { $0.name == Self.lite0 })
    let damaged = try #require(entries.first { $0.name == "efficientnet-lite1" })
    for entry in [sound, damaged] {
      let target = folder + "/assay" + entry.path.dropFirst(FeatureCache.defaultFolder.count)
      try FileManager.default.createDirectory(
        atPath: (target as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
      if entry.name == sound.name {
        try FileManager.default.createSymbolicLink(atPath: target, withDestinationPath: entry.path)
      } else {
        try Data("damaged".utf8).write(to: URL(fileURLWithPath: target))
      }
    }
    let child = Process()
    child.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    child.arguments = ["--testing-library", "swift-testing", "--filter", "DamagedBackboneChild"]
    child.environment = ProcessInfo.processInfo.environment.merging(
      ["ASSAY_DAMAGED_BACKBONE": "1", "XDG_CACHE_HOME": folder]) { $1 }
    let output = Pipe()
    child.standardOutput = output
    child.standardError = output
    try child.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    child.waitUntilExit()
    #expect(child.terminationStatus == 0 && text.contains("compared with a damaged one"), "\(text.suffix(4000))")
  }
}

@Suite(.enabled(if: ProcessInfo.processInfo.environment["ASSAY_DAMAGED_BACKBONE"] != nil))
struct DamagedBackboneChild {
  @Test func theOthersAreCompared() throws {
    let parts = PartsFolder(each: 8)
    let comparison = try BackboneComparison.run(
      parts.path, options: ComparisonOptions(methods: [.linear], folds: 4, cache: nil, timingSeconds: 0.05))
    #expect(comparison.rows.map(\.backbone.name) == ["efficientnet-lite0"], "lite2 is not installed")
    #expect(comparison.failures.map(\.backbone) == ["efficientnet-lite1"])
    #expect(comparison.failures[0].reason.contains("not the published weights"))
    #expect(comparison.judgement.recommended == 0)
    print("compared with a damaged one")
  }
}
