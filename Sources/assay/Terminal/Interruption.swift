import AssayWorkflows
import Dispatch
import Foundation
import Synchronization

/// What Ctrl-C and SIGTERM do. Whoever asks is answered at once, by a word on what becomes of the work; who asks again ends the
/// process there and then.
enum Interruption {
  private struct State {
    /// The line with which the process ends.
    var word: @Sendable () -> ShownLine = { "assay: stopped" }
    /// What the work is at that ends by itself; nil when it may be cut off anywhere.
    var finishing: ShownLine?
    /// The step in which the work has last looked whether somebody has asked.
    var looked = 0
    /// Whether the work ends upon a signal by itself.
    var isAccompanied = false
    var sources: [any DispatchSourceSignal] = []
  }

  private static let hasComeOnce = Atomic<Bool>(false)
  /// Once it has been said what becomes of the work.
  private static let isAsked = Atomic<Bool>(false)
  private static let saying = DispatchGroup()
  private static let state = Mutex(State())

  /// Ends the process, saying so: what every command does unless it says otherwise.
  /// - Parameters:
  ///   - kept: what is left of the work, for the person who has stopped it.
  ///   - clearing: done before; what is written into meanwhile may go with the process.
  static func end(kept: ShownLine, clearing: @escaping @Sendable () -> Void = {}) {
    end {
      clearing()
      return "assay: stopped" + at + "; " + kept
    }
  }

  /// The same with a line of the command's own.
  /// - Parameter word: makes the line; the process ends when it has been said.
  static func end(_ word: @escaping @Sendable () -> ShownLine) {
    listen { state in
      state.word = word
      state.finishing = nil
    }
  }

  /// Long work ends by itself, at a place where that is good; in a step in which it does not look it is cut off, as it would be
  /// without this.
  /// - Parameter finishing: what it is at, for the person who waits: `the picture at hand`.
  /// - Returns: whether somebody has asked.
  static func watch(_ finishing: ShownLine) -> @Sendable () -> Bool {
    listen { state in
      state.finishing = finishing
      state.looked = StepAtWork.number
    }
    return {
      state.withLock { $0.looked = StepAtWork.number }
      return isAsked.load(ordering: .relaxed)
    }
  }

  /// Work that has its own way of ending upon a signal, and only needs it said; a second signal ends the process.
  static func accompany(_ finishing: ShownLine) {
    state.withLock { state in
      state.isAccompanied = true
      state.finishing = finishing
      state.sources = sources()
    }
  }

  /// Before the process ends: what is being said is said.
  static func settle() {
    let deadline = DispatchTime.now() + 0.5
    // Work with its own way of ending may have heard of the signal before this has.
    if state.withLock({ $0.isAccompanied }) {
      while !hasComeOnce.load(ordering: .relaxed), DispatchTime.now() < deadline { usleep(1000) }
    }
    _ = saying.wait(timeout: deadline)
  }

  /// Where the work was, for a line.
  private static var at: ShownLine { StepAtWork.text.map { " in \($0)" } ?? "" }

  private static func listen(_ change: (inout State) -> Void) {
    state.withLock { state in
      change(&state)
      guard state.sources.isEmpty else { return }
      for number in signals { signal(number, SIG_IGN) }
      state.sources = sources()
    }
  }

  private static let signals = [SIGINT, SIGTERM]

  /// Listening when this returns: a signal that comes before is not told afterwards.
  private static func sources() -> [any DispatchSourceSignal] {
    let beginning = DispatchGroup()
    let sources = signals.map { number in
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global(qos: .userInteractive))
      source.setEventHandler { ask() }
      beginning.enter()
      source.setRegistrationHandler { beginning.leave() }
      source.resume()
      return source
    }
    _ = beginning.wait(timeout: .now() + 1)
    return sources
  }

  private static func ask() {
    saying.enter()
    guard !hasComeOnce.exchange(true, ordering: .relaxed) else { _exit(WorkflowError.Kind.interrupted.rawValue) }
    // In a thread of its own: a terminal that takes nothing must not keep the second signal waiting.
    Thread.detachNewThread {
      let (word, finishing) = state.withLock { state in
        (state.word, state.looked == StepAtWork.number ? state.finishing : nil)
      }
      if let finishing {
        Console.say("assay: stopping" + at + ": finishing " + finishing + "; Ctrl-C again ends at once")
        isAsked.store(true, ordering: .relaxed)
        return saying.leave()
      }
      Console.say(word())
      Screen.finish()
      _exit(WorkflowError.Kind.interrupted.rawValue)
    }
  }
}
