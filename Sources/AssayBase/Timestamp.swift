package import Foundation

/// Moments as documents and histories name them.
package enum Timestamp {
  /// `2026-11-30T20:51:54Z` (ISO 8601, UTC, whole seconds)
  package static func text(_ date: Date = Date()) -> String { ISO8601DateFormatter().string(from: date) }
}
