public import AssayBundle
import Foundation

/// What a bundle says of its probabilities and of its uncertain parts, in a sentence for people.
extension Manifest {
  /// How its probabilities were calibrated.
  public var calibrationSentence: String {
    switch kind {
    case .anomaly: "it states scores, not probabilities"
    case .measurement: "it states values"
    case .classifier, .multiLabel:
      network.calibration.map { "calibrated on \($0.parts) held-out parts, with no more certainty than they support" }
        ?? "calibrated by an earlier version, which was too certain where few parts were held out; train it again"
    }
  }

  /// Which parts are uncertain.
  public var uncertainSentence: String {
    switch rule.form {
    case .values: return "it finds no class, so that nothing can be uncertain by a threshold"
    case .score(nil, _): return "every part, since there is no threshold"
    case .score, .labels, .classes: break
    }
    guard let band = rule.band else {
      let thumb =
        switch rule.form {
        case .score(_, .score): "scores within 15 % of the threshold"
        case .classes: "classes found with less than 70 %"
        default: "odds within a factor of 3 of the threshold's"
        }
      return "\(thumb): a rule of thumb of an earlier version; set a share with `assay threshold --uncertain 0.05`"
    }
    guard band.budget > 0 else { return "none, as asked for" }
    let share = String(format: "%.4g", band.budget * 100)
    return "the least certain \(share) % of parts, by \(band.parts) held-out ones of which \(band.uncertain) are: "
      + reach(band)
  }

  private func reach(_ band: UncertainBand) -> String {
    if let probability = band.probability { return "a class found with less than \(Self.text(probability))" }
    let (below, above) = (band.below ?? 0, band.above ?? 0)
    guard case .score(let threshold?, let scale) = rule.form else {
      return "a class whose odds are within a factor of \(Self.text(exp(below))) of its threshold's"
    }
    func moved(_ margin: Double) -> Double {
      switch scale {
      case .score: return threshold * exp(margin)
      case .probability:
        let inside = min(max(threshold, 1e-9), 1 - 1e-9)
        return 1 / (1 + (1 - inside) / inside * exp(-margin))
      }
    }
    return "scores from \(Self.text(moved(-below))) to \(Self.text(moved(above)))"
  }

  private static func text(_ value: Double) -> String { String(format: "%.4g", value) }
}
