public import AssayBundle
import Foundation

/// What was found on one image for one of several tasks.
public struct TaskReading: Sendable, Encodable {
  public let kind: TaskRecord.Kind
  /// Of a classification: the most probable class; of the primary task the class of the verdict.
  public var `class`: String?
  /// Of an ordinal task: the most probable level.
  public var level: Double?
  /// Of that class or level, 0...1.
  public var probability: Double?
  /// Of every class or level, by its name.
  public var probabilities: [String: Double]?
  /// The expected level, or the real value.
  public var value: Double?
  /// The interval that holds the true value with a probability of at least ``coverage``; nil when the bundle was trained on
  /// too few images to promise one.
  public var low: Double?
  public var high: Double?
  public var coverage: Double?

  /// Whether the graph answers what the manifest says of a task.
  static func check(_ record: TaskRecord, _ outputs: GraphOutputs) throws(ManifestFault) {
    switch record.kind {
    case .classification: try outputs.require("\(record.name).probabilities", [1, record.classes?.count])
    case .ordinal:
      try outputs.require("\(record.name).probabilities", [1, record.levels?.count])
      try outputs.require("\(record.name).value", [1, 1])
    case .real: try outputs.require("\(record.name).value", [1, 1])
    }
  }

  /// All of them in a line, each after two spaces.
  static func text(_ readings: [String: TaskReading]) -> String {
    readings.sorted { $0.key < $1.key }.map { "  \($0.key) \($0.value.text)" }.joined()
  }

  private var text: String {
    if let name = `class` { return "\(name) \(String(format: "%.2f %%", (probability ?? 0) * 100))" }
    let stated = String(format: "%.4g", value ?? 0)
    guard let high, let value else { return stated }
    return stated + String(format: " ± %.3g", high - value)
  }

  /// What was found for each task, by name.
  static func all(
    _ records: [TaskRecord], _ outputs: some NetworkOutputs, name: String
  ) throws -> [String: TaskReading] {
    try Dictionary(
      records.map { ($0.name, try TaskReading($0, outputs, name: name)) }, uniquingKeysWith: { first, _ in first })
  }

  private init(_ record: TaskRecord, _ outputs: some NetworkOutputs, name: String) throws {
    kind = record.kind
    if record.kind != .real {
      let names = record.classes ?? record.levels?.map(LevelName.text) ?? []
      let values = try outputs.finite("\(record.name).probabilities", of: name)
      probabilities = Dictionary(zip(names, values), uniquingKeysWith: { first, _ in first })
      if let best = values.indices.max(by: { values[$0] < values[$1] }) {
        probability = values[best]
        `class` = record.classes?[best]
        level = record.levels?[best]
      }
    }
    if record.kind != .classification {
      value = try outputs.finite("\(record.name).value", of: name).first
    }
    if let uncertainty = record.uncertainty, let halfWidth = uncertainty.halfWidth, let value {
      (low, high, coverage) = (value - halfWidth, value + halfWidth, uncertainty.coverage)
    }
  }
}
