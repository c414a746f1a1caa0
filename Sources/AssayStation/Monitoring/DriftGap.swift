package import AssayBundle
import AssayInspection

/// A figure that a bundle does not compare, and why.
package struct DriftGap: Sendable, Encodable, Equatable {
  package let of: DriftFinding.Figure
  /// With what to do about it.
  package let reason: String

  /// Figures that cannot be compared with training.
  /// - Parameter reference: of the bundle; nil when it has none.
  package static func of(_ kind: InspectorKind, _ reference: BundleReference?) -> [DriftGap] {
    guard let reference else {
      let reason = "it keeps nothing of its training parts: an earlier version trained it; train it again"
      return [DriftFinding.Figure.score, .brightness, .features].map { DriftGap(of: $0, reason: reason) }
    }
    let score = scoreGap(kind, reference).map { DriftGap(of: .score, reason: $0) }
    let features = featureGap(reference).map { DriftGap(of: .features, reason: $0) }
    let brightness = brightnessGap(reference).map { DriftGap(of: .brightness, reason: $0) }
    return [score, brightness, features].compactMap { $0 }
  }

  /// Why nothing is compared: of the figure that each kind has; nil when one of them is.
  package static func whyNothing(_ gaps: [DriftGap]) -> String? {
    let isAll = [DriftFinding.Figure.score, .brightness, .features].allSatisfy { figure in
      gaps.contains { $0.of == figure }
    }
    return isAll ? gaps.first { $0.of == .features }?.reason : nil
  }

  private static func scoreGap(_ kind: InspectorKind, _ reference: BundleReference) -> String? {
    let count = reference.scores.count
    guard count == 0 else { return count < DriftRule.fewestReference ? few(count) : nil }
    return switch kind {
    case .measurement: "it states values and has no score"
    case .anomaly: "no parts were held out to set its threshold by; train it again with a threshold"
    case .classifier, .multiLabel: "no parts were held out in its training; train it again with more images"
    }
  }

  private static func brightnessGap(_ reference: BundleReference) -> String? {
    guard let brightness = reference.brightness else {
      return "an earlier version trained it and kept no photographs' brightness; train it again"
    }
    return brightness.count < DriftRule.fewestReference ? few(brightness.count) : nil
  }

  private static func featureGap(_ reference: BundleReference) -> String? {
    guard let features = reference.features else {
      return reference.whyNoFeatures ?? "an earlier version trained it, which kept none; train it again"
    }
    guard features.basis != nil else {
      return
        "an earlier version trained it and kept the distances of the very images that it measures from, to which fresh "
        + "parts would always seem far; train it again"
    }
    return features.distances.count < DriftRule.fewestReference ? few(features.distances.count) : nil
  }

  private static func few(_ count: Int) -> String {
    "\(count) held-out parts are too few to compare with (\(DriftRule.fewestReference) at least); train it again with more "
      + "images"
  }
}

extension ServedBundle {
  /// Figures that cannot be compared with training.
  package var driftGaps: [DriftGap] { DriftGap.of(manifest.kind, reference) }

  /// Why nothing can be compared with training; nil when something can.
  package var whyNoDrift: String? {
    DriftGap.whyNothing(driftGaps)
  }
}
