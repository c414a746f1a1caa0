import Foundation

/// Threads that work for people, not for parts, let the others go first.
enum ThreadCourtesy {
  /// The calling thread is scheduled after those that inspect (`nice` 10: a tenth of their share when both want a core).
  ///
  /// Does nothing where the system does not allow it.
  static func yieldToOthers() {
    // Linux has priorities a thread; 0 is the calling one.
    _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 10)
  }
}
