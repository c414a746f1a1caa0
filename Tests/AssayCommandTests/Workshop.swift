import AssayGraph
import Foundation

/// Everything that the commands are tried on, made once: a tiny backbone in a cache of its own, small data sets, and a
/// bundle of each kind that `assay train` has made of them.
final class Workshop: Sendable {
  static let shared = Workshop()

  let folder = NSTemporaryDirectory() + "assay-commands-\(getpid())"
  var cache: String { folder + "/cache" }
  /// `good/` and `scratch/`.
  var classes: String { folder + "/classes" }
  /// The same without a class that is known to be good: `left/` and `right/`.
  var findings: String { folder + "/findings" }
  /// A CSV manifest with a class and a value for each image.
  var tasks: String { folder + "/tasks.csv" }
  /// The value alone.
  var values: String { folder + "/values.csv" }

  /// Options of every training here: small, and from the tiny backbone.
  static let small = ["--backbone", "tiny"]

  private init() {
    for index in 0..<24 {
      for (name, isScratched) in [("good", false), ("scratch", true)] where !isScratched || index < 18 {
        let picture = Self.part(index * 2 + (isScratched ? 1 : 0), isScratched: isScratched)
        write("classes/\(name)/\(index).pgm", picture)
        write("findings/\(isScratched ? "left" : "right")/\(index).pgm", picture)
      }
    }
    var tasks = "path,label:defect,score:length\n"
    var values = "path,score:length\n"
    for index in 0..<24 {
      for (name, length) in [("good", index % 4), ("scratch", 10 + index)] where name == "good" || index < 18 {
        tasks += "classes/\(name)/\(index).pgm,\(name),\(length)\n"
        values += "classes/\(name)/\(index).pgm,\(length)\n"
      }
    }
    write("tasks.csv", Array(tasks.utf8))
    write("values.csv", Array(values.utf8))
    write("tiny.onnx", try! Self.network())
    atexit { try? FileManager.default.removeItem(atPath: Workshop.shared.folder) }
  }

  func write(_ name: String, _ bytes: [UInt8]) {
    let file = folder + "/" + name
    try! FileManager.default.createDirectory(
      atPath: (file as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    try! Data(bytes).write(to: URL(fileURLWithPath: file))
  }

  /// 64 x 48 pixels of brushed metal as PGM, on a bad part a dark scratch.
  static func part(_ seed: Int, isScratched: Bool) -> [UInt8] {
    var state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 | 1
    func noise(_ reach: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 40) % (2 * reach + 1) - reach
    }
    let rows = (0..<48).map { _ in noise(14) }
    let pixels = (0..<64 * 48).map { at -> UInt8 in
      let (x, y) = (at % 64, at / 64)
      let isDark = isScratched && abs(x - 12 - seed % 40) <= 2 && (8..<40).contains(y)
      return UInt8(max(0, min(255, 140 + rows[y] + noise(6) - (isDark ? 90 : 0))))
    }
    return Array("P5 64 48 255\n".utf8) + pixels
  }

  /// Five stages of eight channels with weights by formula, for an input of 64 pixels.
  private static func network() throws -> [UInt8] {
    var builder = GraphBuilder(name: "tiny")
    var x = builder.input("image", shape: [3, 64, 64])
    for stage in 1...5 {
      let sum = try builder.convolution(
        x, outputs: 8, window: .square(3, stride: 2, padding: 1), hasBias: true, weights: SeededWeights(),
        key: "stage\(stage).convolution")
      x = builder.relu(sum, name: "stage\(stage)")
    }
    builder.declareOutput(x)
    return try builder.model().serialized()
  }

  /// The commands that make what the others need; once, in this order.
  static let outcomes: [String: AssayProgram.Outcome] = {
    let shop = shared
    var outcomes: [String: AssayProgram.Outcome] = [:]
    outcomes["tiny"] = try? AssayProgram.run([
      "backbones", "import", shop.folder + "/tiny.onnx", "--name", "tiny", "--input-size", "64", "--licence", "none",
      "--json",
    ])
    for kind in Kind.allCases {
      outcomes[kind.rawValue] = try? AssayProgram.run(["train"] + kind.data + ["-o", kind.path, "--json"] + small)
    }
    return outcomes
  }()

  /// The kinds of bundle.
  enum Kind: String, CaseIterable {
    case classifier, findings, labels, tasks, values, fewshot, anomaly

    /// Path of the bundle, which is there once ``Workshop/outcomes`` has been asked for.
    var path: String { Workshop.shared.folder + "/\(rawValue).assay" }

    /// Path of the bundle.
    var bundle: String {
      _ = Workshop.outcomes
      return path
    }

    /// A copy of the bundle, for tests that change it.
    func copy() throws -> String {
      let copy = Workshop.shared.folder + "/copy-\(UUID().uuidString).assay"
      try FileManager.default.copyItem(atPath: bundle, toPath: copy)
      return copy
    }

    /// The data set and the method that make it.
    var data: [String] {
      let shop = Workshop.shared
      switch self {
      case .classifier: return [shop.classes]
      case .findings: return [shop.findings]
      case .labels: return [shop.classes, "--multi-label"]
      case .tasks: return [shop.tasks]
      case .values: return [shop.values]
      case .fewshot: return [shop.classes, "--method", "fewshot", "--shots", "4"]
      case .anomaly: return [shop.classes, "--method", "anomaly"]
      }
    }
  }
}
