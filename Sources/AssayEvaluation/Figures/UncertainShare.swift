import AssayBase
package import AssayBundle
package import AssayInspection
import AssayMetrics
import Foundation

/// How many of tested parts were uncertain, against the share that was planned for.
package enum UncertainShare {
  package static let name = "uncertain"

  /// - Returns: nil without a band or parts.
  package static func metric(_ rule: DecisionRule, uncertain: Int, count: Int, basis: String) -> Manifest.Metric? {
    guard let band = rule.band, let interval = Proportion.wilson(uncertain, of: count) else { return nil }
    return Manifest.Metric(
      name: name, value: Double(uncertain) / Double(count), low: interval.low, high: interval.high, count: count,
      on: basis, planned: band.budget)
  }

  /// - Parameter probabilities: `[n, K]`, row by row.
  package static func metric(
    _ rule: DecisionRule, probabilities: [Double], count: Int, basis: String
  ) -> Manifest.Metric? {
    let width = rule.classes.count
    guard rule.band != nil, width > 0, probabilities.count == count * width else { return nil }
    let uncertain = (0..<count).count { row in
      rule.isUncertain(probabilities: Array(probabilities[row * width..<(row + 1) * width]))
    }
    return metric(rule, uncertain: uncertain, count: count, basis: basis)
  }

  /// What a report says beside the figure.
  package static func explanation(_ band: UncertainBand?) -> String? {
    band.map { "a person should look; planned for \(ShareText.percent($0.budget))" }
  }

  /// What the user must know: more parts than planned for, beyond chance.
  package static func warnings(_ metrics: [Manifest.Metric], _ band: UncertainBand?) -> [String] {
    guard let band, let metric = metrics.first(where: { $0.name == name }), let low = metric.low, low > band.budget
    else { return [] }
    return [
      "\(ShareText.percent(metric.value)) of the tested parts are uncertain, more than the \(ShareText.percent(band.budget)) "
        + "that were planned for: these parts are not like those that the band was chosen on. "
        + "Train with parts like them, or set the share anew with `assay threshold --uncertain`."
    ]
  }
}
