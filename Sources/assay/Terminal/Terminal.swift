import Foundation

/// What standard output and standard error lead to.
enum Terminal {
  /// Whether a person sees what is written there.
  static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

  /// Whether a line can be drawn in place: a terminal that understands its commands.
  static var canRedraw: Bool { isTerminal(STDERR_FILENO) && hasCommands }

  /// Whether colours are wanted there: a terminal that has them, and NO_COLOR (https://no-color.org) is not set.
  static func hasColour(_ descriptor: Int32) -> Bool {
    isTerminal(descriptor) && hasCommands && environment("NO_COLOR") == nil
  }

  /// Columns of standard error, as they are now; 80 where they are not known.
  static var columns: Int {
    var size = winsize()
    if ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 { return Int(size.ws_col) }
    return environment("COLUMNS").flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil } ?? 80
  }

  private static var hasCommands: Bool { environment("TERM").map { $0 != "dumb" } ?? false }

  /// nil when it is not set, or empty.
  private static func environment(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
  }
}
