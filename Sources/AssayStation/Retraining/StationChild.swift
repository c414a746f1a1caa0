import CProcess
import Foundation

/// A program that a station has started beside itself ends with the station, also when that is killed.
package enum StationChild {
  /// Names the station's process to the program.
  static let variable = "ASSAY_STATION_PROCESS"

  /// What is asked of the child: to be called first. Without a station it does nothing.
  package static func endWithStation() {
    guard let station = ProcessInfo.processInfo.environment[variable].flatMap({ pid_t($0) }) else { return }
    _ = assay_signal_when_parent_ends(SIGTERM)
    // It may have ended before.
    if getppid() != station { _exit(128 + SIGTERM) }
  }

  /// The environment of a child.
  static var environment: [String: String] {
    ProcessInfo.processInfo.environment.merging([variable: "\(getpid())"]) { $1 }
  }
}
