import Foundation

/// The program `assay`, as the build has put it beside the tests, run as its users run it.
enum AssayProgram {
  static let path =
    (URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().path as NSString)
    .deletingLastPathComponent + "/assay"

  struct Outcome: CustomStringConvertible {
    let status: Int32
    /// What it printed for programs.
    let output: String
    /// What it said to people.
    let messages: String

    var description: String { "exit \(status)\n\(output.suffix(2000))\n\(messages.suffix(4000))" }

    /// The output as one JSON document.
    func json() throws -> [String: Any] {
      try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any] ?? [:]
    }
  }

  /// Runs it to its end.
  /// - Parameters:
  ///   - output: where its standard output goes; kept when nil.
  ///   - core: the only one that it may use (util-linux's `taskset`); nil for all.
  ///   - environment: added to the test's own.
  static func run(
    _ words: [String], to output: FileHandle? = nil, core: Int? = nil, environment: [String: String] = [:]
  ) throws -> Outcome {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: core == nil ? path : "/usr/bin/taskset")
    process.arguments = (core.map { ["--cpu-list", "\($0)", path] } ?? []) + words
    process.environment = ProcessInfo.processInfo.environment.merging(["XDG_CACHE_HOME": Workshop.shared.cache]) { $1 }
      .merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    // Files, which never fill up as pipes do.
    let kept = NSTemporaryDirectory() + "assay-run-" + UUID().uuidString
    defer { for name in [".out", ".err"] { try? FileManager.default.removeItem(atPath: kept + name) } }
    func file(_ name: String) throws -> FileHandle {
      _ = FileManager.default.createFile(atPath: kept + name, contents: nil)
      return try FileHandle(forWritingTo: URL(fileURLWithPath: kept + name))
    }
    process.standardOutput = try output ?? file(".out")
    process.standardError = try file(".err")
    try process.run()
    process.waitUntilExit()
    func text(_ name: String) -> String {
      FileManager.default.contents(atPath: kept + name).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
    return Outcome(
      status: process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus,
      output: text(".out"), messages: text(".err"))
  }
}
