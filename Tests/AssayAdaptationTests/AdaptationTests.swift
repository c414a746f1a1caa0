import AssayAdaptation
import AssayBackbones
import AssayBase
import AssayBundle
import AssayData
import AssayEvaluation
import AssayGraph
import AssayImage
import AssayLearning
import AssayMethods
import AssayMethodsSupport
import AssayMetrics
import AssayRuntime
import AssayTestSupport
import Foundation
import Testing

/// Parts of one line and the same kind of parts under another camera: less contrast, brighter.
private final class TwoLines {
  let source: PartsFolder
  let folder = PartsFolder(each: 0)
  var bundle: String { source.bundle }
  var adapted: String { source.bundle + "-adapted.assay" }

  /// - Parameter count: of each class, of the source.
  init(each count: Int) throws {
    source = PartsFolder(each: count)
    _ = try Trainer.train(source.path, output: source.bundle, options: source.options { $0.split.test = 0.4 })
  }

  deinit {
    for path in [bundle, adapted] { try? FileManager.default.removeItem(atPath: path) }
  }

  static func seen(_ bytes: [UInt8], gain: Double, offset: Double) -> [UInt8] {
    let start = bytes.count - 64 * 64
    return bytes[..<start] + bytes[start...].map { UInt8(max(0, min(255, (Double($0) * gain + offset).rounded()))) }
  }

  /// Writes `goods` good and `bads` scratched parts that the source does not have.
  func write(_ name: String, goods: Int, bads: Int, gain: Double = 1, offset: Double = 0, first: Int = 2000) -> String {
    for index in 0..<goods {
      let part = Pictures.brushedMetal(seed: first + index, isScratched: false)
      folder.write("\(name)/good/\(index).pgm", Self.seen(part, gain: gain, offset: offset))
    }
    for index in 0..<bads {
      let part = Pictures.brushedMetal(seed: first + 5000 + index, isScratched: true)
      folder.write("\(name)/scratch/\(index).pgm", Self.seen(part, gain: gain, offset: offset))
    }
    return folder.path + "/" + name
  }

  func adapt(_ images: String, _ change: (inout AdaptationOptions) -> Void = { _ in }) throws -> AdaptationResult {
    var options = AdaptationOptions(cache: nil)
    change(&options)
    return try Adapter.adapt(bundle: bundle, images: [images], output: adapted, options: options)
  }

  func accuracy(_ bundle: String, _ data: String) throws -> Double {
    try Evaluator.evaluate(bundle: bundle, on: data).evaluation.confusion.accuracy
  }
}

@Suite(.serialized) struct AdaptationTests {
  private static let gain = 0.3
  private static let offset = 150.0

  /// Another camera shifts the features of these parts, but they are told apart as well as before: that is left alone, and
  /// a correction made from good parts by force does no harm.
  @Test func aShiftThatCostsNothingIsLeftAlone() throws {
    let lines = try TwoLines(each: 80)
    let new = lines.write("new", goods: 40, bads: 40, gain: Self.gain, offset: Self.offset)
    let test = lines.write("test", goods: 30, bads: 30, gain: Self.gain, offset: Self.offset, first: 3000)
    let good = lines.write("known", goods: 12, bads: 0, gain: Self.gain, offset: Self.offset, first: 7000) + "/good"
    #expect(try lines.accuracy(lines.bundle, test) >= 0.95)
    let plain = try lines.adapt(new)
    #expect(!plain.isRecommended && plain.output == nil)
    #expect(plain.findings.contains { $0.contains("differs from the source") }, "\(plain.findings)")
    let result = try lines.adapt(new) {
      $0.good = good
      $0.method = .statistics
      $0.isForced = true
    }
    let written = try #require(result.output)
    #expect(try lines.accuracy(written, test) >= 0.9)

    let record = try #require(ModelBundle(path: written).manifest.adaptation)
    #expect(record.images.count == 80 && record.goodImages.count == 12 && record.findings == result.findings)
    let original = try ModelBundle(path: lines.bundle)
    #expect(record.bundleSHA256 == original.identity)
    // One graph does everything: the map's mean is the logit still.
    let manifest = try ModelBundle(path: written).manifest
    let side = manifest.preprocessing.width
    let network = try Network(
      onnx: ModelBundle(path: written).contents("model.onnx"), inputShape: [1, 3, side, side], mode: .latency,
      engines: .automatic)
    var generator = SplitMix64(seed: 4)
    let output = try network.run((0..<3 * side * side).map { _ in Float.random(in: 0...1, using: &generator) })
    let (map, logits) = (try #require(output["map"]), try #require(output["logits"]))
    for k in 0..<2 {
      let plane = map.shape[2] * map.shape[3]
      let mean = map.values[k * plane..<(k + 1) * plane].reduce(0.0) { $0 + Double($1) } / Double(plane)
      #expect(abs(mean - Double(logits.values[k])) < 2e-2 * max(1, abs(mean)))
    }
    let report = try String(contentsOfFile: written + "/report.html", encoding: .utf8)
    #expect(report.contains("Corrections that were tried"))
    #expect {
      try Adapter.adapt(bundle: written, images: [new], output: lines.adapted + "2", options: .init(cache: nil))
    } throws: { "\($0)".contains("adapted already") }
  }

  @Test func leavesAnUnshiftedLineAlone() throws {
    let lines = try TwoLines(each: 60)
    let result = try lines.adapt(lines.write("new", goods: 40, bads: 40))
    #expect(!result.isRecommended && result.output == nil)
    #expect(!FileManager.default.fileExists(atPath: lines.adapted))
    #expect(result.findings.contains { $0.contains("No shift") }, "\(result.findings)")
    // A new mix of the same parts is no new camera either.
    let goods = try lines.adapt(lines.write("goods", goods: 60, bads: 0, first: 4000))
    #expect(!goods.isRecommended && goods.output == nil, "\(goods.findings)")
    // By force it is written, and says that it was.
    let forced = try lines.adapt(lines.folder.path + "/new") { $0.isForced = true }
    let written = try #require(forced.output)
    #expect(try ModelBundle(path: written).manifest.adaptation?.isRecommended == false)
  }

  /// With good parts only, bringing their mean to that of all classes would make defects of them.
  @Test func goodPartsOnlyDoNoHarm() throws {
    let lines = try TwoLines(each: 80)
    let new = lines.write("new", goods: 60, bads: 0, gain: Self.gain, offset: Self.offset)
    let test = lines.write("test", goods: 30, bads: 30, gain: Self.gain, offset: Self.offset, first: 3000)
    let before = try lines.accuracy(lines.bundle, test)
    if let written = try lines.adapt(new).output {
      #expect(try lines.accuracy(written, test) >= before, "what is written is no worse")
    }
  }

  @Test func labelledImagesDecide() throws {
    let lines = try TwoLines(each: 60)
    let new = lines.write("new", goods: 40, bads: 40, gain: Self.gain, offset: Self.offset)
    let few = lines.write("few", goods: 15, bads: 15, gain: Self.gain, offset: Self.offset, first: 3000)
    let result = try lines.adapt(new) { $0.labelled = few }
    #expect(result.labelledImages == 30 && !result.isRecommended, "\(result.findings)")
    #expect(result.findings.contains { $0.contains("Of 30 labelled images") })
    #expect(result.findings.last?.contains("not a gain beyond chance") == true, "all are named rightly as it is")
  }

  @Test func batchStatisticsNeedTheSource() throws {
    let lines = try TwoLines(each: 60)
    let new = lines.write("new", goods: 24, bads: 24, gain: Self.gain, offset: Self.offset)
    let result = try lines.adapt(new) {
      $0.method = .batchStatistics
      $0.source = lines.source.path
      $0.isForced = true
    }
    let written = try #require(result.output)
    #expect(result.method == .batchStatistics)
    let test = lines.write("test", goods: 30, bads: 30, gain: Self.gain, offset: Self.offset, first: 3000)
    #expect(try lines.accuracy(written, test) >= lines.accuracy(lines.bundle, test) - 0.1)
    // The network itself was changed, so that the bundle is a backbone of its own.
    #expect(try BundleBackbones.load(written).description.origin?.bundle.hasSuffix("-adapted.assay") == true)
  }

  @Test func errorsSayWhatToDo() throws {
    let lines = try TwoLines(each: 24)
    let few = lines.write("few", goods: 3, bads: 3)
    #expect { try lines.adapt(few) } throws: { "\($0)".contains("at least 16") }
    #expect { try lines.adapt(lines.folder.path + "/none") } throws: { ($0 as? WorkflowError)?.kind == .noInput }
    #expect { try lines.adapt(few) { $0.labelled = lines.folder.path + "/none" } } throws: {
      ($0 as? WorkflowError)?.kind == .noInput
    }
    // A bundle of an earlier version keeps nothing of its line.
    let bundle = try ModelBundle(path: lines.bundle)
    let old = lines.adapted + "-old.assay"
    defer { try? FileManager.default.removeItem(atPath: old) }
    let known = bundle.manifest
    let manifest = Manifest(
      kind: known.kind, preprocessing: known.preprocessing, network: known.network, training: known.training,
      metrics: known.metrics,
      versions: known.versions)
    _ = try ModelBundle.write(
      to: old, manifest: manifest, files: ["model.onnx": try bundle.contents("model.onnx")])
    let new = lines.write("new", goods: 20, bads: 20)
    #expect {
      try Adapter.adapt(bundle: old, images: [new], output: lines.adapted, options: .init(cache: nil))
    } throws: {
      "\($0)".contains("--source")
    }
    let result = try Adapter.adapt(
      bundle: old, images: [new], output: lines.adapted, options: .init(source: lines.source.path, cache: nil))
    #expect(result.output == nil, "with its images it can be compared: there is no shift")
    // An anomaly detector is taught instead.
    let detector = lines.adapted + "-detector.assay"
    defer { try? FileManager.default.removeItem(atPath: detector) }
    _ = try AnomalyTrainer.train(
      lines.source.path, output: detector, options: AnomalyOptions(features: .init(inputSize: 96, cache: nil)))
    #expect {
      try Adapter.adapt(bundle: detector, images: [new], output: lines.adapted, options: .init(cache: nil))
    } throws: { "\($0)".contains("assay add") }
  }

  @Test func tablesWhatIsLostAndComesBack() throws {
    let lines = try TwoLines(each: 80)
    let shifted = lines.write("shifted", goods: 40, bads: 40, gain: Self.gain, offset: Self.offset)
    let same = lines.write("same", goods: 30, bads: 30)
    let result = try TransferEvaluator.evaluate(
      bundle: lines.bundle, source: lines.source.path, targets: [shifted, same], cache: nil)
    let known = try ModelBundle(path: lines.bundle).manifest.training.images.count
    #expect(result.refused == known && result.source.images == 160 - known)
    let target = result.targets[0]
    let plain = try lines.accuracy(lines.bundle, shifted)
    #expect(abs(target.before.accuracy - plain) < 0.02, "as `assay evaluate` says")
    #expect(abs(target.loss - (result.source.accuracy - target.before.accuracy)) < 1e-12)
    let statistics = try #require(target.rows.first { $0.name == "statistics" })
    #expect(statistics.after?.images == 80 && (statistics.recovered == nil) == (target.loss <= 0.005))
    let decided = try #require(target.rows.first { $0.name.hasPrefix("auto") })
    #expect(try #require(decided.gain) >= 0, "\(decided.note)")
    #expect(target.rows.contains { $0.name == "batch-statistics" } && target.rows.contains { $0.name == "coral" })
    let auto = try #require(result.targets[1].rows.first { $0.name.hasPrefix("auto") })
    #expect(auto.gain == 0 && auto.note.contains("left as it is"), "\(auto.note)")
    let page = TransferReport.html(result, commandLine: "assay evaluate")
    #expect(page.contains("came back") && page.contains("shifted"))
    #expect(TransferReport.text(result).contains("target, as it is"))
  }
}
