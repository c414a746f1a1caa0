import Foundation
import Synchronization

/// Why a retraining does not begin.
package enum RetrainingRefusal: Error, CustomStringConvertible {
  case notOffered
  case underWay

  package var description: String {
    switch self {
    case .notOffered: "start the station with --training-data and a record to retrain from this page"
    case .underWay: "a retraining is under way"
    }
  }
}

/// Runs `assay retrain` beside the station, one at a time and with the lowest priority: inspection goes before.
package final class RetrainingDesk: Sendable {
  package struct Status: Sendable, Encodable {
    package enum State: String, Sendable, Encodable { case idle, running, done, failed }
    package var state = State.idle
    package var model: String?
    /// Seconds since 1970.
    package var startedAt: Double?
    package var report: RetrainReport?
    package var error: String?
  }

  private let program: String?
  private let data: String?
  private let record: String?
  private let status = Mutex(Status())

  package init(program: String?, data: String?, record: String?) {
    self.program = program
    self.data = data
    self.record = record
  }

  /// Whether there is all that retraining needs.
  package var isOffered: Bool { program != nil && data != nil && record != nil }

  package var current: Status { status.withLock { $0 } }

  /// - Throws: ``RetrainingRefusal``.
  package func start(model: String, bundle: String) throws(RetrainingRefusal) {
    guard let program, let data, let record else {
      throw .notOffered
    }
    let isFree = status.withLock { status in
      guard status.state != .running else { return false }
      status = Status(state: .running, model: model, startedAt: Date().timeIntervalSince1970)
      return true
    }
    guard isFree else { throw .underWay }
    let thread = Thread { [self] in
      let outcome = Self.run(
        program, ["retrain", bundle, data, "--from-record", record, "--name", model, "--json"])
      status.withLock { status in
        switch outcome {
        case .success(let report):
          status.state = .done
          status.report = report
        case .failure(let failure):
          status.state = .failed
          status.error = failure.text
        }
      }
    }
    thread.start()
  }

  private struct Failure: Error { let text: String }

  private static func run(_ program: String, _ arguments: [String]) -> Result<RetrainReport, Failure> {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    let (output, messages) = (Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = messages
    process.standardInput = FileHandle.nullDevice
    do { try process.run() } catch { return .failure(Failure(text: "retraining could not be started: \(error)")) }
    _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), id_t(process.processIdentifier), 19)
    // Both are read, so that neither fills its pipe.
    let said = Mutex(Data())
    let group = DispatchGroup()
    DispatchQueue.global(qos: .utility).async(group: group) {
      let data = messages.fileHandleForReading.readDataToEndOfFile()
      said.withLock { $0 = data }
    }
    let data = output.fileHandleForReading.readDataToEndOfFile()
    group.wait()
    process.waitUntilExit()
    if process.terminationStatus == 0, let report = try? JSONDecoder().decode(RetrainReport.self, from: data) {
      return .success(report)
    }
    let lines = String(decoding: said.withLock { $0 }, as: UTF8.self).split(whereSeparator: \.isNewline)
    return .failure(Failure(text: lines.last.map(String.init) ?? "retraining ended with \(process.terminationStatus)"))
  }
}
