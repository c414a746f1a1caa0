import AssayBundle
import Foundation

extension MeasurementSpec {
  package var rule: DecisionRule { DecisionRule(.values, goodClass: nil, classes: []) }
}

/// Values were stated; no class was found.
public struct Measurement: OutcomeFinding {
  public let verdict = Verdict.measured
  public let `class` = ""
  public let tasks: [String: TaskReading]?
  public let isUncertain = false

  private enum CodingKeys: String, CodingKey { case verdict, `class`, tasks, isUncertain }

  public init(tasks: [String: TaskReading]) { self.tasks = tasks }

  public var sentence: String { String(TaskReading.text(tasks ?? [:]).drop { $0 == " " }) }

  public var caption: String {
    (tasks ?? [:]).sorted { $0.key < $1.key }.map { name, reading in
      "\(name) \(String(format: "%.4g", reading.value ?? 0))"
    }.joined(separator: "  ")
  }
}
