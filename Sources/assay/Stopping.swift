import AssayWorkflows
import Dispatch
import Foundation

/// Ctrl-C and SIGTERM end the process at once, with a word on what is kept.
final class Stopping {
  private let sources: [any DispatchSourceSignal]

  /// - Parameters:
  ///   - message: what the user is told.
  ///   - clearing: done before; what is written into meanwhile may go with the process.
  init(saying message: String, clearing: @escaping @Sendable () -> Void = {}) {
    sources = [SIGINT, SIGTERM].map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global(qos: .userInteractive))
      source.setEventHandler {
        clearing()
        Console.say(message)
        _exit(WorkflowError.Kind.interrupted.rawValue)
      }
      source.resume()
      return source
    }
  }

  func end() {
    for source in sources { source.cancel() }
    signal(SIGINT, SIG_DFL)
    signal(SIGTERM, SIG_DFL)
  }
}
