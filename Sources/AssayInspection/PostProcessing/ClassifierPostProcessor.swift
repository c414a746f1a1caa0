import AssayBase
import AssayBundle
import AssayImage

extension ClassifierSpec {
  package var rule: DecisionRule {
    .classifier(classes: classes, goodClass: goodClass, threshold: threshold?.value, band: band)
  }
}

/// One class a part: its probability, where the evidence lies, and what the tasks say.
struct ClassifierPostProcessor: PostProcessor {
  private let rule: DecisionRule
  private let baseline: [Float]
  private let tasks: [TaskRecord]
  /// The task that the classes are of.
  private let primary: String?
  private let marks: PixelMarkReader?
  private let preprocessing: Preprocessing
  /// Rows and columns of the class activation map; nil when the graph has none.
  private let grid: (rows: Int, columns: Int)?

  init(
    _ spec: ClassifierSpec, _ manifest: Manifest, _ outputs: GraphOutputs, baseline: [Float]
  ) throws(ManifestFault) {
    rule = spec.rule
    self.baseline = baseline
    tasks = spec.tasks
    primary = spec.primaryTask?.name
    preprocessing = manifest.preprocessing
    let count = spec.classes.count
    try outputs.require("probabilities", [1, count])
    grid = try outputs.grid("map", channels: count)
    marks = try PixelMarkReader(manifest, outputs)
    for task in tasks { try TaskReading.check(task, outputs) }
  }

  func finding(of image: Image, _ outputs: some NetworkOutputs, name: String, started: Double) throws -> Finding {
    let values = try outputs.finite("probabilities", of: name)
    let (verdict, index, score) = rule.decide(values)
    let good = rule.goodIndex
    // On a good part the map shows what came closest to a defect.
    let candidates = values.indices.filter { $0 != good }
    let shown = verdict == .good ? candidates.max { values[$0] < values[$1] } ?? index : index
    let marks = try marks?.marks(of: rule.classes[shown], outputs, name: name)
    let evidence = try marks?.evidence ?? self.evidence(outputs, shown: shown, name: name)
    let isGood = verdict == .good
    let found = rule.classes[index]
    let placement = preprocessing.plan(for: image)
    let classification = Classification(
      verdict: verdict, class: found, probability: values[index], score: score,
      threshold: rule.threshold,
      probabilities: Dictionary(zip(rule.classes, values), uniquingKeysWith: { first, _ in first }),
      region: isGood
        ? nil : evidence?.region(placement: placement, width: preprocessing.width, height: preprocessing.height),
      area: isGood ? nil : marks?.area, tasks: try readings(outputs, found: found, name: name),
      isUncertain: rule.isUncertain(score: score, probability: values[index]))
    return Finding(
      inspection: Inspection(
        file: name, outcome: .classified(classification), milliseconds: Clock.milliseconds - started),
      heat: evidence.map(HeatSource.evidence), image: image)
  }

  private func evidence(_ outputs: some NetworkOutputs, shown: Int, name: String) throws -> EvidenceMap? {
    guard let grid else { return nil }
    return try outputs.withFinite("map", of: name) { map in
      EvidenceMap(
        map: map, classCount: rule.classes.count, rows: grid.rows, columns: grid.columns, found: shown,
        reference: rule.goodIndex, baseline: baseline)
    }
  }

  private func readings(
    _ outputs: some NetworkOutputs, found: String, name: String
  ) throws -> [String: TaskReading]? {
    guard !tasks.isEmpty else { return nil }
    var readings = try TaskReading.all(tasks, outputs, name: name)
    // With a threshold the verdict's class need not be the most probable one.
    if let primary, var reading = readings[primary] {
      reading.class = found
      reading.probability = reading.probabilities?[found]
      readings[primary] = reading
    }
    return readings
  }
}

extension GraphOutputs {
  /// Rows and columns of a map `[1, channels, rows, columns]`; nil when the graph has none of that name.
  func grid(_ name: String, channels: Int) throws(ManifestFault) -> (rows: Int, columns: Int)? {
    guard has(name) else { return nil }
    try require(name, [1, channels, nil, nil])
    return sides(name)
  }
}
