import AssayGraph
package import AssayImage

extension Manifest {
  /// Largest side of a network's input in pixels.
  public static let largestInput = 4096
  /// More than any bundle has counted; sums of counts stay far from overflow.
  package static let largestCount = 1_000_000_000_000

  /// Whether everything in it makes sense, so that whoever reads it later need not ask again.
  public func check() throws(ManifestFault) {
    try Self.check(preprocessing, "preprocessing")
    try network.check()
    if let features = network.features {
      guard features.width == preprocessing.width, features.height == preprocessing.height else {
        throw ManifestFault(
          "network.features",
          "are of an input of \(features.width) x \(features.height), the preprocessing makes \(preprocessing.width) x "
            + "\(preprocessing.height)")
      }
    }
    try training.check()
    for metric in metrics {
      guard metric.value.isFinite, metric.low?.isFinite ?? true, metric.high?.isFinite ?? true,
        metric.planned?.isFinite ?? true
      else {
        throw ManifestFault("metrics", "has a figure that is not a number: \(metric.name)")
      }
      try Self.check(count: metric.count, "metrics")
    }
    for change in changes {
      try change.before?.check("changes", scale: .score(limit: Self.unlimitedScore))
      if let rows = change.rows { try Self.check(count: rows, "changes") }
    }
    try kind.spec.check(self)
    try kind.spec.decision.band?.check("uncertain")
  }

  /// Anomaly scores are 32-bit floats: none is larger.
  package static let unlimitedScore = Double(Float.greatestFiniteMagnitude)

  package static func check(_ rule: Preprocessing, _ field: String) throws(ManifestFault) {
    guard (1...largestInput).contains(rule.width), (1...largestInput).contains(rule.height) else {
      throw ManifestFault(field, "is \(rule.width) x \(rule.height) pixels, not 1...\(largestInput)")
    }
    guard (0...1).contains(rule.padding) else { throw ManifestFault(field, "has a padding outside 0...1") }
    if let level = rule.whiteLevel, !WhiteLevel.range.contains(level.value) {
      throw ManifestFault(field, "has a white level of \(level.value), not 255...65535")
    }
  }

  package static func check(count: Int, _ field: String) throws(ManifestFault) {
    guard (0...largestCount).contains(count) else { throw ManifestFault(field, "has a count of \(count)") }
  }

  /// Names of outputs: none empty, none twice.
  package static func check(names: [String], _ field: String) throws(ManifestFault) {
    var seen: Set<String> = []
    for name in names {
      guard !name.isEmpty else { throw ManifestFault(field, "has an empty name") }
      guard seen.insert(name).inserted else { throw ManifestFault(field, "has \(name) twice") }
    }
  }
}

/// What a threshold is compared with.
public enum ThresholdScale: Sendable, Equatable {
  /// 0...1
  case probability
  /// From 0; above the limit no part could ever be rejected.
  case score(limit: Double)

  public func contains(_ value: Double) -> Bool {
    switch self {
    // The next number after 1 is what keeps a good part with probability 1 unrejected.
    case .probability: value >= 0 && value <= 1.0.nextUp
    case .score(let limit): value >= 0 && value <= limit
    }
  }

  public var description: String {
    switch self {
    case .probability: "a probability, 0...1"
    case .score(let limit): "an anomaly score, 0...\(limit)"
    }
  }
}

extension Manifest.Threshold {
  package func check(_ field: String, scale: ThresholdScale) throws(ManifestFault) {
    guard value.isFinite, scale.contains(value) else {
      throw ManifestFault(field, "is \(value), not \(scale.description): parts would pass or fail whatever they are")
    }
    if let rate, !(0...1).contains(rate) { throw ManifestFault(field, "promises a rate of \(rate), not 0...1") }
    for count in [escapes, defects, overkills, goods] { try Manifest.check(count: count, field) }
    guard escapes <= defects, overkills <= goods else {
      throw ManifestFault(field, "counts more escapes than defects, or more overkills than good parts")
    }
  }
}

extension DecisionSettings {
  package func check(_ field: String, scale: ThresholdScale) throws(ManifestFault) {
    try threshold?.check(field, scale: scale)
    for own in labelThresholds ?? [] { try own.check(field, scale: .probability) }
    if let mapThreshold {
      guard mapThreshold.isFinite, mapThreshold >= 0, mapThreshold <= Manifest.unlimitedScore else {
        throw ManifestFault(field, "has a map threshold of \(mapThreshold)")
      }
    }
    if let guarantee, !(0...1).contains(guarantee) {
      throw ManifestFault(field, "proves a rate of \(guarantee), not 0...1")
    }
    try calibration?.check(field)
    try band?.check(field)
  }
}

extension Manifest.Network {
  package func check() throws(ManifestFault) {
    guard temperature.isFinite, temperature > 0 else {
      throw ManifestFault("network.temperature", "is \(temperature), not above 0")
    }
    if let calibration { try Manifest.check(count: calibration.parts, "network.calibration") }
    guard mapScale.isFinite, mapScale >= 0, mapScale <= Manifest.unlimitedScore else {
      throw ManifestFault("network.mapScale", "is \(mapScale), not from 0")
    }
    if let features, features.taps.isEmpty || features.statistics.isEmpty {
      throw ManifestFault("network.features", "names nothing to read")
    }
  }
}

extension Manifest.Training {
  package func check() throws(ManifestFault) {
    for count in counts.values { try Manifest.check(count: count, "training.counts") }
    try Manifest.check(count: unreadable, "training.unreadable")
    for count in (leftOut ?? [:]).values { try Manifest.check(count: count, "training.leftOut") }
    if let assumedGood { try Manifest.check(count: assumedGood, "training.assumedGood") }
  }
}

extension Manifest.PixelMarks {
  /// - Parameter own: classes of the bundle.
  package func check(own: [String]) throws(ManifestFault) {
    let names = classes ?? own
    try Manifest.check(names: names, "segmentation.classes")
    guard thresholds.count == names.count else {
      throw ManifestFault("segmentation.thresholds", "has \(thresholds.count) numbers for \(names.count) classes")
    }
    for threshold in thresholds where !(threshold.isFinite && ThresholdScale.probability.contains(threshold)) {
      throw ManifestFault("segmentation.thresholds", "has \(threshold), not a probability, 0...1")
    }
    for count in patches + [images] { try Manifest.check(count: count, "segmentation.patches") }
  }
}

extension TaskRecord {
  package func check() throws(ManifestFault) {
    let field = "tasks.\(name)"
    guard !name.isEmpty else { throw ManifestFault("tasks", "has a task without a name") }
    switch kind {
    case .classification:
      guard let classes, classes.count >= 2 else { throw ManifestFault(field, "classifies and has no two classes") }
      try Manifest.check(names: classes, field)
      if let goodClass, !classes.contains(goodClass) {
        throw ManifestFault(field, "calls \(goodClass) good, which is none of its classes")
      }
    case .ordinal:
      guard let levels, levels.count >= 2, levels.allSatisfy(\.isFinite),
        zip(levels, levels.dropFirst()).allSatisfy({ $0 < $1 })
      else { throw ManifestFault(field, "has no ascending levels") }
    case .real: break
    }
    if let temperature, !(temperature.isFinite && temperature > 0) {
      throw ManifestFault(field, "has a temperature of \(temperature)")
    }
    if let uncertainty {
      let numbers = [uncertainty.standardDeviation, uncertainty.halfWidth ?? 0, uncertainty.coverage]
      guard numbers.allSatisfy({ $0.isFinite && $0 >= 0 }), uncertainty.coverage <= 1 else {
        throw ManifestFault(field, "promises an interval that makes no sense")
      }
      try Manifest.check(count: uncertainty.count, field)
    }
    for count in counts.values { try Manifest.check(count: count, field) }
    for metric in metrics where !metric.value.isFinite {
      throw ManifestFault(field, "has a figure that is not a number: \(metric.name)")
    }
  }
}

extension Collection where Element == TaskRecord {
  package func check() throws(ManifestFault) {
    try Manifest.check(names: map(\.name), "tasks")
    for task in self { try task.check() }
  }
}

extension ClassifierSpec {
  public func check(_ manifest: Manifest) throws(ManifestFault) {
    guard classes.count >= 2 else { throw ManifestFault("classes", "has \(classes.count), a classifier needs two") }
    try Manifest.check(names: classes, "classes")
    if let goodClass, !classes.contains(goodClass) {
      throw ManifestFault("goodClass", "is \(goodClass), none of \(classes.joined(separator: ", "))")
    }
    if goodClass == nil, threshold != nil {
      throw ManifestFault("threshold", "is set, but no class is good")
    }
    try threshold?.check("threshold", scale: .probability)
    try pixelMarks?.check(own: classes)
    try tasks.check()
    if let primaryTask {
      guard primaryTask.classes == classes, primaryTask.goodClass == goodClass else {
        throw ManifestFault("tasks.\(primaryTask.name)", "decides, but has other classes than the bundle")
      }
    } else if !tasks.isEmpty {
      throw ManifestFault("tasks", "has none that classifies, but the bundle has classes")
    }
  }
}

extension MultiLabelSpec {
  public func check(_ manifest: Manifest) throws(ManifestFault) {
    guard !classes.isEmpty else { throw ManifestFault("classes", "is empty") }
    try Manifest.check(names: classes + [goodName], "classes")
    guard thresholds.count == classes.count else {
      throw ManifestFault("labelThresholds", "has \(thresholds.count) for \(classes.count) classes")
    }
    for threshold in thresholds { try threshold.check("labelThresholds", scale: .probability) }
    try pixelMarks?.check(own: classes)
  }
}

extension MeasurementSpec {
  public func check(_ manifest: Manifest) throws(ManifestFault) {
    guard !tasks.isEmpty else { throw ManifestFault("tasks", "is empty, and the bundle finds no class") }
    try tasks.check()
    if let task = tasks.first(where: { $0.kind == .classification }) {
      throw ManifestFault("tasks.\(task.name)", "classifies, but the bundle has no classes")
    }
  }
}
