import Foundation

/// What is in a ``TinyBundle``.
struct TinyContents {
  private(set) var manifest: [String: Any]
  private(set) var files: [String: [UInt8]]
  private(set) var outputs: [TinyGraph.Output] = []

  /// Scores that held-out parts would have had: 20 good ones, 5 defective ones, in steps of 1/64.
  private static let goodScores = (0..<20).map { Double($0 % 10) / 64 }
  private static let badScores = (0..<5).map { Double(48 + 2 * $0) / 64 }

  init(_ kind: BundleKind) {
    manifest = Self.common
    files = ["report.html": Array("<!doctype html><title>Inspector</title><h1>Inspector</h1>\n".utf8)]
    switch kind {
    case .classifier: classify()
    case .classifierWithoutGood: classifyWithoutGood()
    case .fewShot: fewShot()
    case .fineTuned: fineTuned()
    case .segmentation:
      classify()
      mark(2)
    case .multiLabel: label()
    case .multiLabelSegmentation:
      label()
      mark(1)
    case .tasks: answerTasks()
    case .measurement: measure()
    case .anomaly: compare()
    case .anomalyWithoutThreshold:
      compare()
      loseThreshold()
    case .tiled:
      compare()
      tile()
    }
    files["model.onnx"] = TinyGraph(outputs).onnx()
  }

  // MARK: Parts of a manifest

  private static var common: [String: Any] {
    [
      "schema": 1,
      "preprocessing": [
        "width": TinyGraph.side, "height": TinyGraph.side, "policy": "stretch", "filter": "bilinear", "padding": 0.5,
      ] as [String: Any],
      "network": [
        "backbone": [
          "name": "tiny", "nativeSize": TinyGraph.side, "licence": "Apache-2.0", "source": "made for a test",
        ] as [String: Any],
        "weightsSHA256": TinyBundle.sha256(Array("tiny".utf8)), "temperature": 1, "mapScale": 4,
        "features": [
          "taps": ["tiny"], "statistics": ["mean"], "width": TinyGraph.side, "height": TinyGraph.side,
        ] as [String: Any],
      ] as [String: Any],
      "metrics": [
        ["name": "accuracy", "value": 0.875, "low": 0.75, "high": 0.9375, "count": 64, "on": "held-out test"]
          as [String: Any]
      ],
      "versions": ["assay": "0.0.0", "openvino": "0.0.0"], "createdAt": "2026-01-02T03:04:05Z",
    ]
  }

  private static func threshold(_ value: Double, rule: String = "best-f1", rate: Double? = nil) -> [String: Any] {
    var threshold: [String: Any] = [
      "value": value, "rule": rule, "explanation": "Chosen by hand for a test.", "escapes": 0, "defects": 5,
      "overkills": 1, "goods": 20,
    ]
    threshold["rate"] = rate
    return threshold
  }

  private static func training(
    _ method: String = "linear", solver: [String: String] = ["optimizer": "lbfgs", "class weights": "none"],
    counts: [String: Int]
  ) -> [String: Any] {
    [
      "method": method, "solver": solver, "seed": 0, "layout": "class-folders", "counts": counts,
      "images": ["first", "second"].map { TinyBundle.sha256(Array($0.utf8)) }.sorted(), "unreadable": 0,
    ]
  }

  private mutating func change(_ name: String, _ change: (inout [String: Any]) -> Void) {
    var part = manifest[name] as? [String: Any] ?? [:]
    change(&part)
    manifest[name] = part
  }

  private static func json(_ object: Any) -> [UInt8] {
    let options: JSONSerialization.WritingOptions = [.sortedKeys, .withoutEscapingSlashes]
    return Array(try! JSONSerialization.data(withJSONObject: object, options: options))
  }

  /// 32-bit floats, little-endian.
  private static func floats(_ values: [Float]) -> [UInt8] {
    values.flatMap { withUnsafeBytes(of: $0.bitPattern.littleEndian, Array.init) }
  }

  // MARK: Classifiers

  /// The class activation map `[3, 4, 4]`: on a white part the class found is hot in row 1, column 2.
  private static func map(hot: Int) -> TinyGraph.Output {
    var bright = [Float](repeating: 0, count: 3 * 16)
    bright[hot * 16 + 6] = 4
    return TinyGraph.Output("map", [3, 4, 4], dark: [Float](repeating: 0, count: 48), bright: bright)
  }

  private static let features = TinyGraph.Output("features", [4], dark: [1, 0, 0, 0], bright: [1, 4, 0, 0])

  private mutating func answer(_ dark: [Float], _ bright: [Float]) {
    outputs += [
      TinyGraph.Output("logits", [dark.count], dark: dark.map { 4 * $0 - 2 }, bright: bright.map { 4 * $0 - 2 }),
      TinyGraph.Output("probabilities", [dark.count], dark: dark, bright: bright),
      Self.features,
      Self.map(hot: bright.indices.max { bright[$0] < bright[$1] } ?? 0),
    ]
  }

  /// - Parameters:
  ///   - labels: of a bundle that finds several classes: on the bad parts the second is there.
  ///   - hasScores: false where scores are elsewhere, or there are none.
  private mutating func keepReference(isDefect: Bool = true, labels: [String] = [], hasScores: Bool = true) {
    let scores = hasScores ? Self.goodScores + Self.badScores : []
    let bad = scores.indices.map { $0 >= Self.goodScores.count }
    let nothing = ([Double](repeating: 0, count: scores.count), [Bool](repeating: false, count: scores.count))
    let told = labels.enumerated().map { place, name in
      let (own, isThere) = place == 1 ? (scores, bad) : nothing
      return ["name": name, "scores": own, "isThere": isThere] as [String: Any]
    }
    files["reference.json"] = Self.json(
      (labels.isEmpty ? [:] : ["labels": told]).merging(
        [
          "basis": "held-out test", "scores": scores,
          "isDefect": isDefect ? bad : [],
          "brightness": (0..<40).map { Double($0) / 40 },
          // Distances of black parts are 0, of white ones 4 * 4 / 4.
          "features": [
            "mean": Data(Self.floats([1, 0, 0, 0])).base64EncodedString(),
            "scale": Data(Self.floats([1, 1, 1, 1])).base64EncodedString(),
            "distances": (0..<20).map { Double($0) / 16 }, "basis": "leave-one-out",
          ] as [String: Any],
        ] as [String: Any]
      ) { $1 })
  }

  private mutating func classify() {
    manifest["task"] = "classification"
    manifest["classes"] = ["dent", "good", "scratch"]
    manifest["goodClass"] = "good"
    manifest["threshold"] = Self.threshold(0.25)
    manifest["training"] = Self.training(counts: ["dent": 10, "good": 30, "scratch": 24])
    answer([0, 1, 0], [0.25, 0, 0.75])
    keepReference()
  }

  private mutating func classifyWithoutGood() {
    manifest["task"] = "classification"
    manifest["classes"] = ["bolt", "nut", "screw"]
    manifest["training"] = Self.training(counts: ["bolt": 20, "nut": 20, "screw": 24])
    answer([1, 0, 0], [0, 0.25, 0.75])
    keepReference(isDefect: false)
  }

  private mutating func fewShot() {
    classify()
    manifest["training"] = Self.training(
      "fewshot", solver: ["classifier": "nearest mean"], counts: ["dent": 1, "good": 2, "scratch": 1])
    let classes = ["dent", "good", "good", "scratch"]
    let images = classes.enumerated().map { index, name in
      [
        "name": "\(name)/\(index).png", "path": "/nowhere/\(name)/\(index).png", "class": name,
        "sha256": TinyBundle.sha256(Array("support \(index)".utf8)),
      ]
    }
    files["support.json"] = Self.json(["version": 1, "dimension": 4, "images": images] as [String: Any])
    files["support.bin"] = Self.floats(classes.flatMap { [1, $0 == "good" ? 0 : 4, 0, 0] })
  }

  private mutating func fineTuned() {
    classify()
    manifest["training"] = Self.training(
      "finetune",
      solver: [
        "optimizer": "adamw", "frozen up to": "nothing", "augmentation": "none", "views": "1", "folds": "2",
        "epochs": "1", "batch size": "8", "class weights": "none", "mixing": "none",
      ], counts: ["dent": 10, "good": 30, "scratch": 24])
  }

  /// On a white part a quarter of the picture is marked as the class found.
  /// - Parameter index: of that class.
  private mutating func mark(_ index: Int) {
    var bright = [Float](repeating: -8, count: 3 * 16)
    for position in [5, 6, 9, 10] { bright[index * 16 + position] = 8 }
    outputs.append(
      TinyGraph.Output("segmentation", [3, 4, 4], dark: [Float](repeating: -8, count: 48), bright: bright))
    manifest["segmentation"] =
      ["taps": ["tiny"], "thresholds": [0.5, 0.5, 0.5], "patches": [40, 40, 40], "images": 20] as [String: Any]
  }

  // MARK: Several labels, several tasks

  private mutating func label() {
    manifest["task"] = "multi-label"
    manifest["classes"] = ["dent", "scratch", "stain"]
    manifest["goodClass"] = "good"
    manifest["labelThresholds"] = [Self.threshold(0.5), Self.threshold(0.25), Self.threshold(0.75)]
    manifest["training"] = Self.training(counts: ["dent": 10, "good": 30, "scratch": 24, "stain": 8])
    answer([0, 0, 0], [0.25, 1, 0.75])
    keepReference(labels: ["dent", "scratch", "stain"])
  }

  private static func task(_ name: String, _ kind: String, counts: [String: Int]) -> [String: Any] {
    ["name": name, "kind": kind, "counts": counts, "solver": ["optimizer": "lbfgs"], "metrics": [Any]()]
  }

  private mutating func addValues() -> [[String: Any]] {
    outputs += [
      TinyGraph.Output("wear.probabilities", [3], dark: [1, 0, 0], bright: [0, 0.25, 0.75]),
      TinyGraph.Output("wear.value", [1], dark: [0], bright: [2.5]),
      TinyGraph.Output("width.value", [1], dark: [2], bright: [4]), Self.features,
    ]
    var wear = Self.task("wear", "ordinal", counts: ["0": 20, "1": 20, "3": 24])
    wear["levels"] = [0, 1, 3]
    var width = Self.task("width", "real", counts: ["known": 64])
    width["uncertainty"] =
      ["standardDeviation": 0.25, "halfWidth": 0.5, "coverage": 0.95, "count": 40] as [String: Any]
    return [wear, width]
  }

  private mutating func answerTasks() {
    manifest["task"] = "classification"
    manifest["classes"] = ["good", "rough"]
    manifest["goodClass"] = "good"
    manifest["threshold"] = Self.threshold(0.25)
    manifest["training"] = Self.training(counts: ["good": 40, "rough": 24])
    for prefix in ["surface.", ""] {
      outputs += [
        TinyGraph.Output(prefix + "logits", [2], dark: [2, -2], bright: [-2, 2]),
        TinyGraph.Output(prefix + "probabilities", [2], dark: [1, 0], bright: [0, 1]),
      ]
    }
    var bright = [Float](repeating: 0, count: 32)
    bright[16 + 6] = 4
    outputs.append(TinyGraph.Output("map", [2, 4, 4], dark: [Float](repeating: 0, count: 32), bright: bright))
    var surface = Self.task("surface", "classification", counts: ["good": 40, "rough": 24])
    surface["classes"] = ["good", "rough"]
    surface["goodClass"] = "good"
    surface["temperature"] = 1
    manifest["tasks"] = [surface] + addValues()
    keepReference()
  }

  private mutating func measure() {
    manifest["task"] = "measurement"
    manifest["classes"] = [String]()
    manifest["training"] = Self.training(counts: [:])
    manifest["metrics"] = [Any]()
    change("network") { $0["mapScale"] = 0 }
    manifest["tasks"] = addValues()
    keepReference(isDefect: false, hasScores: false)
  }

  // MARK: Anomaly detection

  private mutating func compare() {
    manifest["task"] = "anomaly"
    manifest["classes"] = ["good", "defect"]
    manifest["goodClass"] = "good"
    manifest["threshold"] = Self.threshold(1, rule: "max-overkill", rate: 0.0625)
    change("network") {
      $0["features"] = nil
      $0["mapScale"] = 1
    }
    manifest["training"] = Self.training(
      "anomaly", solver: ["detector": "patchcore", "coreset": "0.25"], counts: ["good": 30])
    let scores = (Self.goodScores + Self.badScores).map { 2 * $0 }
    manifest["anomaly"] =
      [
        "method": "patchcore",
        "patches": ["taps": ["tiny"], "width": TinyGraph.side, "height": TinyGraph.side, "neighbourhood": 3]
          as [String: Any],
        "grid": ["channels": 4, "height": 4, "width": 4], "smoothing": 4, "memoryRows": 8, "patchCount": 480,
        "coverage": 0.5, "mapThreshold": 1,
        "calibration": [
          "scores": scores, "peaks": scores, "isDefect": scores.indices.map { $0 >= Self.goodScores.count }, "folds": 3,
        ] as [String: Any],
        "guarantee": 0.125, "isolated": [Any](), "changes": [Any](),
      ] as [String: Any]
    let side = TinyGraph.side
    var map = [Float](repeating: 0, count: side * side)
    // Rows 8 to 15, columns 16 to 23: patch 6 of 4 x 4.
    for y in 8..<16 { for x in 16..<24 { map[y * side + x] = 2 } }
    var distances = [Float](repeating: 0, count: 16)
    distances[6] = 2
    outputs = [
      TinyGraph.Output("score", [1], dark: [0], bright: [2]),
      TinyGraph.Output("map", [1, side, side], dark: map.map { _ in 0 }, bright: map),
      TinyGraph.Output("distances", [1, 4, 4], dark: distances.map { _ in 0 }, bright: distances), Self.features,
    ]
    keepReference(isDefect: false, hasScores: false)
  }

  private mutating func loseThreshold() {
    manifest["threshold"] = nil
    change("anomaly") {
      $0["mapThreshold"] = nil
      $0["guarantee"] = nil
    }
    change("network") { $0["mapScale"] = 0 }
  }

  /// Tiles of the network's size that share 8 pixels.
  private mutating func tile() {
    change("anomaly") { $0["tiling"] = ["size": TinyGraph.side, "overlap": 8] }
    // One tile's features are not the photograph's.
    files["reference.json"] = Self.json([
      "basis": "held-out parts", "scores": [], "isDefect": [], "brightness": (0..<40).map { Double($0) / 40 },
      "whyNoFeatures": "one tile's mean is not the photograph's",
    ])
  }
}
