import Foundation
import Synchronization

/// Standard output and standard error as one screen: what is written goes above the line of the step at work, which stays the
/// last one and is drawn anew in its place.
///
/// The cursor waits at the beginning of that line. A terminal that becomes narrower breaks the line into two rows and leaves
/// the cursor where it is, at the beginning of the first, so that clearing from there on leaves nothing of it.
enum Screen {
  private static let clearing = "\r\u{1B}[J"

  private struct State {
    /// By the terminal's columns; nil when no line is at work.
    var line: (@Sendable (Int) -> String)?
    var isDrawn = false
  }

  private static let state = Mutex(State())

  /// Writes all of it, above the line at work.
  /// - Returns: `errno` when that is impossible; nil when it is done.
  static func write(_ text: some Collection<UInt8>, to descriptor: Int32) -> Int32? {
    let data = Data(text)
    return state.withLock { state in
      guard state.isDrawn, Terminal.isTerminal(descriptor) else { return data.failure(writingTo: descriptor) }
      clear(&state)
      let failure = data.failure(writingTo: descriptor)
      if data.last == UInt8(ascii: "\n") { draw(&state) }
      return failure
    }
  }

  /// Draws the line at work.
  /// - Parameter line: its text for a number of columns, in fewer of them.
  static func show(_ line: @escaping @Sendable (Int) -> String) {
    state.withLock { state in
      state.line = line
      draw(&state)
    }
  }

  /// The line at work is finished, and stays as it is; without a text it goes.
  static func finish(_ text: String? = nil) {
    state.withLock { state in
      clear(&state)
      state.line = nil
      if let text { write(text + "\n") }
    }
  }

  private static func clear(_ state: inout State) {
    if state.isDrawn { write(clearing) }
    state.isDrawn = false
  }

  private static func draw(_ state: inout State) {
    guard let line = state.line else { return }
    write(clearing + line(Terminal.columns) + "\r")
    state.isDrawn = true
  }

  private static func write(_ text: String) { _ = Data(text.utf8).failure(writingTo: STDERR_FILENO) }
}

extension Data {
  /// Writes all of it.
  /// - Returns: `errno` when that is impossible; nil when it is done.
  fileprivate func failure(writingTo descriptor: Int32) -> Int32? {
    withUnsafeBytes { bytes in
      var rest = bytes[...]
      while !rest.isEmpty {
        let count = Foundation.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return count < 0 ? errno : EIO }
        rest = rest.dropFirst(count)
      }
      return nil
    }
  }
}
