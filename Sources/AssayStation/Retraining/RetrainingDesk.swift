import AssayBundle
import Foundation
import Synchronization

/// Why a retraining does not begin.
package enum RetrainingRefusal: Error, CustomStringConvertible {
  case notOffered
  case underWay
  case closing

  package var description: String {
    switch self {
    case .notOffered: "start the station with --training-data and a record to retrain from this page"
    case .underWay: "a retraining is under way"
    case .closing: "the station is closing"
    }
  }
}

/// Runs `assay retrain` beside the station, one at a time and with the lowest priority: inspection goes before. It ends with
/// the station, in whatever way that ends, and leaves nothing.
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

  private struct Work {
    var status = Status()
    /// Of the program that runs.
    var process: Process?
    var isClosed = false
  }

  private let program: String?
  private let data: String?
  private let record: String?
  /// Seconds that a retraining has for clearing up when the station closes.
  private let patience: Double
  private let work = Mutex(Work())
  /// Entered while one runs.
  private let running = DispatchGroup()

  package init(program: String?, data: String?, record: String?, patience: Double = 10) {
    self.program = program
    self.data = data
    self.record = record
    self.patience = patience
  }

  /// Whether there is all that retraining needs.
  package var isOffered: Bool { program != nil && data != nil && record != nil }

  package var current: Status { work.withLock { $0.status } }

  /// - Throws: ``RetrainingRefusal``.
  package func start(model: String, bundle: String) throws(RetrainingRefusal) {
    guard let program, let data, let record else { throw .notOffered }
    // Another station, or a person at the command line, may be retraining the same bundle.
    let succession = BundleSuccession(bundle)
    let isTaken = RetrainingPlace.isTaken(succession)
    try work.withLock { work throws(RetrainingRefusal) in
      guard !work.isClosed else { throw .closing }
      guard work.status.state != .running, !isTaken else { throw .underWay }
      work.status = Status(state: .running, model: model, startedAt: Date().timeIntervalSince1970)
      running.enter()
    }
    // The thread lives as long as the program: a program is told of the end of the thread that started it.
    let thread = Thread { [self] in
      let outcome = run(
        program, ["retrain", bundle, data, "--from-record", record, "--name", model, "--json"])
      // A program that was killed has left its place.
      RetrainingPlace.clear(succession)
      work.withLock { work in
        work.process = nil
        switch outcome {
        case .success(let report):
          work.status.state = .done
          work.status.report = report
        case .failure(let failure):
          work.status.state = .failed
          work.status.error = failure.text
        }
      }
      running.leave()
    }
    thread.start()
  }

  /// Ends what runs: first it may clear up, then it is killed. Blocks until it has ended; none begins any more.
  package func close() {
    signal(SIGTERM)
    guard running.wait(timeout: .now() + patience) == .timedOut else { return }
    signal(SIGKILL)
    running.wait()
  }

  private func signal(_ number: Int32) {
    work.withLock { work in
      work.isClosed = true
      if let process = work.process, process.isRunning { kill(process.processIdentifier, number) }
    }
  }

  private struct Failure: Error { let text: String }

  private func run(_ program: String, _ arguments: [String]) -> Result<RetrainReport, Failure> {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.environment = StationChild.environment
    let (output, messages) = (Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = messages
    process.standardInput = FileHandle.nullDevice
    do {
      try work.withLock { work in
        guard !work.isClosed else { throw RetrainingRefusal.closing }
        try process.run()
        work.process = process
      }
    } catch { return .failure(Failure(text: "retraining could not be started: \(error)")) }
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
