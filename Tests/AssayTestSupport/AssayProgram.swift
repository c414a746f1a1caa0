import Foundation
import Synchronization

/// The program `assay`, as the build has put it beside the tests.
package enum AssayProgram {
  package static let path =
    (URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().path as NSString)
    .deletingLastPathComponent + "/assay"

  /// How a run ended.
  package struct Outcome: Sendable {
    package let status: Int32
    /// What it printed for programs.
    package let output: [UInt8]
    /// What it said to people.
    package let messages: String

    package var text: String { String(decoding: output, as: UTF8.self) }
    /// The output as one JSON document; null when it is none.
    package var json: JSONValue { (try? JSONValue(parsing: output)) ?? .null }
    /// Its lines, each a JSON document.
    package var lines: [JSONValue] {
      text.split(separator: "\n").map { (try? JSONValue(parsing: $0.utf8)) ?? .null }
    }
  }

  /// Runs it to its end.
  /// - Parameters:
  ///   - environment: added to the test's own.
  ///   - folder: the working folder; the test's own when nil.
  package static func run(
    _ arguments: [String], environment: [String: String] = [:], in folder: String? = nil
  ) throws -> Outcome {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    if let folder { process.currentDirectoryURL = URL(fileURLWithPath: folder) }
    let (output, messages) = (Pipe(), Pipe())
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = messages
    try process.run()
    // Both are read, so that neither fills its pipe.
    let said = Mutex(Data())
    let group = DispatchGroup()
    let thread = Thread { [file = messages.fileHandleForReading] in
      let data = file.readDataToEndOfFile()
      said.withLock { $0 = data }
      group.leave()
    }
    group.enter()
    thread.start()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    group.wait()
    process.waitUntilExit()
    return Outcome(
      status: process.terminationStatus, output: Array(data),
      messages: String(decoding: said.withLock { $0 }, as: UTF8.self))
  }
}
