import ArgumentParser
import AssayBase
import AssayData
import AssayMetrics
import AssayModel
import AssayRuntime
import AssayWorkflows
import Foundation
import Synchronization

/// What the commands share: results on standard output, progress and messages on standard error.
enum Console {
  static func print(json value: some Encodable, isPretty: Bool = true) throws(WorkflowError) {
    let encoder = JSONEncoder()
    encoder.outputFormatting =
      isPretty ? [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes] : [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    let document: Data
    do { document = try encoder.encode(value) } catch { throw WorkflowError(error) }
    try write(document + Data("\n".utf8))
  }

  /// A line of the result.
  static func print(_ line: ShownLine) throws(WorkflowError) { try write(Data((line.text + "\n").utf8)) }

  /// Whoever reads the result must not take a part of it for all: a full disk or a closed pipe is an error.
  private static func write(_ data: Data) throws(WorkflowError) {
    guard let code = data.failure(writingTo: STDOUT_FILENO) else { return }
    throw WorkflowError(
      .inputOutput,
      "standard output: the result cannot be written (\(String(cString: strerror(code)))); check the disk's space, or "
        + "whether the program that reads it has ended")
  }

  /// For people. There is nobody to tell when that fails.
  static func say(_ line: ShownLine) { _ = Data((line.text + "\n").utf8).failure(writingTo: STDERR_FILENO) }

  /// Asks a question where somebody can answer it; nil without a terminal or an answer.
  static func answer(_ question: String) -> String? {
    guard isatty(STDIN_FILENO) == 1, isatty(STDERR_FILENO) == 1 else { return nil }
    _ = Data("\(question): ".utf8).failure(writingTo: STDERR_FILENO)
    let answer = readLine()?.trimmingCharacters(in: .whitespaces) ?? ""
    return answer.isEmpty ? nil : answer
  }

  /// Runs a command's work; a workflow's error becomes a message and its exit code.
  static func run(_ work: () throws -> Void) throws {
    do {
      try work()
    } catch let error where error is ExitCode || error is ValidationError || error is CleanExit {
      throw error
    } catch {
      // Whatever comes from below has one of the exit codes too.
      let error = WorkflowError(error)
      say("assay: \(error)")
      throw ExitCode(error.kind.rawValue)
    }
  }

  static func percent(_ value: Double) -> String { ShareText.percent(value, digits: 2) }

  /// ` (95 %: 75.75 % ... 100.00 %)`, or nothing where there is no interval; and what was planned for.
  static func span(_ metric: Manifest.Metric) -> String {
    guard let low = metric.low, let high = metric.high else { return "" }
    guard TaskEvaluation.isShare(metric.name) else { return String(format: " (95 %%: %.4f ... %.4f)", low, high) }
    return span(Interval(low: low, high: high)) + (metric.planned.map { ", planned \(percent($0))" } ?? "")
  }

  /// The same of a share.
  static func span(_ interval: Interval?) -> String {
    interval.map { " (95 %: \($0.percent(digits: 2, separator: " ... ")))" } ?? ""
  }
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

/// A progress bar with the time left, when standard error is a terminal; otherwise a line a step.
final class ProgressBar: Sendable {
  private struct State {
    var step = ""
    var began = DispatchTime.now()
    var drawn = DispatchTime.now()
    var isOpen = false
    /// Whether it was said how long this step takes.
    var isForecast = false

    /// How long a step will take, once that can be told and is worth a line where no bar shows it.
    mutating func forecast(_ progress: WorkProgress, _ now: DispatchTime) -> String? {
      let passed = ProgressBar.seconds(began, now)
      guard !isForecast, passed > 3, progress.done > 0, progress.done < progress.total else { return nil }
      isForecast = true
      let left = passed / Double(progress.done) * Double(progress.total - progress.done)
      return left < 20 ? nil : WorkEstimate.text(seconds: left)
    }
  }

  private let isTerminal = isatty(STDERR_FILENO) == 1
  private let isQuiet: Bool
  private let state = Mutex(State())

  init(isQuiet: Bool = false) { self.isQuiet = isQuiet }

  var handler: ProgressHandler {
    { self.show($0) }
  }

  private func show(_ progress: WorkProgress) {
    guard progress.notices.isEmpty else { return say(progress.notices) }
    guard !isQuiet else { return }
    if progress.isAnnouncement { return announce(progress) }
    state.withLock { state in
      let now = DispatchTime.now()
      let step = VisibleText.escaped(progress.step)
      let note = progress.note.map(VisibleText.escaped)
      if progress.step != state.step {
        if state.isOpen { Self.write("\n") }
        state.step = progress.step
        state.began = now
        state.isOpen = false
        state.isForecast = false
        if !isTerminal { Self.write("\(step) (\(progress.total))\n") }
      }
      if !isTerminal, let left = state.forecast(progress, now) { Self.write("  about \(left) left\n") }
      if !isTerminal, progress.isMilestone, let note { Self.write("  \(note)\n") }
      guard isTerminal, progress.total > 0 else { return }
      let isLast = progress.done >= progress.total
      guard isLast || Self.seconds(state.drawn, now) > 0.1 else { return }
      state.drawn = now
      state.isOpen = !isLast
      let width = 28
      let filled = progress.done * width / progress.total
      let bar = String(repeating: "█", count: filled) + String(repeating: "·", count: width - filled)
      let elapsed = Self.seconds(state.began, now)
      let left = progress.done > 0 ? elapsed / Double(progress.done) * Double(progress.total - progress.done) : 0
      let time =
        (isLast ? String(format: "%.1f s", elapsed) : String(format: "%.0f s left", left.rounded(.up)))
        + (note.map { "  \($0)" } ?? "")
      let name = step.padding(toLength: 11, withPad: " ", startingAt: 0)
      Self.write("\r\(name)\(bar) \(progress.done)/\(progress.total)  \(time)\u{1B}[K" + (isLast ? "\n" : ""))
    }
  }

  /// In a line of its own, and the bar goes on below.
  private func announce(_ progress: WorkProgress) {
    state.withLock { state in
      let text = VisibleText.escaped("\(progress.step): \(progress.note ?? "")")
      Self.write((state.isOpen ? "\n" : "") + text + "\n")
      state.isOpen = false
      state.isForecast = true
    }
  }

  /// What was left out is said whatever else is shown.
  private func say(_ notices: [DataReading.Notice]) {
    state.withLock { state in
      Self.write((state.isOpen ? "\n" : "") + DataText.lines(notices))
      state.isOpen = false
    }
  }

  fileprivate static func seconds(_ a: DispatchTime, _ b: DispatchTime) -> Double {
    Double(b.uptimeNanoseconds - a.uptimeNanoseconds) / 1e9
  }

  private static func write(_ text: String) { _ = Data(text.utf8).failure(writingTo: STDERR_FILENO) }
}
