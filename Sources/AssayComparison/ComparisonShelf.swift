package import AssayBase
import AssayBundle
import AssayData
import AssayGraph
public import AssayMethods
import AssayMetrics
package import AssayRuntime
import Foundation

/// Finished comparisons in the feature cache, the last of each data set, so that `assay train` can say how others do on the same
/// images without training them.
package struct ComparisonShelf {
  private let folder: String

  /// What is kept of a comparison.
  package struct Kept: Codable {
    package let fingerprint: String
    package let createdAt: String
    /// nil where there was one division.
    package let folds: Int?
    package let shots: Int
    package let hasGood: Bool
    package let maximumOverkill: Double
    package let margin: Double
    package let rows: [ComparisonRow]
  }

  /// - Parameter cache: nil keeps nothing.
  package init?(_ cache: FeatureCache?) {
    guard let cache else { return nil }
    folder = cache.folder + "/comparisons"
  }

  private func path(_ fingerprint: String) -> String { "\(folder)/\(fingerprint.prefix(24)).rows.json" }

  package func keep(_ comparison: Comparison) throws(WorkflowError) {
    let path = path(comparison.fingerprint)
    let kept = Kept(
      fingerprint: comparison.fingerprint, createdAt: comparison.createdAt,
      folds: comparison.isFolded ? comparison.options.folds : nil, shots: comparison.options.shots,
      hasGood: comparison.criterion != .macroF1, maximumOverkill: comparison.options.maximumOverkill,
      margin: comparison.options.margin, rows: comparison.rows)
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      try ComparisonStore.encoder.encode(kept).write(to: URL(fileURLWithPath: path), options: .atomic)
    } catch {
      throw WorkflowError(
        .inputOutput,
        "\(path): the comparison cannot be kept there; check folder, space and permissions, or say --no-cache")
    }
  }

  /// - Returns: nil where there is none. One of another version, or cut off, counts as none: it is only cited.
  package func comparison(_ fingerprint: String) -> Kept? {
    do {
      let bytes = try PlainFile.contents(path(fingerprint))
      let kept = try ComparisonStore.decoder.decode(Kept.self, from: Data(bytes))
      return kept.fingerprint == fingerprint ? kept : nil
    } catch { return nil }
  }
}

/// What a stored comparison says of the images that something was trained on. It is for the terminal and for scripts and never
/// part of a bundle: the same training makes the same bundle, whatever was compared before it.
public struct ComparisonCitation: Sendable, Encodable {
  public struct Row: Sendable, Encodable {
    public let backbone: String
    public let method: ComparisonMethod
    /// The figure that rows are ranked by, 0...1.
    public let value: Double
    public let low: Double?
    public let high: Double?
  }

  /// When the comparison was made, ISO 8601.
  public let comparedAt: String
  /// What rows are ranked by.
  public let rankedBy: String
  /// What was trained now; nil where it was not compared.
  public let own: Row?
  public let recommended: Row
  /// For people.
  public let sentence: String

  /// - Parameters:
  ///   - options: by which the data set is read; its cache holds the comparisons.
  ///   - backbone: of what was trained.
  /// - Returns: nil where nothing is stored for these images with these labels.
  public static func find(
    _ path: String, _ options: ComparisonOptions, backbone: String, method: ComparisonMethod
  ) -> ComparisonCitation? {
    guard let shelf = ComparisonShelf(options.cache) else { return nil }
    let dataset: Dataset
    do {
      dataset = try DatasetReader.read(
        path,
        options: DatasetOptions(labels: options.labels, goodClass: options.goodClass, encoding: options.encoding))
    } catch {
      // It was read by the training that went before, which has said what is the matter.
      return nil
    }
    let hashes = ContentHashes.of(
      dataset.samples.filter { $0.label != nil }.map(\.path), cache: options.cache)
    guard let kept = shelf.comparison(ComparisonData.fingerprint(dataset, hashes)) else { return nil }
    return ComparisonCitation(kept, backbone: backbone, method: method)
  }

  /// Of a classifier that was trained.
  public static func of(
    _ result: TrainingResult, _ path: String, _ options: TrainingOptions, _ method: ComparisonMethod
  ) -> ComparisonCitation? {
    find(
      path,
      ComparisonOptions(
        labels: options.labels, goodClass: options.goodClass, cache: options.features.cache,
        encoding: options.features.encoding), backbone: result.manifest.network.backbone.name, method: method)
  }

  package init?(_ kept: ComparisonShelf.Kept, backbone: String, method: ComparisonMethod) {
    let criterion: ComparisonCriterion =
      kept.hasGood ? .escape(maximumOverkill: kept.maximumOverkill) : .macroF1
    let judgement = ComparisonJudgement(kept.rows, by: criterion, margin: kept.margin)
    guard let chosen = judgement.recommended else { return nil }
    let words = ComparisonWords(rows: kept.rows, judgement: judgement, shots: kept.shots)
    func cited(_ row: ComparisonRow) -> Row {
      let figure = criterion.figure(row)
      return Row(
        backbone: row.backbone.name, method: row.method, value: figure?.value ?? 0, low: figure?.interval?.low,
        high: figure?.interval?.high)
    }
    let own = kept.rows.firstIndex { $0.backbone.name == backbone && $0.method == method }
    comparedAt = kept.createdAt
    rankedBy = criterion.title
    self.own = own.map { cited(kept.rows[$0]) }
    recommended = cited(kept.rows[chosen])
    let basis =
      "`assay compare` on these images (\(kept.createdAt.prefix(10))"
      + (kept.folds.map { ", \($0) folds" } ?? "") + ")"
    let other = "\(words.name(kept.rows[chosen])), \(criterion.words(kept.rows[chosen]))"
    sentence =
      switch own {
      case chosen: "\(basis) recommends what was trained here: \(other)"
      case let own?:
        "\(basis) recommends \(other); what was trained here, \(words.name(kept.rows[own])), has "
          + "\(criterion.shortWords(kept.rows[own])) in it"
      case nil: "\(basis) recommends \(other); what was trained here was not compared"
      }
  }
}
