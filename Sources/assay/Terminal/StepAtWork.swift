import Synchronization

/// The step that is at work, for whoever is asked to stop.
enum StepAtWork {
  private struct State {
    var step = ""
    var done = 0
    var total = 0
    var number = 0
  }

  private static let state = Mutex(State())

  static func set(_ step: String, _ done: Int, _ total: Int) {
    state.withLock { state in
      if step != state.step { state.number += 1 }
      (state.step, state.done, state.total) = (step, done, total)
    }
  }

  /// How many steps were begun.
  static var number: Int { state.withLock { $0.number } }

  /// `features, 120 of 2624`; nil when none was begun.
  static var text: String? {
    state.withLock { state in
      guard !state.step.isEmpty else { return nil }
      return state.step + (state.total > 1 ? ", \(state.done) of \(state.total)" : "")
    }
  }
}
