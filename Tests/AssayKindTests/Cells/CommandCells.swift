import AssayImage
import AssayTestSupport
import Foundation
import Testing

/// What the command line does with a bundle.
extension KindTests {
  func inspect(_ bench: Bench) throws {
    let kind = bench.kind
    let outcome = try bench.assay("inspect", bench.bundle, bench.black, bench.white, "--json")
    #expect(outcome.status == 0, "\(outcome.messages)")
    #expect(outcome.lines.map { BundleKind.Judgement($0) } == [kind.onBlack, kind.onWhite])
    if kind == .anomaly {
      let area = outcome.lines.last?["regions"]?[0]
      #expect(area?["box"] == area.map { _ in Self.box(32, 12, 16, 12) })
      // Of an area that is a rectangle, clockwise from its first pixel.
      let corners = [(32.0, 12.0), (48, 12), (48, 24), (32, 24)]
      let outline = area?["contour"]?.elements?.map { ($0["x"]?.number, $0["y"]?.number) } ?? []
      #expect(outline.count == 4 && zip(outline, corners).allSatisfy { $0.0 == $1.0 && $0.1 == $1.1 })
    }
    #expect(outcome.messages.split(separator: "\n").last?.hasPrefix(kind.closing) == true, "\(outcome.messages)")
    let gate = try bench.assay("inspect", bench.bundle, bench.black, bench.white, "--fail-on-defect")
    let pass = try bench.assay("inspect", bench.bundle, bench.black, "--fail-on-defect")
    guard !kind.judges else {
      #expect(gate.status == 1 && pass.status == 0)
      return
    }
    #expect(gate.status == 64 && pass.status == 64)
  }

  private static func box(_ x: Int, _ y: Int, _ width: Int, _ height: Int) -> JSONValue {
    .object(["x": .integer(x), "y": .integer(y), "width": .integer(width), "height": .integer(height)])
  }

  func evaluate(_ bench: Bench) throws {
    let kind = bench.kind
    let data = bench.writeData()
    let report = bench.folder.path + "/test.html"
    let outcome = try bench.assay("evaluate", bench.bundle, data, "--json", "--report", report)
    #expect(outcome.status == 0, "\(outcome.messages)")
    let json = outcome.json
    func metric(_ name: String) -> Double? { json["metrics"]?[name]?["value"]?.number }
    #expect(json["images"]?.integer == (kind == .measurement ? 4 : 6))
    switch kind {
    case .classifier, .fewShot, .fineTuned, .segmentation:
      #expect(metric("escape rate") == 0 && metric("overkill rate") == 0)
      // Rows and columns are dent, good and scratch.
      #expect(
        json["confusion"]?.elements?.map { $0.elements?.map(\.integer) } == [[0, 0, 0], [0, 3, 0], [0, 0, 3]])
      #expect(metric("accuracy") == 1 && metric("macro F1") == 1)
    case .classifierWithoutGood:
      #expect(metric("accuracy") == 1 && metric("escape rate") == nil)
    case .multiLabel, .multiLabelSegmentation:
      #expect(json["perClass"]?["scratch"]?["recall"]?.number == 1)
      #expect(json["perClass"]?["scratch"]?["precision"]?.number == 1)
    case .tasks:
      #expect(metric("escape rate") == 0 && metric("overkill rate") == 0)
      #expect(json["confusion"]?.elements?.map { $0.elements?.map(\.integer) } == [[3, 0], [0, 3]])
      #expect(metric("accuracy") == 1)
      #expect(json["tasks"]?.members.map { Set($0.keys) } == ["surface", "wear", "width"])
    case .measurement:
      #expect(json["tasks"]?.members.map { Set($0.keys) } == ["wear", "width"])
    case .anomaly, .tiled, .anomalyWithoutThreshold:
      #expect(metric("image AUROC") == 1)
      // Without a threshold nothing is passed or rejected.
      #expect((json["threshold"]?.number == nil) == (kind == .anomalyWithoutThreshold))
    }
    let html = try String(contentsOfFile: report, encoding: .utf8)
    #expect(html.lowercased().hasPrefix("<!doctype html>") && html.contains("</html>"))
    // Whether it is fit for the line comes first: in JSON, on the terminal and in the report. A handful of parts shows nothing.
    let sentence = json["fitness"]?["sentence"]?.text ?? "no sentence"
    #expect(json["fitness"]?["verdict"]?.text == (kind == .anomalyWithoutThreshold ? "not judged" : "not shown"))
    #expect(outcome.messages.contains(sentence), "\(outcome.messages)")
    #expect(html.contains("<p class=\"fitness open\">\(sentence)</p>"), "\(sentence)")
    for section in ["confusion", "classes", "decision", "curves", "reliability", "mistakes", "learning"] {
      #expect(html.contains("<section id=\"\(section)\">"), "\(kind) has no section \(section)")
    }
    // What was judged leads to pictures; the parts of a measurement and of tasks are told by their values.
    if ![.measurement, .tasks, .anomalyWithoutThreshold].contains(kind) {
      #expect(html.contains("id=\"cell-") && html.contains("href=\"#cell-") && html.contains("data:image/jpeg"))
    }
  }

  func setThresholdByCommand(_ bench: Bench) throws {
    let kind = bench.kind
    let before = try bench.manifest()
    let outcome = try bench.assay("threshold", bench.bundle, "--max-overkill", "0.1", "--json")
    let after = try bench.manifest()
    func isChanged() {
      #expect(outcome.status == 0, "\(outcome.messages)")
      #expect(after["threshold"]?["rule"]?.text == "max-overkill" && after["threshold"]?["rate"]?.number == 0.1)
      #expect(after["files"] == before["files"])
    }
    switch kind {
    case .anomaly, .tiled, .anomalyWithoutThreshold:
      isChanged()
      // 20 good parts: at most 2 may be rejected, and the third largest score is 2 * 8 / 64.
      #expect(after["threshold"]?["value"]?.number.map { $0 > 0.25 && $0 < 1.5 } == true)
      #expect(after["network"]?["mapScale"]?.number == after["anomaly"]?["mapThreshold"]?.number)
    case .classifier, .fewShot, .fineTuned, .segmentation, .tasks:
      isChanged()
    case .classifierWithoutGood, .measurement:
      #expect(outcome.status == 64 && outcome.messages.contains(bench.bundle) && after == before)
    case .multiLabel, .multiLabelSegmentation:
      #expect(outcome.status == 64 && outcome.messages.contains(bench.bundle) && after == before)
      // Class by class: of 20 parts without a scratch at most 2 may be said to have one.
      let own = try bench.assay("threshold", bench.bundle, "--max-overkill", "0.1", "--class", "scratch", "--json")
      #expect(own.status == 0, "\(own.messages)")
      let thresholds = try bench.manifest()["labelThresholds"]?.elements ?? []
      #expect(thresholds.map { $0["rule"]?.text } == ["best-f1", "max-overkill", "best-f1"])
      #expect(thresholds.map { $0["rate"]?.number } == [nil, 0.1, nil])
    }
  }

  func watch(_ bench: Bench) throws {
    let kind = bench.kind
    let inbox = bench.folder.path + "/in"
    bench.folder.write("in/black.png", Pictures.grey(0))
    bench.folder.write("in/white.png", Pictures.grey(255))
    if let level = kind.uncertain?.level { bench.folder.write("in/close.png", Pictures.grey(level, width: 60)) }
    let outcome = try bench.assay("watch", bench.bundle, inbox, "--once", "--interval", "0.05", "--json")
    #expect(outcome.status == 0, "\(outcome.messages)")
    let places = Dictionary(
      outcome.lines.map { ($0["file"]?.text ?? "", $0["destination"]?.text ?? "") }, uniquingKeysWith: { $1 })
    #expect(places["black.png"] == (kind.judges ? "good" : "unsure"))
    #expect(places["white.png"] == (kind.judges ? "defect" : "unsure"))
    #expect(bench.folder.names(in: "in/good").contains("black.png") == kind.judges)
    #expect(bench.folder.names(in: "in/unsure").contains("white.png") != kind.judges)
    guard kind.uncertain != nil else { return }
    #expect(places["close.png"] == "unsure")
  }

  func draw(_ bench: Bench) throws {
    let kind = bench.kind
    let outcome = try bench.assay(
      "inspect", bench.bundle, bench.black, bench.white, "--maps", bench.folder.path + "/maps")
    #expect(outcome.status == 0, "\(outcome.messages)")
    let pictures = try ["black", "white"].map { try ImageFile.read(path: bench.folder.path + "/maps/\($0).png") }
    // Photographs of 64 x 48 pixels are enlarged four times; above them is a bar with the verdict.
    let (width, height) = (256, 192)
    /// Whether the photograph, without its bar, has one colour.
    func isPlain(_ image: Image) throws -> Bool {
      guard case .uint8(let samples) = image.samples else { return false }
      try #require(image.width >= width && image.height > height)
      let first = (image.height - height) * image.width + (image.width - width) / 2
      let colours = (0..<width * height).map { pixel in
        let at = (first + pixel / width * image.width + pixel % width) * image.channels
        return samples[at..<at + image.channels]
      }
      return colours.allSatisfy { $0.elementsEqual(colours[0]) }
    }
    #expect(try isPlain(pictures[0]))
    // Where no class is searched for, there is no heat; without a threshold nobody knows what is hot.
    let hasHeat = kind != .measurement && kind != .anomalyWithoutThreshold
    #expect(try isPlain(pictures[1]) != hasHeat)
  }

  func export(_ bench: Bench) throws {
    let path = bench.folder.path + "/out.onnx"
    let outcome = try bench.assay("export", bench.bundle, "-o", path)
    #expect(outcome.status == 0, "\(outcome.messages)")
    #expect(
      FileManager.default.contents(atPath: path) == FileManager.default.contents(atPath: bench.bundle + "/model.onnx"))
    let output = bench.kind.isAnomaly ? "score" : bench.kind == .measurement ? "width.value" : "probabilities"
    #expect(outcome.messages.contains("image") && outcome.messages.contains(output))
  }

  /// Backbones are compared on data, before there is a bundle; a kind that is trained otherwise is refused by name.
  func compare(_ kind: BundleKind) throws {
    let lab = try TrainingLab()
    var arguments = ["compare", lab.data(kind), "--no-cache", "--json"]
    if !kind.isAnomaly { arguments += ["--folds", "3"] }
    if kind == .fineTuned { arguments += ["--methods", "finetune"] }
    let outcome = try AssayProgram.run(arguments, environment: lab.environment)
    switch kind {
    case .classifier, .classifierWithoutGood, .fewShot, .segmentation:
      #expect(outcome.status == 0, "\(outcome.messages)")
      let methods = outcome.json["rows"]?.elements?.compactMap { $0["method"]?.text } ?? []
      // Where no class is good nothing is known of good parts.
      #expect(
        Set(methods) == Set(["linear", "fewshot"] + (kind == .classifierWithoutGood ? [] : ["anomaly"])), "\(methods)")
    case .anomaly, .anomalyWithoutThreshold, .tiled:
      #expect(outcome.status == 0, "\(outcome.messages)")
      #expect(outcome.json["rows"]?.elements?.compactMap { $0["method"]?.text } == ["anomaly"])
    case .fineTuned:
      // On the backbone that others recommend, so that one of them must be named as well.
      #expect(outcome.status == 64 && outcome.messages.contains("--methods linear,finetune"), "\(outcome.messages)")
    case .multiLabel, .multiLabelSegmentation:
      #expect([64, 65].contains(outcome.status) && outcome.messages.contains("several"), "\(outcome.messages)")
    case .tasks, .measurement:
      #expect(outcome.status == 64 && outcome.messages.contains("task"), "\(outcome.messages)")
    }
  }
}
