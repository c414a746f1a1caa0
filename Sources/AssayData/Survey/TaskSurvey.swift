import Foundation

/// What a data set holds for one task.
public struct TaskSurvey: Codable, Sendable, Equatable {
  public struct Values: Codable, Sendable, Equatable {
    public var smallest: Double
    public var median: Double
    public var largest: Double

    public init(smallest: Double, median: Double, largest: Double) {
      self.smallest = smallest
      self.median = median
      self.largest = largest
    }
  }

  public var name: String
  public var kind: TaskDescription.Kind
  public var goodClass: String?
  /// Class, level or (real values) `known`, to split name to count.
  public var counts: [String: [String: Int]]
  /// Images without a target for this task.
  public var missing: Int
  /// Of a real-valued task.
  public var values: Values?

  init(_ task: TaskDescription, _ samples: [Sample], _ splits: [Split]) {
    name = task.name
    kind = task.kind
    goodClass = task.goodClass
    counts = [:]
    missing = 0
    var numbers: [Double] = []
    for (sample, split) in zip(samples, splits) {
      guard let target = sample.targets[task.name] else {
        missing += 1
        continue
      }
      let key =
        switch target {
        case .label(let label): label
        case .value(let value): task.kind == .ordinal ? String(format: "%.6g", value) : "known"
        }
      counts[key, default: [:]][split.rawValue, default: 0] += 1
      if let value = target.value { numbers.append(value) }
    }
    numbers.sort()
    if task.kind == .real, let first = numbers.first, let last = numbers.last {
      values = Values(smallest: first, median: numbers[numbers.count / 2], largest: last)
    }
  }

  var heading: String {
    var text = "task \(name) (\(kind.rawValue)"
    if let goodClass { text += ", good class \(goodClass)" }
    if missing > 0 { text += ", \(missing) missing" }
    if let values {
      text += String(format: ", %.6g ... %.6g, median %.6g", values.smallest, values.largest, values.median)
    }
    return text + ")"
  }

  var columnTitle: String {
    switch kind {
    case .classification: "class"
    case .ordinal: "level"
    case .real: "value"
    }
  }
}
