import Foundation
import Testing

/// The program at a terminal: standard error, and standard output too unless it goes elsewhere.
final class PseudoTerminal {
  private let master: Int32
  private let process = Process()
  /// All that was written.
  private(set) var text = ""
  private var bytes: [UInt8] = []
  private(set) var screen: ScreenModel

  /// - Parameters:
  ///   - columns: its width.
  ///   - output: where standard output goes; to the terminal when nil.
  init(
    _ words: [String], columns: Int, output: FileHandle? = nil, environment: [String: String] = [:], in folder: String
  ) throws {
    screen = ScreenModel(width: columns)
    master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
    // TIOCSPTLCK and TIOCGPTN of ioctl_tty(2): unlock the other end, and its number.
    var (locked, number): (Int32, UInt32) = (0, 0)
    try #require(master >= 0 && ioctl(master, 0x4004_5431, &locked) == 0 && ioctl(master, 0x8004_5430, &number) == 0)
    let slave = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY | O_CLOEXEC)
    try #require(slave >= 0)
    resize(columns)
    process.executableURL = URL(fileURLWithPath: AssayProgram.path)
    process.arguments = words
    var variables = ProcessInfo.processInfo.environment
    for name in ["NO_COLOR", "COLUMNS", "CLICOLOR_FORCE"] { variables[name] = nil }
    variables.merge(["XDG_CACHE_HOME": Workshop.shared.cache, "TERM": "xterm-256color"]) { $1 }
    process.environment = variables.merging(environment) { $1 }
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    let handle = FileHandle(fileDescriptor: slave, closeOnDealloc: false)
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output ?? handle
    process.standardError = handle
    try process.run()
    close(slave)
  }

  deinit { close(master) }

  private func resize(_ columns: Int) {
    var size = winsize(ws_row: 50, ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
    _ = ioctl(master, UInt(TIOCSWINSZ), &size)
    screen.width = columns
  }

  /// Reads what is written.
  /// - Returns: false when the program has ended.
  private func read(within milliseconds: Int32) -> Bool {
    var wanted = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
    guard poll(&wanted, 1, milliseconds) > 0 else { return true }
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = Foundation.read(master, &buffer, buffer.count)
    // A child that ended may interrupt it.
    guard count > 0 else { return count < 0 && errno == EINTR }
    bytes += buffer[..<count]
    // A character may not be there to its last byte.
    var whole = bytes.count
    while whole > 0, bytes[whole - 1] & 0xC0 == 0x80 { whole -= 1 }
    if whole > 0, bytes[whole - 1] >= 0xC0 { whole -= 1 } else { whole = bytes.count }
    let piece = String(decoding: bytes[..<whole], as: UTF8.self)
    bytes.removeFirst(whole)
    text += piece
    screen.write(piece)
    return true
  }

  /// Reads until something was written.
  func wait(for condition: (PseudoTerminal) -> Bool) {
    while !condition(self), read(within: 10_000) {}
  }

  /// The window becomes narrower or wider while the program holds its breath, so that what it has written was for the old
  /// width, and what it will write for the new one.
  func change(to columns: Int) {
    kill(process.processIdentifier, SIGSTOP)
    var number = -1
    while number != text.utf8.count + bytes.count {
      number = text.utf8.count + bytes.count
      guard read(within: 200) else { break }
    }
    resize(columns)
    kill(process.processIdentifier, SIGCONT)
  }

  func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

  /// Reads to the end.
  /// - Returns: the exit code.
  func end() -> Int32 {
    while read(within: 60_000) {}
    process.waitUntilExit()
    return process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
  }
}
