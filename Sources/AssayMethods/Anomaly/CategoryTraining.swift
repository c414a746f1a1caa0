public import AssayBase
public import AssayBundle
public import AssayData
public import AssayEvaluation
import Foundation

/// Trains one bundle for each category of a folder, and keeps on when one fails.
public enum CategoryTraining {
  public struct Row: Sendable, Encodable {
    public let category: String
    public let bundle: String
    public let metrics: [Manifest.Metric]
    public let threshold: Double?
    /// Whether it is fit for the line, and what would help most; nil when there is no bundle.
    public let fitness: LineFitness?
    /// How the data set was read, and what was left out; nil when there is no bundle.
    public let reading: DataReading?
    /// Why there is no bundle, if so.
    public let failure: String?

    public func metric(_ name: String) -> Double? { metrics.first { $0.name == name }?.value }
  }

  /// - Parameters:
  ///   - paths: of the categories.
  ///   - output: a folder; each bundle is `NAME.assay` in it. Patches are cached, so that an interrupted run that is started
  ///     again is soon where it was.
  public static func train(
    _ paths: [String], output: String, options: AnomalyOptions,
    begin: (String, Int, Int) -> Void, progress: @escaping ProgressHandler = { _ in }
  ) throws(WorkflowError) -> [Row] {
    var rows: [Row] = []
    for (index, path) in paths.enumerated() {
      let name = path.lastPathComponent
      let bundle = "\(output)/\(name).assay"
      begin(name, index + 1, paths.count)
      do throws(WorkflowError) {
        let result = try AnomalyTrainer.train(path, output: bundle, options: options, progress: progress)
        rows.append(
          Row(
            category: name, bundle: result.path, metrics: result.manifest.metrics,
            threshold: result.manifest.threshold?.value, fitness: result.fitness, reading: result.reading, failure: nil)
        )
      } catch {
        // Usage errors are the same for every category.
        guard error.kind == .badData || error.kind == .noInput else { throw error }
        rows.append(
          Row(
            category: name, bundle: bundle, metrics: [], threshold: nil, fitness: nil, reading: nil,
            failure: error.description))
      }
    }
    return rows
  }

  /// The rows as a table for people, with the mean of each figure.
  public static func table(_ rows: [Row]) -> String {
    let columns = [
      "image AUROC", "image average precision", "pixel AUROC", "AU-PRO to 0.3", "escape rate", "overkill rate",
    ]
    let titles = ["image AUROC", "image AP", "pixel AUROC", "AU-PRO 0.3", "escapes", "overkill"]
    let width = max(8, rows.map { VisibleText.escaped($0.category).count }.max() ?? 0)
    func line(_ name: String, _ cells: [String]) -> String {
      VisibleText.escaped(name).padding(toLength: width, withPad: " ", startingAt: 0)
        + cells.map { String(repeating: " ", count: max(2, 13 - $0.count)) + $0 }.joined()
    }
    func text(_ value: Double?) -> String { value.map { String(format: "%.2f %%", $0 * 100) } ?? "–" }
    var lines = [line("category", titles)]
    for row in rows {
      lines.append(
        row.failure.map { VisibleText.escaped("\(row.category): \($0)") }
          ?? line(row.category, columns.map { text(row.metric($0)) }))
    }
    let means = columns.map { column -> Double? in
      let values = rows.compactMap { $0.metric(column) }
      return values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
    }
    if rows.count > 1 { lines.append(line("mean", means.map(text))) }
    return lines.joined(separator: "\n")
  }
}
