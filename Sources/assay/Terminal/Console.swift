import ArgumentParser
import AssayBundle
import AssayMetrics
import AssayWorkflows
import Foundation

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
    guard let code = Screen.write(data, to: STDOUT_FILENO) else { return }
    throw WorkflowError(
      .inputOutput,
      "standard output: the result cannot be written (\(String(cString: strerror(code)))); check the disk's space, or "
        + "whether the program that reads it has ended")
  }

  /// For people. There is nobody to tell when that fails.
  static func say(_ line: ShownLine) { _ = Screen.write((line.text + "\n").utf8, to: STDERR_FILENO) }

  /// Asks a question where somebody can answer it; nil without a terminal or an answer.
  static func answer(_ question: String) -> String? {
    guard isatty(STDIN_FILENO) == 1, isatty(STDERR_FILENO) == 1 else { return nil }
    Screen.finish()
    _ = Screen.write("\(question): ".utf8, to: STDERR_FILENO)
    let answer = readLine()?.trimmingCharacters(in: .whitespaces) ?? ""
    return answer.isEmpty ? nil : answer
  }

  /// Runs a command's work; a workflow's error becomes a message and its exit code.
  static func run(_ work: () throws -> Void) throws {
    defer {
      Interruption.settle()
      Screen.finish()
    }
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
