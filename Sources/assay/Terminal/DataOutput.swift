import AssayData
import AssayWorkflows
import Foundation

/// A document with what was read of the data set and what was left out, under `reading`; under `fitness` whether the inspector is
/// fit for the line; and under `comparison` what `assay compare` found on the same images.
struct WithReading<Body: Encodable>: Encodable {
  let body: Body
  let reading: DataReading
  let fitness: LineFitness?
  let comparison: ComparisonCitation?

  private enum Key: String, CodingKey { case reading, fitness, comparison }

  init(_ body: Body, _ reading: DataReading, fitness: LineFitness? = nil, comparison: ComparisonCitation? = nil) {
    self.body = body
    self.reading = reading
    self.fitness = fitness
    self.comparison = comparison
  }

  func encode(to encoder: any Encoder) throws {
    try body.encode(to: encoder)
    var values = encoder.container(keyedBy: Key.self)
    try values.encode(reading, forKey: .reading)
    try values.encodeIfPresent(fitness, forKey: .fitness)
    try values.encodeIfPresent(comparison, forKey: .comparison)
  }
}

/// What a user must know of a data set, once for each kind.
enum DataText {
  static func lines(_ notices: [DataReading.Notice]) -> String {
    notices.map { ($0.isWarning ? "warning: " : "") + $0.text + "\n" }.joined()
  }

  static func say(_ notices: [DataReading.Notice]) {
    for notice in notices { Console.say("\(notice.isWarning ? "warning: " : "")\(notice.text)") }
  }
}
