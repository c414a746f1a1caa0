import Foundation

/// How long something took, for people.
package enum ElapsedTime {
  /// `0.4 s`, `14 s`, `3 min 12 s`, `2 h 5 min`
  /// - Parameter seconds: 0 or more.
  package static func text(seconds: Double) -> String {
    let whole = Int(clamping: Int64(seconds.isFinite ? min(seconds, 1e12).rounded() : 0))
    switch seconds {
    case ..<9.95: return String(format: "%.1f s", max(0, seconds))
    case ..<119.5: return "\(whole) s"
    case ..<3_599.5: return "\(whole / 60) min" + (whole % 60 == 0 ? "" : " \(whole % 60) s")
    default: return "\(whole / 3600) h" + (whole % 3600 < 60 ? "" : " \(whole % 3600 / 60) min")
    }
  }
}
