import AssayBundle
import AssayData
import AssayImage
import AssayInspection
import AssayLearning
import AssayMethodsSupport
import AssayRuntime
import AssayTestSupport
import AssayWorkflows
import Foundation
import Synchronization
import Testing

/// What a workflow said of its data sets while it worked.
final class Heard: Sendable {
  private let lines = Mutex<[DataReading.Notice]>([])

  var handler: ProgressHandler { { progress in self.lines.withLock { $0 += progress.notices } } }
  var all: [DataReading.Notice] { lines.withLock { $0 } }
  var warnings: [String] { all.filter(\.isWarning).map(\.text) }

  /// Lines that hold all of these words.
  func count(_ words: String...) -> Int { all.count { line in words.allSatisfy(line.text.contains) } }
}

/// A table of parts of which four cannot be used, each for a reason of its own: an image that is not there, one that the
/// table does not name, one without a label, one that is cut short.
final class FlawedTable {
  let parts: PartsFolder
  let path: String
  private let folder: String
  static let kinds: Set<DataProblem.Kind> = [.imageNotFound, .notAnnotated, .withoutClass, .imageUnreadable]

  init(each count: Int) {
    parts = PartsFolder(each: 0)
    folder = parts.path + "/set"
    path = folder
    var rows = ["path,label"]
    for index in 0..<count {
      for (name, isScratched) in [("good", false), ("scratch", true)] {
        let file = "images/\(name)\(index).pgm"
        parts.write(
          "set/\(file)", Pictures.brushedMetal(seed: (isScratched ? 1000 : 0) + index, isScratched: isScratched))
        rows.append("\(file),\(name)")
      }
    }
    parts.write("set/images/short.pgm", Array("P5 64 64 255\n".utf8))
    parts.write("set/images/stranger.pgm", Pictures.brushedMetal(seed: 500, isScratched: true))
    parts.write("set/images/blank.pgm", Pictures.brushedMetal(seed: 501, isScratched: false))
    rows += ["images/short.pgm,good", "images/gone.pgm,scratch", "images/blank.pgm,"]
    parts.write("set/labels.csv", Array(rows.joined(separator: "\n").utf8))
  }

  func bundle(_ name: String) -> String { "\(parts.path)/\(name).assay" }

  func options(isStrict: Bool = false) -> TrainingOptions {
    TrainingOptions(features: FeatureOptions(inputSize: 96, cache: nil, isStrict: isStrict))
  }

  func report(_ name: String) throws -> String {
    try String(contentsOfFile: bundle(name) + "/report.html", encoding: .utf8)
  }
}

/// Every consumer of data sets counts and names what it leaves out, and with `--strict` leaves out nothing.
@Suite struct LeftOutTests {
  /// What every result says of ``FlawedTable``.
  private func check(_ reading: DataReading, _ heard: Heard, images: Int, _ name: String) {
    #expect(Set(reading.leftOut.map(\.kind)) == FlawedTable.kinds, "\(name)")
    #expect(reading.leftOutImages == 3 && reading.images == images, "\(name)")
    #expect(heard.count("read as", "labels.csv says what the images show") == 1, "\(name): the layout and why, once")
    for word in ["gone.pgm", "stranger.pgm", "short.pgm", "blank.pgm"] {
      #expect(heard.warnings.count { $0.contains(word) } == 1, "\(name) \(word): once for its kind")
    }
  }

  enum Method: String, CaseIterable { case linear, adam, fewShot, multiLabel, anomaly }

  private func train(
    _ method: Method, _ table: FlawedTable, isStrict: Bool, _ heard: Heard
  ) throws(WorkflowError) -> (manifest: Manifest, reading: DataReading) {
    var options = table.options(isStrict: isStrict)
    let output = table.bundle(method.rawValue)
    switch method {
    case .linear:
      let result = try Trainer.train(table.path, output: output, options: options, progress: heard.handler)
      return (result.manifest, result.reading)
    case .adam:
      options.solver = .adam(AdamProbe.Settings(epochs: 2))
      let result = try Trainer.train(table.path, output: output, options: options, progress: heard.handler)
      return (result.manifest, result.reading)
    case .fewShot:
      let result = try FewShotTrainer.train(
        table.path, output: output, options: options, shots: 4, progress: heard.handler)
      return (result.manifest, result.reading)
    case .multiLabel:
      let result = try MultiLabelTrainer.train(table.path, output: output, options: options, progress: heard.handler)
      return (result.manifest, result.reading)
    case .anomaly:
      let result = try AnomalyTrainer.train(
        table.path, output: output, options: AnomalyOptions(features: options.features), progress: heard.handler)
      return (result.manifest, result.reading)
    }
  }

  @Test(arguments: Method.allCases) func training(_ method: Method) throws {
    let table = FlawedTable(each: 12)
    let heard = Heard()
    let (manifest, reading) = try train(method, table, isStrict: false, heard)
    check(reading, heard, images: 24, method.rawValue)
    #expect(
      manifest.training.leftOut
        == ["imageNotFound": 1, "notAnnotated": 1, "withoutClass": 1, "imageUnreadable": 1], "counts by kind")
    #expect(manifest.training.unreadable == 1 && manifest.training.encoding == nil)
    let kept = try ModelBundle(path: table.bundle(method.rawValue)).manifest
    #expect(kept.training == manifest.training, "kept in the bundle")
    let report = try table.report(method.rawValue)
    #expect(report.contains("id=\"reading\"") && report.contains("stranger.pgm") && report.contains("gone.pgm"))

    let strict = Heard()
    let error = #expect(throws: WorkflowError.self) { try train(method, table, isStrict: true, strict) }
    #expect(error?.kind == .badData && error?.description.contains("--strict") == true)
    #expect(strict.warnings.contains { $0.contains("gone.pgm") }, "all of it is said before the error")
  }

  @Test func fineTuningTakesItInTheSameWay() throws {
    let table = FlawedTable(each: 8)
    let heard = Heard()
    let error = #expect(throws: WorkflowError.self) {
      try FineTuneTrainer.train(
        table.path, output: table.bundle("tuned"), options: FineTuneOptions(base: table.options(isStrict: true)),
        progress: heard.handler)
    }
    #expect(error?.kind == .badData && heard.warnings.contains { $0.contains("gone.pgm") })
  }

  @Test func tasks() throws {
    let table = FlawedTable(each: 12)
    let rows = (0..<12).flatMap { ["images/good\($0).pgm,good,\($0)", "images/scratch\($0).pgm,scratch,\($0 + 20)"] }
    table.parts.write(
      "set/labels.csv",
      Array((["path,label:kind,score:depth"] + rows + ["images/gone.pgm,good,1"]).joined(separator: "\n").utf8))
    let heard = Heard()
    let options = MultiTaskOptions(base: table.options())
    let result = try MultiTaskTrainer.train(
      table.path + "/labels.csv", output: table.bundle("tasks"), options: options, progress: heard.handler)
    #expect(result.reading.leftOut.contains { $0.kind == .imageNotFound })
    #expect(result.manifest.training.leftOut?["imageNotFound"] == 1)
    #expect(heard.warnings.contains { $0.contains("gone.pgm") })
    let test = try MultiTaskEvaluator.evaluate(
      bundle: result.path, on: table.path + "/labels.csv", allowsTrained: true, progress: heard.handler)
    #expect(test.reading.leftOut.contains { $0.kind == .imageNotFound })
    let folds = try MultiTaskCrossValidation(table.path + "/labels.csv", folds: 3, options: options)
    #expect(folds.reading.leftOut.contains { $0.kind == .imageNotFound })
  }

  @Test func testing() throws {
    let table = FlawedTable(each: 12)
    for method in [Method.linear, .multiLabel, .anomaly] {
      _ = try train(method, table, isStrict: false, Heard())
      let heard = Heard()
      var options = EvaluationOptions(allowsTrained: true)
      let test = try BundleTest.run(
        bundle: table.bundle(method.rawValue), on: table.path, options: options, progress: heard.handler)
      check(test.reading, heard, images: 24, "test of \(method)")
      #expect(test.report.contains("id=\"reading\"") && test.report.contains("stranger.pgm"))
      options.isStrict = true
      #expect(throws: WorkflowError.self) {
        try BundleTest.run(bundle: table.bundle(method.rawValue), on: table.path, options: options)
      }
    }
    let heard = Heard()
    let folds = try CrossValidation(table.path, folds: 3, options: table.options(), progress: heard.handler)
    check(folds.reading, heard, images: 24, "folds")
    let several = Heard()
    let labels = try MultiLabelCrossValidation(
      table.path, folds: 3, options: table.options(), progress: several.handler)
    check(labels.reading, several, images: 24, "folds of several labels")
    let few = Heard()
    let curve = try FewShotEvaluator.evaluate(
      table.path, options: table.options(), shots: 2, seeds: 1, progress: few.handler)
    check(curve.reading, few, images: 24, "few-shot")
  }

  @Test func thresholdsAdaptationAndTransfer() throws {
    let table = FlawedTable(each: 20)
    _ = try train(.linear, table, isStrict: false, Heard())
    let bundle = table.bundle("linear")
    // Parts that the bundle has not seen, in the same table with the same flaws.
    let other = FlawedTable(each: 20)
    for index in 0..<20 {
      other.parts.write(
        "set/images/good\(index).pgm", Pictures.brushedMetal(seed: 3000 + index, isScratched: false))
      other.parts.write(
        "set/images/scratch\(index).pgm", Pictures.brushedMetal(seed: 4000 + index, isScratched: true))
    }
    let heard = Heard()
    let check = try ThresholdChange.check(
      bundle: bundle, rate: 0.2, data: other.path, splits: 2, progress: heard.handler)
    // The blank one is not taken for a good part.
    #expect(check.parts == 20)
    self.check(try #require(check.reading), heard, images: 40, "threshold --check")
    let error = #expect(throws: WorkflowError.self) {
      try ThresholdChange.run(
        bundle: bundle, rule: .maximumOverkill(0.2), data: other.path, reading: PartsReading(isStrict: true),
        author: .tester)
    }
    #expect(error?.kind == .badData)
    let changed = Heard()
    let change = try ThresholdChange.run(
      bundle: bundle, rule: .maximumOverkill(0.2), data: other.path, author: .tester, progress: changed.handler)
    self.check(try #require(change.reading), changed, images: 40, "threshold")

    let lines = Heard()
    let transfer = try TransferEvaluator.evaluate(
      bundle: bundle, source: table.path, targets: [other.path], allowsTrained: true, cache: nil,
      progress: lines.handler)
    #expect(transfer.readings.count == 2 && transfer.readings.allSatisfy { $0.leftOutImages == 3 })
    #expect(lines.warnings.count { $0.contains("gone.pgm") } == 2, "source and target, each once")
    #expect(TransferReport.html(transfer, commandLine: "").contains("id=\"reading\""))

    let adapting = Heard()
    let adapted = try Adapter.adapt(
      bundle: bundle, images: [other.path + "/images"], output: table.bundle("adapted"),
      options: AdaptationOptions(labelled: table.path, isForced: true, cache: nil), progress: adapting.handler)
    #expect(adapted.readings.count == 2)
    #expect(adapting.warnings.contains { $0.contains("gone.pgm") })
    #expect(throws: WorkflowError.self) {
      try Adapter.adapt(
        bundle: bundle, images: [other.path + "/images"], output: table.bundle("adapted2"),
        options: AdaptationOptions(labelled: table.path, isStrict: true, cache: nil))
    }
  }

  @Test func comparing() throws {
    let table = FlawedTable(each: 12)
    let heard = Heard()
    let comparison = try BackboneComparison.run(
      table.path,
      options: ComparisonOptions(
        backbones: ["efficientnet-lite0"], methods: [.linear], folds: 3, cache: nil, timingSeconds: 0.05),
      progress: heard.handler)
    check(comparison.reading, heard, images: 24, "compare")
    #expect(ComparisonDocument(comparison).reading == comparison.reading)
    #expect(ComparisonReport.html(comparison).contains("stranger.pgm"))
  }

  @Test func teachingNamesWhatItDoesNotTake() throws {
    let table = FlawedTable(each: 6)
    _ = try train(.anomaly, table, isStrict: false, Heard())
    table.parts.write("new/good.pgm", Pictures.brushedMetal(seed: 7000, isScratched: false))
    table.parts.write("new/photo.heic", Array("no picture".utf8))
    let result = try MemoryTeaching.add(bundle: table.bundle("anomaly"), images: [table.parts.path + "/new"])
    #expect(result.images.count == 1 && result.notes.contains { $0.contains("photo.heic") })
  }

  /// A line of text stays one line whatever a file is called.
  @Test func namesWithLineFeedsStayOnOneLine() {
    let notice = DataReading.Notice("a\npart-1.png: GOOD\u{1B}[2J", isWarning: true)
    #expect(notice.text == "a\\x0Apart-1.png: GOOD\\x1B[2J")
  }
}

/// Where no class is known to be good, and where the format says what is.
@Suite struct GoodPartsTests {
  private func numbers(_ count: Int) -> PartsFolder {
    let parts = PartsFolder(each: 0)
    for index in 0..<count {
      parts.write("set/0/\(index).pgm", Pictures.brushedMetal(seed: index, isScratched: false))
      parts.write("set/1/\(index).pgm", Pictures.brushedMetal(seed: 1000 + index, isScratched: true))
    }
    return parts
  }

  @Test func noGoodClassIsSaidWithWhatFollows() throws {
    let parts = numbers(12)
    let heard = Heard()
    let result = try Trainer.train(
      parts.path + "/set", output: parts.path + "/a.assay", options: parts.options(), progress: heard.handler)
    #expect(result.manifest.goodClass == nil)
    let said = try #require(heard.warnings.first { $0.contains("no class is known to be good") })
    #expect(said.contains("numbers"), "why")
    #expect(said.contains("--fail-on-defect") && said.contains("unsure/"), "what follows")
    #expect(said.contains("--good"), "what to do")
    let report = try String(contentsOfFile: parts.path + "/a.assay/report.html", encoding: .utf8)
    #expect(report.contains("no class is known to be good"))
    // As it says: a class and no verdict.
    let answer = try Inspector(path: parts.path + "/a.assay", mode: .latency).makeSession()
      .inspect(parts.path + "/set/1/0.pgm").inspection
    #expect(answer.verdict == .classified)

    let several = Heard()
    _ = try MultiLabelTrainer.train(
      parts.path + "/set", output: parts.path + "/b.assay", options: parts.options(), progress: several.handler)
    #expect(several.warnings.contains { $0.contains("no class is known to be good") && $0.contains("passes") })
    let error = #expect(throws: WorkflowError.self) {
      try AnomalyTrainer.train(
        parts.path + "/set", output: parts.path + "/c.assay",
        options: AnomalyOptions(features: parts.options().features))
    }
    #expect(error?.description.contains("numbers") == true && error?.description.contains("--good") == true)
    let named = Heard()
    let good = try Trainer.train(
      parts.path + "/set", output: parts.path + "/a.assay", options: parts.options { $0.goodClass = "0" },
      progress: named.handler)
    #expect(good.manifest.goodClass == "0" && named.count("no class is known") == 0)
  }

  @Test func twoNamesThatCouldMeanGood() throws {
    let parts = PartsFolder(each: 8)
    for index in 0..<8 { parts.write("ok/\(index).pgm", Pictures.brushedMetal(seed: 300 + index, isScratched: false)) }
    var dataset = try DatasetReader.read(parts.path)
    let heard = Heard()
    try dataset.take(parts.path, for: .classes, isStrict: false, progress: heard.handler)
    #expect(heard.warnings.contains { $0.contains("good and ok could both mean good") })
    #expect(DataSurvey.run(dataset).text.contains("good and ok could both mean good"))
  }

  /// A YOLO image without a label file shows nothing that is marked.
  @Test func assumedGoodIsCounted() throws {
    let parts = PartsFolder(each: 0)
    for index in 0..<10 {
      parts.write("set/images/g\(index).pgm", Pictures.brushedMetal(seed: index, isScratched: false))
      parts.write("set/images/s\(index).pgm", Pictures.brushedMetal(seed: 1000 + index, isScratched: true))
      parts.write("set/labels/s\(index).txt", Array("0 0.5 0.5 0.2 0.5\n".utf8))
    }
    parts.write("set/classes.txt", Array("scratch\n".utf8))
    let heard = Heard()
    let result = try Trainer.train(
      parts.path + "/set", output: parts.path + "/a.assay", options: parts.options(), progress: heard.handler)
    #expect(result.reading.assumedGood == 10 && result.manifest.training.assumedGood == 10)
    #expect(heard.all.contains { $0.text.contains("10 images") && !$0.isWarning })
    let survey = DataSurvey.run(try DatasetReader.read(parts.path + "/set"))
    #expect(survey.reading.assumedGood == 10 && survey.text.contains("10 of them good"))
    #expect(survey.text.contains("YOLO text: text files are called like the images"), "the layout and why")
  }

  @Test func anomalyDetectionTakesGoodOnesOnly() throws {
    let table = FlawedTable(each: 10)
    let result = try AnomalyTrainer.train(
      table.path, output: table.bundle("a"), options: AnomalyOptions(features: table.options().features))
    let trained = result.manifest.training.counts
    #expect(Set(trained.keys) == ["good"] && (1...10).contains(trained["good"] ?? 0))
    #expect(result.reading.classes == ["good", "scratch"])
    // Something that looks like annotations and is not understood hides which are good.
    let parts = PartsFolder(each: 0)
    for index in 0..<6 { parts.write("set/\(index).pgm", Pictures.brushedMetal(seed: index, isScratched: index > 2)) }
    parts.write("set/marks.json", Array(#"{"pictures": [{"file": "0.pgm", "polygon": [1, 2, 3, 4, 5, 6]}]}"#.utf8))
    let error = #expect(throws: WorkflowError.self) {
      try AnomalyTrainer.train(
        parts.path + "/set", output: parts.path + "/a.assay",
        options: AnomalyOptions(features: parts.options().features))
    }
    #expect(error?.kind == .badData && error?.description.contains("marks.json") == true)
  }
}

/// An encoding that is given once is kept.
@Suite struct EncodingTests {
  /// "好的" (good) and "划痕" (scratch) as GBK.
  private static let good: [UInt8] = [0xBA, 0xC3, 0xB5, 0xC4]
  private static let scratch: [UInt8] = [0xBB, 0xAE, 0xBA, 0xDB]

  private func table(_ parts: PartsFolder, _ name: String, first: Int) -> String {
    var bytes = Array("path,label\n".utf8)
    for index in 0..<16 {
      for (file, label, isScratched) in [("g", Self.good, false), ("s", Self.scratch, true)] {
        let image = "\(file)\(index).pgm"
        parts.write(
          "\(name)/\(image)",
          Pictures.brushedMetal(seed: first + index + (isScratched ? 5000 : 0), isScratched: isScratched)
        )
        bytes += Array("\(image),".utf8) + label + [10]
      }
    }
    parts.write("\(name)/list.csv", bytes)
    return parts.path + "/" + name + "/list.csv"
  }

  @Test func isKeptInTheBundle() throws {
    let parts = PartsFolder(each: 0)
    let path = table(parts, "a", first: 0)
    let bundle = parts.path + "/a.assay"
    var options = parts.options { $0.goodClass = "好的" }
    let error = #expect(throws: WorkflowError.self) { try Trainer.train(path, output: bundle, options: options) }
    #expect(error?.description.contains("--encoding") == true, "undeclared: the option is named")
    options.features.encoding = "gbk"
    let result = try Trainer.train(path, output: bundle, options: options)
    #expect(result.manifest.classes == ["划痕", "好的"] && result.manifest.goodClass == "好的")
    #expect(result.manifest.training.encoding == "gbk" && result.reading.encoding == "gbk")

    // Everything that reads a data set for the bundle reads it alike.
    let other = table(parts, "b", first: 2000)
    let test = try BundleTest.run(bundle: bundle, on: other)
    #expect(test.reading.encoding == "gbk" && test.reading.images == 32)
    let change = try ThresholdChange.run(
      bundle: bundle, rule: .maximumOverkill(0.2), data: other, reading: PartsReading(goodClass: "好的"),
      author: .tester)
    #expect(change.scored == 32)
    let transfer = try TransferEvaluator.evaluate(
      bundle: bundle, source: path, targets: [other], allowsTrained: true, cache: nil)
    #expect(transfer.readings.allSatisfy { $0.encoding == "gbk" })
    // What is given goes before what is kept.
    #expect(throws: WorkflowError.self) {
      try BundleTest.run(bundle: bundle, on: other, options: EvaluationOptions(encoding: "no-such-encoding"))
    }
  }
}
