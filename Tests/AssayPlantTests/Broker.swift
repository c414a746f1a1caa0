import Foundation
import Testing

/// Programs of Debian's packages; a test that needs one that is missing is skipped, and says so.
enum Programs {
  static func path(_ name: String) -> String? {
    ["/usr/sbin/", "/usr/bin/", "/usr/local/sbin/", "/usr/local/bin/"].map { $0 + name }.first {
      FileManager.default.isExecutableFile(atPath: $0)
    }
  }

  static let hasBroker = path("mosquitto") != nil && path("mosquitto_sub") != nil
  static let brokerComment: Comment = "install Debian's mosquitto and mosquitto-clients"

  static func run(_ name: String, _ arguments: [String]) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try #require(path(name)))
    process.arguments = arguments
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0, "\(name) \(arguments.joined(separator: " "))")
  }
}

/// Waits for what another thread or process does.
func eventually(_ seconds: Double = 180, _ condition: () -> Bool) -> Bool {
  let until = Date().addingTimeInterval(seconds)
  while Date() < until {
    if condition() { return true }
    usleep(20_000)
  }
  return condition()
}

/// The same for tests of what runs in tasks: these need the thread. Long tests beside it may hold every thread of the
/// pool for minutes, so that the clock alone says nothing: the tasks waited for also get their turns.
func eventually(_ seconds: Double = 180, turns: Int = 500, _ condition: () -> Bool) async -> Bool {
  let until = Date().addingTimeInterval(seconds)
  var taken = 0
  while Date() < until || taken < turns {
    if condition() { return true }
    try? await Task.sleep(for: .milliseconds(10))
    taken += 1
  }
  return condition()
}

/// A port that was free a moment ago.
func freePort() throws -> Int {
  let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
  defer { close(descriptor) }
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_addr.s_addr = inet_addr("127.0.0.1")
  var length = socklen_t(MemoryLayout<sockaddr_in>.size)
  let status = withUnsafeMutablePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      bind(descriptor, $0, length) == 0 ? getsockname(descriptor, $0, &length) : -1
    }
  }
  try #require(status == 0)
  return Int(UInt16(bigEndian: address.sin_port))
}

/// A mosquitto of a test's own, on a port of this machine.
final class Broker {
  let port: Int
  let folder: String
  private let settings: String
  private var process: Process?

  /// - Parameter settings: further lines of mosquitto.conf; `%` stands for the broker's folder.
  init(_ settings: String = "allow_anonymous true\n", files: [String: String] = [:]) throws {
    port = try freePort()
    folder = NSTemporaryDirectory() + "assay-broker-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    self.settings = settings.replacingOccurrences(of: "%", with: folder)
    for (name, text) in files { try text.write(toFile: folder + "/" + name, atomically: true, encoding: .utf8) }
  }

  func start() throws {
    // Run by root, mosquitto would otherwise become a user who cannot read the test's files.
    let head = "listener \(port) 127.0.0.1\nuser \(NSUserName())\nset_tcp_nodelay true\n"
    let file = folder + "/mosquitto.conf"
    try (head + settings).write(toFile: file, atomically: true, encoding: .utf8)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try #require(Programs.path("mosquitto")))
    process.arguments = ["-c", file]
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    // Threads that run tests have signals blocked, which a program would inherit; mosquitto is to be stopped by one.
    var none = sigset_t()
    var before = sigset_t()
    sigemptyset(&none)
    pthread_sigmask(SIG_SETMASK, &none, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    try process.run()
    self.process = process
    try #require(eventually { Broker.answers(port) }, "mosquitto did not start")
  }

  func stop(_ signal: Int32 = SIGKILL) {
    guard let process else { return }
    kill(process.processIdentifier, signal)
    process.waitUntilExit()
    self.process = nil
  }

  deinit {
    stop()
    try? FileManager.default.removeItem(atPath: folder)
  }

  private static func answers(_ port: Int) -> Bool {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(UInt16(port)).bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    return withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
  }
}

/// mosquitto_sub, the reference client: each message as `TOPIC QOS RETAINED PAYLOAD`.
final class Subscriber {
  private let process = Process()
  private let output: String

  init(_ broker: Broker, _ topic: String, arguments: [String] = []) throws {
    output = broker.folder + "/" + UUID().uuidString
    _ = FileManager.default.createFile(atPath: output, contents: nil)
    process.executableURL = URL(fileURLWithPath: try #require(Programs.path("mosquitto_sub")))
    process.arguments =
      ["-h", "localhost", "-p", String(broker.port), "-q", "1", "-t", topic, "-F", "%t %q %r %p"] + arguments
    process.standardOutput = FileHandle(forWritingAtPath: output)
    process.standardError = FileHandle.nullDevice
    try process.run()
  }

  var lines: [String] {
    ((try? String(contentsOfFile: output, encoding: .utf8)) ?? "").split(separator: "\n").map(String.init)
  }

  func has(_ line: String) -> Bool { lines.contains(line) }

  deinit {
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    process.waitUntilExit()
  }
}
