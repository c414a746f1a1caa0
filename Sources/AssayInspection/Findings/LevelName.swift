import Foundation

/// Levels as people write them.
package enum LevelName {
  package static func text(_ level: Double) -> String { String(format: "%.6g", level) }
}
