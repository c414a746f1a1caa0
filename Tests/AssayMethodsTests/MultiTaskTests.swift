import AssayBase
import AssayBundle
import AssayData
import AssayEvaluation
import AssayGraph
import AssayInspection
import AssayLearning
import AssayMethods
import AssayMethodsSupport
import AssayRuntime
import AssayTraining
import Foundation
import Synchronization
import Testing

/// Parts with a scratch or none, of two lines (light and dark metal), with a scratch of some length: three tasks, and
/// targets missing here and there.
final class TaskFolder {
  let path = NSTemporaryDirectory() + "assay-tasks-" + UUID().uuidString

  init(_ count: Int, first: Int = 0, header: String = "path,label:defect,label:line,level:grade,score:length") {
    var csv = header + "\n"
    for index in first..<first + count {
      let isDark = index % 3 == 0
      let length = index % 2 == 0 ? 0 : 8 + (index * 7) % 48
      write("\(index).pgm", Self.part(seed: index, isDark: isDark, length: length))
      let fields: [String: String] = [
        "path": "\(index).pgm", "label:defect": index % 7 == 3 ? "" : length == 0 ? "good" : "scratch",
        "label:line": index % 5 == 4 ? "" : isDark ? "dark" : "light",
        "level:grade": index % 6 == 5 ? "" : length == 0 ? "1" : length < 30 ? "2" : "4",
        "score:length": index % 4 == 2 ? "" : "\(length)",
      ]
      csv += header.split(separator: ",").map { fields[String($0)] ?? "" }.joined(separator: ",") + "\n"
    }
    write("parts.csv", Array(csv.utf8))
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  var csv: String { path + "/parts.csv" }
  var bundle: String { path + ".assay" }

  func write(_ name: String, _ bytes: [UInt8]) {
    try! FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    try! Data(bytes).write(to: URL(fileURLWithPath: path + "/" + name))
  }

  static func part(seed: Int, isDark: Bool, length: Int) -> [UInt8] {
    var generator = SplitMix64(seed: UInt64(seed) &+ 77)
    var pixels = [UInt8](repeating: 0, count: 64 * 64)
    for y in 0..<64 {
      for x in 0..<64 {
        var value = (isDark ? 90 : 170) + Int.random(in: -10...10, using: &generator)
        if abs(x - 20 - seed % 20) <= 1, y >= 4, y < 4 + length { value -= 80 }
        pixels[y * 64 + x] = UInt8(max(0, min(255, value)))
      }
    }
    return Array("P5 64 64 255\n".utf8) + pixels
  }

  func options(_ change: (inout MultiTaskOptions) -> Void = { _ in }) -> MultiTaskOptions {
    var options = MultiTaskOptions(
      base: TrainingOptions(
        features: FeatureOptions(inputSize: 96, taps: ["stage3.expanded", "stage4.expanded"], cache: nil)))
    change(&options)
    return options
  }
}

@Suite struct MultiTaskTests {
  private static let shared = SharedRepresentation.Settings(
    width: 32, learningRate: 1e-3, batchSize: 16, epochs: 30, weightDecay: 0.1)

  /// Frozen and with a shared layer, fixed and learned weights: CSV to bundle, then inspection and test.
  @Test(arguments: [0, 1, 2])
  func fromManifestToInspector(variant: Int) throws {
    let parts = TaskFolder(96)
    defer { try? FileManager.default.removeItem(atPath: parts.bundle) }
    #expect(MultiTaskTrainer.accepts(parts.csv, tasks: nil))
    let options = parts.options {
      if variant > 0 { $0.shared = Self.shared }
      if variant == 2 { $0.weights = .learned }
    }
    let result = try MultiTaskTrainer.train(parts.csv, output: parts.bundle, options: options)
    let manifest = result.manifest
    #expect(manifest.classes == ["good", "scratch"] && manifest.goodClass == "good" && manifest.threshold != nil)
    // With a shared layer a fifth of the images decides when to stop: they are no less held out than those trained on.
    let stopping = variant == 0 ? 0 : 7
    try HeldOutReference.check(
      parts.bundle, count: try #require(manifest.training.counts["good"]) + stopping, picture: parts.path + "/4.pgm")
    let tasks = try #require(manifest.tasks)
    #expect(tasks.map(\.name) == ["defect", "line", "grade", "length"])
    #expect(tasks.map(\.kind) == [.classification, .classification, .ordinal, .real])
    #expect(tasks[2].levels == [1, 2, 4] && tasks[3].uncertainty?.count ?? 0 > 0)
    #expect(tasks[0].metrics == manifest.metrics && tasks.allSatisfy { !$0.metrics.isEmpty })
    #expect(tasks[1].counts.values.reduce(0, +) < 96, "missing targets are not counted")
    for task in tasks {
      if variant == 0 {
        #expect(try task.recipe.decoded(as: LinearRecipe.self).classWeights == .none)
      } else {
        let recipe = try task.recipe.decoded(as: SharedLayerRecipe.self)
        #expect(recipe.sharedWidth == 32 && recipe.task.weights == (variant == 2 ? .learned : .fixed))
      }
    }
    func value(_ task: String, _ metric: String) -> Double {
      result.evaluations.first { $0.name == task }?.metric(metric)?.value ?? -1
    }
    #expect(value("line", "accuracy") >= 0.9)
    #expect(value("defect", "accuracy") >= 0.8)
    #expect(value("grade", "quadratic weighted kappa") > 0.5 && value("grade", "Spearman correlation") > 0.5)
    #expect(value("length", "R²") > 0.4)
    let report = try String(contentsOfFile: parts.bundle + "/report.html", encoding: .utf8)
    for task in tasks { #expect(report.contains("id=\"task-\(task.name)\"")) }

    // New parts: one bundle answers all.
    let new = TaskFolder(24, first: 1000)
    let station = try Inspector(path: parts.bundle, mode: .latency).makeSession()
    let inspection = try station.inspect(new.path + "/1002.pgm").inspection
    let readings = try #require(inspection.tasks)
    #expect(Set(readings.keys) == ["defect", "line", "grade", "length"])
    #expect(readings["line"]?.class == "dark" && readings["defect"]?.class == inspection.class)
    #expect(readings["defect"]?.probability == inspection.probability)
    #expect(abs((readings["grade"]?.probabilities ?? [:]).values.reduce(0, +) - 1) < 1e-4)
    let expected = (readings["grade"]?.probabilities ?? [:]).reduce(0.0) { $0 + (Double($1.key) ?? 0) * $1.value }
    #expect(abs(expected - (readings["grade"]?.value ?? -1)) < 1e-3)
    let json = try JSONSerialization.jsonObject(with: JSONEncoder().encode(inspection)) as? [String: Any]
    #expect((json?["tasks"] as? [String: Any])?.count == 4)

    let test = try MultiTaskEvaluator.evaluate(bundle: parts.bundle, on: new.csv)
    #expect(test.refused == 0 && test.images == 24 && test.untested.isEmpty)
    #expect(test.evaluations.map(\.count) == [21, 20, 20, 18], "each task is tested on what is known of it")
    #expect(test.primary?.labels.count == 21 && test.report.contains("id=\"task-length\""))
    // Images it was trained on are refused: all of them (heads on frozen features), or all but those set aside.
    if manifest.training.images.count == 96 {
      #expect(throws: WorkflowError.self) { try MultiTaskEvaluator.evaluate(bundle: parts.bundle, on: parts.csv) }
    } else {
      let own = try MultiTaskEvaluator.evaluate(bundle: parts.bundle, on: parts.csv)
      #expect(own.refused == manifest.training.images.count && own.images + own.refused == 96)
    }
    // What knows of one task only still works: the graph's usual outputs are the primary task's.
    let graph = try ONNXModel(
      bytes: ModelBundle(path: parts.bundle).contents(ModelBundle.modelName), source: "model.onnx")
    #expect(Set(graph.outputs.map(\.name)).isSuperset(of: ["logits", "probabilities", "map", "length.value"]))
    #expect(graph.metadata["assay.tasks"]?.contains("\"length\"") == true)
  }

  /// A single task by name is what training on its labels alone gives.
  @Test func oneTaskIsTheUsualTraining() throws {
    let parts = TaskFolder(72)
    defer { try? FileManager.default.removeItem(atPath: parts.bundle) }
    let alone = try MultiTaskTrainer.train(
      parts.csv, output: parts.bundle, options: parts.options { $0.tasks = ["line"] })
    let together = try MultiTaskTrainer.train(parts.csv, output: parts.bundle, options: parts.options())
    #expect(alone.manifest.classes == ["dark", "light"] && alone.manifest.tasks?.count == 1)
    #expect(alone.manifest.threshold == nil && alone.manifest.goodClass == nil)
    #expect(together.evaluations.map(\.name).contains("line"))
  }

  @Test func valuesAlone() throws {
    let parts = TaskFolder(64, header: "path,level:grade,score:length")
    defer { try? FileManager.default.removeItem(atPath: parts.bundle) }
    let result = try MultiTaskTrainer.train(parts.csv, output: parts.bundle, options: parts.options())
    #expect(result.manifest.task == .measurement && result.manifest.classes.isEmpty)
    try HeldOutReference.check(
      parts.bundle, count: result.manifest.training.images.count, picture: parts.path + "/4.pgm")
    let station = try Inspector(path: parts.bundle, mode: .latency).makeSession()
    let found = try station.inspect(parts.path + "/3.pgm")
    #expect(found.inspection.verdict == .measured && found.inspection.tasks?["length"]?.value != nil)
    let reading = try #require(found.inspection.tasks?["length"])
    if let low = reading.low, let high = reading.high, let value = reading.value {
      #expect(low < value && value < high && reading.coverage == 0.95)
    }
    _ = Overlay.draw(found, preprocessing: result.manifest.preprocessing, mapScale: 1)
    #expect(
      try BundleTest.run(bundle: parts.bundle, on: parts.csv, options: .init(allowsTrained: true)).report.isEmpty
        == false)
    #expect(try MultiTaskEvaluator.evaluate(bundle: parts.bundle, on: parts.csv, allowsTrained: true).images == 64)
    #expect(throws: WorkflowError.self) {
      try MultiTaskTrainer.train(
        parts.csv, output: parts.bundle, options: parts.options { $0.base.thresholdRule = .maximumEscape(0.1) })
    }
  }

  @Test func crossValidationUsesTheSameFolds() throws {
    let parts = TaskFolder(80)
    let result = try MultiTaskCrossValidation(parts.csv, folds: 4, options: parts.options())
    #expect(result.evaluations.map(\.name) == ["defect", "line", "grade", "length"])
    #expect(result.evaluations[1].metric("accuracy")?.value ?? 0 >= 0.9 && result.primary != nil)
    let alone = try MultiTaskCrossValidation(parts.csv, folds: 4, options: parts.options { $0.tasks = ["line"] })
    #expect(alone.evaluations[0].metrics.count == result.evaluations[1].metrics.count)
    let shared = try MultiTaskCrossValidation(
      parts.csv, folds: 4, options: parts.options { $0.shared = Self.shared })
    #expect(shared.evaluations.map(\.count) == result.evaluations.map(\.count))
  }

  @Test func whatCannotBeLearnedSaysWhy() {
    let parts = TaskFolder(24)
    func failure(_ options: MultiTaskOptions, _ path: String? = nil) -> WorkflowError? {
      do throws(WorkflowError) {
        _ = try MultiTaskTrainer.train(path ?? parts.csv, output: parts.bundle, options: options)
        return nil
      } catch { return error }
    }
    let weights = failure(parts.options { $0.weights = .fixed(["defect": 2]) })
    #expect(weights?.kind == .usage && weights?.description.contains("--shared-width") == true)
    #expect(failure(parts.options { $0.base.solver = .adam(.init()) })?.kind == .usage)
    let balanced = failure(
      parts.options {
        $0.shared = Self.shared
        $0.base.classWeights = .balanced
      })
    #expect(balanced?.kind == .usage && balanced?.description.contains("--class-weights") == true)
    let unknown = failure(
      parts.options {
        $0.shared = Self.shared
        $0.weights = .fixed(["colour": 2])
      })
    #expect(unknown?.kind == .usage && unknown?.description.contains("defect, line, grade, length") == true)
    #expect(failure(parts.options { $0.tasks = ["colour"] })?.kind == .badData)
    let noValidation = failure(
      parts.options {
        $0.shared = Self.shared
        $0.base.split.validation = 0
      })
    #expect(noValidation?.description.contains("--validation-fraction") == true)
    parts.write("one.csv", Array("path,label:defect,score:length\n0.pgm,good,1\n1.pgm,good,2\n2.pgm,good,3\n".utf8))
    #expect(failure(parts.options(), parts.path + "/one.csv")?.description.contains("only the class good") == true)
  }

  /// Same data and seed: the same graph.
  @Test func sharedTrainingIsRepeatable() throws {
    let parts = TaskFolder(48)
    defer { try? FileManager.default.removeItem(atPath: parts.bundle) }
    let options = parts.options {
      $0.shared = .init(width: 16, learningRate: 1e-3, batchSize: 16, epochs: 5, weightDecay: 0.1)
      $0.weights = .learned
    }
    let first = try MultiTaskTrainer.train(parts.csv, output: parts.bundle, options: options).manifest
    let second = try MultiTaskTrainer.train(parts.csv, output: parts.bundle, options: options).manifest
    #expect(first.files["model.onnx"] == second.files["model.onnx"] && first.tasks == second.tasks)
  }

  private func tuning(
    _ parts: TaskFolder, _ change: (inout FineTuneOptions) -> Void = { _ in }
  ) -> (options: FineTuneOptions, tasks: MultiTaskOptions) {
    let tasks = parts.options { $0.weights = .learned }
    var options = FineTuneOptions(base: tasks.base)
    options.settings.epochs = 2
    options.settings.batchSize = 8
    options.freezeTo = "stage4"
    options.views = 2
    options.folds = 2
    options.isForced = true
    change(&options)
    return (options, tasks)
  }

  /// The trunk trained on four tasks together: the same kind of bundle, each task compared with its probe.
  @Test func fineTunedTrunk() throws {
    let parts = TaskFolder(72)
    defer { try? FileManager.default.removeItem(atPath: parts.bundle) }
    let (options, tasks) = tuning(parts)
    let result = try MultiTaskFineTuner.train(parts.csv, output: parts.bundle, options: options, tasks: tasks)
    #expect(result.isTuned && result.comparisons.map(\.task) == ["defect", "line", "grade", "length"])
    let manifest = result.training.manifest
    #expect(manifest.training.method == .fineTuned && manifest.tasks?.count == 4)
    for (comparison, record) in zip(result.comparisons, manifest.tasks ?? []) {
      #expect(comparison.comparison.images == record.counts.values.reduce(0, +), "every known target was held out once")
      #expect(comparison.comparison.isOfValues == (record.kind == .real))
      let recipe = try record.recipe.decoded(as: FineTuneRecipe.self)
      #expect(recipe.task?.weights == .learned && recipe.frozenUpTo == "stage4" && recipe.views == 2)
    }
    let line = try #require(result.training.evaluations.first { $0.name == "line" })
    #expect(line.metric("accuracy")?.value ?? 0 >= 0.9)
    // What was learned is what the deployed graph says: the same figures on the same images.
    let test = try MultiTaskEvaluator.evaluate(bundle: parts.bundle, on: parts.csv, allowsTrained: true)
    #expect(test.images == 72)
    #expect(test.evaluations[1].metric("accuracy")?.value ?? 0 >= 0.9)
    let report = try String(contentsOfFile: parts.bundle + "/report.html", encoding: .utf8)
    #expect(report.contains("Fine-tuning and the linear probe: length") && report.contains("closer to the truth"))
    #expect(!FileManager.default.fileExists(atPath: parts.bundle + ".training"))
  }

  /// Stopped and started again, the bundle is that of one go; where the probes win they are what is written.
  @Test func fineTuningStopsAndGoesOn() throws {
    let parts = TaskFolder(48)
    defer {
      try? FileManager.default.removeItem(atPath: parts.bundle)
      try? FileManager.default.removeItem(atPath: parts.bundle + ".training")
    }
    let (options, tasks) = tuning(parts) { $0.base.features.inputSize = 64 }
    let whole = try MultiTaskFineTuner.train(parts.csv, output: parts.bundle, options: options, tasks: tasks)
    for stop in [2, 9] {
      let steps = Mutex(0)
      let error = #expect(throws: WorkflowError.self) {
        try MultiTaskFineTuner.train(
          parts.csv, output: parts.bundle, options: options, tasks: tasks,
          isCancelled: {
            steps.withLock {
              $0 += 1
              return $0 == stop
            }
          })
      }
      #expect(error?.kind == .interrupted)
    }
    let again = try MultiTaskFineTuner.train(parts.csv, output: parts.bundle, options: options, tasks: tasks)
    #expect(again.training.manifest.files["model.onnx"] == whole.training.manifest.files["model.onnx"])
    #expect(again.training.manifest.tasks == whole.training.manifest.tasks)

    // A rate at which nothing is learned changes nothing, so the probes are taken: they are simpler.
    let (idle, _) = tuning(parts) {
      $0.settings.learningRate = 1e-12
      $0.isForced = false
    }
    let kept = try MultiTaskFineTuner.train(parts.csv, output: parts.bundle, options: idle, tasks: tasks)
    #expect(!kept.isTuned && kept.training.manifest.training.method == .linear)
    for comparison in kept.comparisons where !comparison.comparison.isOfValues {
      #expect(comparison.comparison.onlyTuned == comparison.comparison.onlyProbe)
    }
  }
}
