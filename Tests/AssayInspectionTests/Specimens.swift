import AssayBundle
import AssayGraph
import AssayImage
import AssayInspection
import AssayRuntime
import Foundation

/// A manifest of each kind with the outputs of a graph that fits it, known to the last digit.
struct Specimen {
  var manifest: Manifest
  var outputs: [String: Tensor]

  static let side = 64
  static let image = Image(
    width: 128, height: 96, channels: 1, samples: .uint8([UInt8](repeating: 90, count: 128 * 96)))

  static func threshold(_ value: Double) -> Manifest.Threshold {
    Manifest.Threshold(
      value: value, rule: "best-f1", rate: nil, explanation: "why", escapes: 1, defects: 4, overkills: 0, goods: 9)
  }

  static func manifest(_ kind: InspectorKind) -> Manifest {
    let isAnomaly = kind.name == .anomaly
    return Manifest(
      kind: kind,
      preprocessing: Preprocessing(width: side, height: side, whiteLevel: WhiteLevel(4095, .samples)),
      network: .init(
        backbone: .init(name: "net", nativeSize: side, licence: "Apache-2.0", source: "here"), weightsSHA256: "ab",
        features: isAnomaly ? nil : .init(taps: ["head"], width: side, height: side), temperature: 1.5, mapScale: 3),
      training: .init(
        method: isAnomaly ? .anomaly : .linear, recipe: Recipe(solver: ["optimizer": "lbfgs"]), seed: 7,
        layout: "class folders",
        counts: ["good": 9, "bad": 4], images: ["00", "11"], unreadable: 0),
      metrics: [.init(name: "accuracy", value: 0.9, low: 0.8, high: 1, count: 13, on: "held-out test")],
      versions: ["assay": "x"])
  }

  static func tensor(_ shape: [Int], _ values: [Float]) -> Tensor { Tensor(shape: shape, values: values) }
  private static func map(_ channels: Int) -> Tensor {
    tensor([1, channels, 2, 2], (0..<4 * channels).map { Float($0 % 5) })
  }

  /// Good, scratch and stain, with these probabilities.
  static func classifier(_ p: [Float] = [0.2, 0.7, 0.1], threshold: Double? = 0.5, good: String? = "good") -> Specimen {
    let spec = ClassifierSpec(
      classes: ["good", "scratch", "stain"], goodClass: good, threshold: threshold.map(Self.threshold))
    return Specimen(
      manifest: manifest(.classifier(spec)), outputs: ["probabilities": tensor([1, 3], p), "map": map(3)])
  }

  static func withTasks() -> Specimen {
    var color = TaskRecord(name: "surface", kind: .classification, counts: ["good": 5], recipe: .unknown, metrics: [])
    color.classes = ["good", "scratch", "stain"]
    color.goodClass = "good"
    let length = TaskRecord(name: "length", kind: .real, counts: ["known": 5], recipe: .unknown, metrics: [])
    var one = classifier()
    guard case .classifier(var spec) = one.manifest.kind else { return one }
    spec.tasks = [color, length]
    one.manifest.kind = .classifier(spec)
    one.outputs["surface.probabilities"] = one.outputs["probabilities"]
    one.outputs["length.value"] = tensor([1, 1], [12.5])
    return one
  }

  static func withMarks() -> Specimen {
    var one = classifier()
    guard case .classifier(var spec) = one.manifest.kind else { return one }
    spec.pixelMarks = .init(
      taps: ["a"], thresholds: [0.5, 0.5], patches: [1, 1], images: 2, classes: ["scratch", "stain"])
    one.manifest.kind = .classifier(spec)
    one.outputs["segmentation"] = tensor([1, 2, 2, 2], [-5, -5, 5, -5, -5, -5, -5, -5])
    return one
  }

  static func multiLabel(_ p: [Float] = [0.9, 0.1], thresholds: [Double] = [0.5, 0.3]) -> Specimen {
    let spec = MultiLabelSpec(
      classes: ["scratch", "stain"], thresholds: thresholds.map(Self.threshold), goodName: "fine")
    return Specimen(
      manifest: manifest(.multiLabel(spec)), outputs: ["probabilities": tensor([1, 2], p), "map": map(2)])
  }

  static func measurement() -> Specimen {
    let length = TaskRecord(name: "length", kind: .real, counts: ["known": 5], recipe: .unknown, metrics: [])
    var grade = TaskRecord(name: "grade", kind: .ordinal, counts: ["1": 3, "2": 4], recipe: .unknown, metrics: [])
    grade.levels = [1, 2]
    return Specimen(
      manifest: manifest(.measurement(MeasurementSpec(tasks: [length, grade]))),
      outputs: [
        "length.value": tensor([1, 1], [12.5]), "grade.probabilities": tensor([1, 2], [0.25, 0.75]),
        "grade.value": tensor([1, 1], [1.75]),
      ])
  }

  static func anomaly(_ score: Float = 6, threshold: Double? = 4, tiling: Tiling? = nil) -> Specimen {
    let model = AnomalyModel(
      method: "patchcore", patches: .init(taps: ["a"], width: side, height: side),
      grid: .init(channels: 8, height: 4, width: 4), tiling: tiling, smoothing: 4, scoreShare: nil, region: nil,
      memoryRows: 10, patchCount: 100, coverage: 1, mapThreshold: threshold,
      calibration: .init(
        scores: [1, 2, 3, 8], peaks: [1, 2, 3, 9], isDefect: [false, false, false, true], folds: 1),
      guarantee: threshold == nil ? nil : 0.05, isolated: [])
    var values = [Float](repeating: 0.5, count: side * side)
    for y in 10..<20 { for x in 30..<40 { values[y * side + x] = score } }
    var manifest = manifest(.anomaly(AnomalySpec(model: model, threshold: threshold.map(Self.threshold))))
    manifest.network.mapScale = threshold ?? 0
    return Specimen(
      manifest: manifest,
      outputs: [
        "score": tensor([1, 1], [score]), "map": tensor([1, 1, side, side], values),
        "distances": tensor([1, 1, 4, 4], [Float](repeating: 1, count: 16)),
      ])
  }

  static let all: [(name: String, make: @Sendable () -> Specimen)] = [
    ("classifier", { classifier() }), ("no good class", { classifier(threshold: nil, good: nil) }),
    ("tasks", withTasks), ("marks", withMarks), ("multi-label", { multiLabel() }), ("measurement", measurement),
    ("anomaly", { anomaly() }), ("no threshold", { anomaly(threshold: nil) }),
  ]

  static func named(_ name: String) -> Specimen { all.first { $0.name == name }?.make() ?? classifier() }

  func processor() throws -> any PostProcessor {
    try manifest.kind.postProcessor(manifest, FixedOutputs(outputs).shapes)
  }

  func inspection() throws -> Inspection {
    try processor().finding(of: Self.image, FixedOutputs(outputs), name: "part.png", started: 0).inspection
  }

  /// Without the time, which is another every run.
  func document() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(try inspection().outcome), as: UTF8.self)
  }
}
