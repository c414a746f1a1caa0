import AssayModel
import AssayRuntime

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

  init(_ record: TaskRecord, _ request: InferenceRequest) {
    kind = record.kind
    if record.kind != .real {
      let names = record.classes ?? record.levels?.map(LevelName.text) ?? []
      let values = (try? request.withOutput("\(record.name).probabilities") { $0.map(Double.init) }) ?? []
      probabilities = Dictionary(zip(names, values), uniquingKeysWith: { first, _ in first })
      if let best = values.indices.max(by: { values[$0] < values[$1] }) {
        probability = values[best]
        `class` = record.classes?[best]
        level = record.levels?[best]
      }
    }
    if record.kind != .classification {
      value = try? request.withOutput("\(record.name).value") { Double($0[0]) }
    }
    if let uncertainty = record.uncertainty, let halfWidth = uncertainty.halfWidth, let value {
      (low, high, coverage) = (value - halfWidth, value + halfWidth, uncertainty.coverage)
    }
  }
}
