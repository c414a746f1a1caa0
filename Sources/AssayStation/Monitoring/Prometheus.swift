/// Text in Prometheus' exposition format, version 0.0.4.
package struct Prometheus {
  package enum Kind: String { case counter, gauge, histogram }

  package private(set) var text = ""

  package init() {}

  package mutating func family(_ name: String, _ kind: Kind, _ help: String) {
    text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
  }

  package mutating func sample(_ name: String, _ labels: [(String, String)] = [], _ value: Double) {
    text += name + Self.labels(labels) + " " + Self.number(value) + "\n"
  }

  package mutating func histogram(_ name: String, _ labels: [(String, String)] = [], _ histogram: Histogram) {
    var total = 0
    for (bound, count) in zip(histogram.bounds, histogram.counts) {
      total += count
      sample(name + "_bucket", labels + [("le", Self.number(bound))], Double(total))
    }
    sample(name + "_bucket", labels + [("le", "+Inf")], Double(histogram.count))
    sample(name + "_sum", labels, histogram.sum)
    sample(name + "_count", labels, Double(histogram.count))
  }

  private static func labels(_ labels: [(String, String)]) -> String {
    guard !labels.isEmpty else { return "" }
    return "{" + labels.map { "\($0)=\"\(escaped($1))\"" }.joined(separator: ",") + "}"
  }

  private static func escaped(_ text: String) -> String {
    text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
  }

  private static func number(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
    return value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : String(value)
  }
}

/// Counts of values up to fixed bounds.
package struct Histogram: Sendable, Equatable {
  /// Ascending; a value is counted at the first bound that it does not exceed.
  package let bounds: [Double]
  /// Of each bound; what exceeds all is in ``count`` alone.
  private(set) var counts: [Int]
  private(set) var count = 0
  private(set) var sum = 0.0

  package init(_ bounds: [Double]) {
    self.bounds = bounds
    counts = [Int](repeating: 0, count: bounds.count)
  }

  package mutating func add(_ value: Double) {
    count += 1
    sum += value
    if let index = bounds.firstIndex(where: { value <= $0 }) { counts[index] += 1 }
  }

  /// Seconds.
  package static let latency = Histogram([
    0.001, 0.0025, 0.005, 0.0075, 0.01, 0.015, 0.02, 0.03, 0.05, 0.075, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
  ])
  /// Probabilities of being defective.
  package static let probability = Histogram((1...20).map { Double($0) / 20 })
  /// Anomaly scores in multiples of the threshold.
  package static let relativeScore = Histogram([
    0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.25, 1.5, 2, 3, 5,
  ])
  /// Inspections under way when one begins.
  package static let batch = Histogram([1, 2, 3, 4, 6, 8, 12, 16, 32, 64])
}
