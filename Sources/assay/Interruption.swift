import Dispatch
import Foundation
import Synchronization

/// SIGTERM and Ctrl-C as a flag that long work looks at, so that it can keep what it has.
enum Interruption {
  private static let isAsked = Atomic<Bool>(false)

  /// From now on the signals no longer end the process at once; a second one does.
  /// - Returns: whether one has come.
  static func watch() -> @Sendable () -> Bool {
    for number in [SIGTERM, SIGINT] {
      signal(number) { number in
        if Interruption.isAsked.exchange(true, ordering: .relaxed) { signal(number, SIG_DFL) }
      }
    }
    return { isAsked.load(ordering: .relaxed) }
  }
}
