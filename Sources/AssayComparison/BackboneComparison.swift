import AssayBackbones
public import AssayBase
public import AssayData
import AssayGraph
import AssayRuntime
import Foundation

/// What a comparison found.
public struct Comparison: Sendable {
  /// The best first.
  public let rows: [ComparisonRow]
  public let failures: [ComparisonFailure]
  public let judgement: ComparisonJudgement
  /// Which row to take, in one sentence.
  public let recommendation: String
  /// Rows taken over from an interrupted run.
  public let restoredCount: Int
  public let layout: String
  /// The class that passes.
  public let goodClass: String?
  /// SHA-256 over the images, their labels, groups and splits.
  public let fingerprint: String
  /// Whether every image was judged once, by a model of the other folds; else there was one division, into good parts to
  /// learn from and a test.
  public let isFolded: Bool
  /// Without whatever could not be used.
  package let dataset: Dataset
  public let path: String
  public let options: ComparisonOptions
  public let createdAt: String

  /// What rows are ranked by.
  public var criterion: ComparisonCriterion { judgement.criterion }

  /// Files that no row could use.
  public var unreadable: [String] { rows.first?.unreadable.map(\.description) ?? [] }

  /// How the data set was read, and what was left out.
  public var reading: DataReading { DataReading(dataset, path: path) }

  /// As tables name it.
  public func title(_ method: ComparisonMethod) -> String { method.title(shots: options.shots) }
}

/// Every installed backbone and every method that fits the data, on the same folds.
public enum BackboneComparison {
  /// Each backbone is run over the images once; every finished row is kept (`options.keptAt`) until all are there.
  /// - Parameter path: any layout that training takes.
  /// - Throws: when the data cannot be used or nothing could be compared. A backbone that fails becomes a
  ///   ``ComparisonFailure``.
  public static func run(
    _ path: String, options: ComparisonOptions, progress: @escaping ProgressHandler = { _ in }
  ) throws(WorkflowError) -> Comparison {
    do {
      let entries = try Self.entries(options)
      let data = try ComparisonData(path, options, progress: progress)
      guard data.isOfGoodParts || options.folds >= 3 else {
        throw WorkflowError(
          .usage, "--folds \(options.folds): at least 3, since the penalty is chosen on the folds left")
      }
      var session = try Session(data, entries, options, progress)
      return try session.run()
    } catch {
      throw WorkflowError(error)
    }
  }

  /// By which methods a data set is compared: those asked for, or those that fit it; whether a class is good; and whether only
  /// good parts are there to learn from, so that there is one division and no folds.
  /// - Throws: when no comparison can be made of it.
  public static func plan(
    for path: String, options: ComparisonOptions
  ) throws(WorkflowError) -> (methods: [ComparisonMethod], hasGood: Bool, isOfGoodParts: Bool) {
    do {
      let plan = try ComparisonData.plan(path, options)
      return (plan.methods, plan.dataset.goodClass != nil, plan.isOfGoodParts)
    } catch { throw WorkflowError(error) }
  }

  private static func entries(_ options: ComparisonOptions) throws -> [BackboneCatalogue.Entry] {
    let all = BackboneCatalogue.entries
    guard let names = options.backbones else {
      let installed = all.filter(\.isInstalled)
      guard !installed.isEmpty else {
        throw WorkflowError(.unavailable, "no backbone is installed; run `make setup` or `assay backbones import FILE`")
      }
      return installed
    }
    return try names.map { name in
      guard let entry = all.first(where: { $0.name == name }) else {
        throw WorkflowError(
          .usage,
          "there is no backbone \(name); choose among \(all.map(\.name).joined(separator: ", ")), or bring one with "
            + "`assay backbones import FILE`")
      }
      return entry
    }
  }

  private struct Session {
    let data: ComparisonData
    let entries: [BackboneCatalogue.Entry]
    let options: ComparisonOptions
    let pace: ComparisonPace
    var store: ComparisonStore
    var failures: [ComparisonFailure] = []
    var rows: [ComparisonRow] = []
    var restoredCount: Int
    /// Of every backbone.
    let methods: [ComparisonMethod]

    private var criterion: ComparisonCriterion {
      data.dataset.goodClass == nil ? .macroF1 : .escape(maximumOverkill: options.maximumOverkill)
    }

    private func judged() -> ComparisonJudgement {
      ComparisonJudgement(rows, by: criterion, margin: options.margin)
    }

    init(
      _ data: ComparisonData, _ entries: [BackboneCatalogue.Entry], _ options: ComparisonOptions,
      _ progress: @escaping ProgressHandler
    ) throws {
      self.data = data
      self.entries = entries
      self.options = options
      let store = try ComparisonStore(path: options.keptAt)
      self.store = store
      let methods = data.methods.filter { $0 != .finetune }
      self.methods = methods
      let known = try entries.map { entry in try methods.count { try store[data.key(entry, $0, options)] != nil } }
      restoredCount = known.reduce(0, +)
      let files = FileManager.default
      var work = entries.indices.map { index in
        guard known[index] < methods.count else { return 0.0 }
        let file = (entries[index].path as NSString).resolvingSymlinksInPath
        // Weights that are missing are told of when they are loaded; here they only weigh little.
        let size = (try? files.attributesOfItem(atPath: file)[.size] as? NSNumber)?.intValue
        return ComparisonPace.work(fileBytes: size ?? 1, inputSize: entries[index].inputSize)
      }
      // Fine-tuning one backbone takes longer than all the rest.
      if methods.count < data.methods.count { work.append(max(1, 4 * work.reduce(0, +))) }
      pace = ComparisonPace(work: work, report: progress)
    }

    mutating func run() throws -> Comparison {
      for index in entries.indices { try compare(index) }
      guard !rows.isEmpty else {
        let reasons = Set(failures.map(\.reason)).sorted()
        throw WorkflowError(
          .badData, "\(data.path): no backbone could be compared; \(reasons.first ?? "none was named")")
      }
      if methods.count < data.methods.count { try fineTune() }
      rows = judged().ranking.map { rows[$0] }
      let judgement = judged()
      var dataset = data.dataset
      dataset.leaveOut(rows.first?.unreadable ?? [], of: data.path, progress: pace.report)
      let words = ComparisonWords(rows: rows, judgement: judgement, shots: options.shots)
      let comparison = Comparison(
        rows: rows, failures: failures, judgement: judgement, recommendation: words.recommendation ?? "",
        restoredCount: restoredCount, layout: data.dataset.layout.rawValue, goodClass: data.dataset.goodClass,
        fingerprint: data.fingerprint, isFolded: !data.isOfGoodParts, dataset: dataset, path: data.path,
        options: options, createdAt: Timestamp.text())
      try ComparisonShelf(options.cache)?.keep(comparison)
      return comparison
    }

    /// All methods of one backbone.
    private mutating func compare(_ index: Int) throws {
      let entry = entries[index]
      let keys = methods.map { ($0, data.key(entry, $0, options)) }
      let known = try keys.compactMap { try store[$0.1] }
      rows += known
      let open = try keys.filter { try store[$0.1] == nil }
      guard !open.isEmpty else { return }
      if data.isOfGoodParts { return try compareAnomaly(index, open[0].1) }
      var classifier: ClassifierComparison
      do {
        classifier = try ClassifierComparison(
          data, backbone: entry.name, options: options, cost: known.first { $0.method != .anomaly }?.cost,
          progress: pace.handler(index, entry.name, from: 0, to: .features))
      } catch {
        return fail(index, nil, error)
      }
      for (method, key) in open {
        let row: ComparisonRow
        do {
          row = try classifier.row(
            method,
            heads: pace.handler(index, entry.name, from: ComparisonPace.Phase.features.rawValue, to: .heads),
            graph: pace.handler(index, entry.name, from: ComparisonPace.Phase.heads.rawValue, to: .graph))
        } catch {
          fail(index, method, error)
          continue
        }
        try finish(index, row, key, isLast: method == open.last?.0)
      }
    }

    /// The backbone that is recommended so far, trained further.
    private mutating func fineTune() throws {
      guard let chosen = judged().recommended,
        let entry = entries.first(where: { $0.name == rows[chosen].backbone.name })
      else { return }
      let key = data.key(entry, .finetune, options)
      if let known = try store[key] {
        restoredCount += 1
        return rows.append(known)
      }
      let index = entries.count
      let row: ComparisonRow
      do {
        var classifier = try ClassifierComparison(
          data, backbone: entry.name, options: options, cost: nil, progress: { _ in })
        row = try classifier.row(
          .finetune, heads: pace.handler(index, entry.name, from: 0, to: .heads),
          graph: pace.handler(index, entry.name, from: ComparisonPace.Phase.heads.rawValue, to: .graph))
      } catch {
        failures.append(
          ComparisonFailure(backbone: entry.name, method: .finetune, reason: WorkflowError(error).description))
        return pace.milestone(index, isLast: true, "\(entry.name): \(WorkflowError(error).description)")
      }
      try finish(index, row, key, isLast: true)
    }

    private mutating func compareAnomaly(_ index: Int, _ key: ComparisonKey) throws {
      let name = entries[index].name
      let row: ComparisonRow
      do {
        row = try AnomalyComparison.row(
          data, backbone: name, options: options,
          progress: pace.handler(index, name, from: 0, to: .heads),
          graph: pace.handler(index, name, from: ComparisonPace.Phase.heads.rawValue, to: .graph))
      } catch {
        return fail(index, .anomaly, error)
      }
      try finish(index, row, key, isLast: true)
    }

    private mutating func finish(_ index: Int, _ row: ComparisonRow, _ key: ComparisonKey, isLast: Bool) throws {
      try store.keep(row, for: key)
      rows.append(row)
      let figure = criterion.shortWords(row)
      pace.milestone(
        index, isLast: isLast,
        "\(row.backbone.name), \(row.method.title(shots: options.shots)): \(figure), "
          + ComparisonWords.milliseconds(row.milliseconds))
    }

    private mutating func fail(_ index: Int, _ method: ComparisonMethod?, _ error: any Error) {
      let reason = WorkflowError(error).description
      failures.append(ComparisonFailure(backbone: entries[index].name, method: method, reason: reason))
      pace.milestone(index, isLast: true, "\(entries[index].name): \(reason)")
    }
  }

  /// Removes the rows kept for going on, once the result is where it belongs.
  public static func forget(_ options: ComparisonOptions) { ComparisonStore.remove(options.keptAt) }
}
