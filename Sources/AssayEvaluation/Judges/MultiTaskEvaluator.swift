public import AssayBase
package import AssayBundle
public import AssayData
public import AssayImage
public import AssayInspection
import AssayReport
public import AssayRuntime
import Foundation
import Synchronization

/// A bundle of several tasks, tested on images whose targets are known.
public struct MultiTaskTest: Sendable {
  /// Of the tasks that the data set has targets for, in the bundle's order.
  public let evaluations: [TaskEvaluation]
  /// The task that decides between good and defective, if it was tested.
  public let primary: Evaluation?
  /// Whether it is fit for the line, and what would help most.
  public let fitness: LineFitness
  /// Images tested, whatever is known of them.
  public let images: Int
  /// Images left out because the bundle was trained on them.
  public let refused: Int
  public let unreadable: [InspectionError]
  /// How the data set was read, and what was left out.
  public let reading: DataReading
  /// Tasks of the bundle for which the data set has no targets.
  public let untested: [String]
  /// The report as HTML.
  public let report: String
}

public enum MultiTaskEvaluator {
  /// Whether a data set names tasks of a bundle. (A folder of classes tests the primary task of any bundle.)
  /// - Parameter encoding: of texts that are not UTF-8; nil for the one that the bundle's own data set has.
  package static func accepts(_ manifest: Manifest, data: String, encoding: String?) -> Bool {
    if case .measurement = manifest.kind { return true }
    let names = Set(manifest.kind.spec.tasks.map(\.name))
    // What cannot be read says so where it is tested.
    guard !names.isEmpty, let dataset = try? read(data, manifest, encoding) else { return false }
    return dataset.offeredTasks.contains { names.contains($0.name) }
  }

  private static func read(_ data: String, _ manifest: Manifest, _ encoding: String?) throws(DataError) -> Dataset {
    try DatasetReader.read(data, options: .init(encoding: encoding ?? manifest.training.encoding))
  }

  /// Images that the bundle was trained on are refused, as ``Evaluator`` does.
  /// - Throws: when no image is left, or a class or level is not known to the bundle.
  public static func evaluate(
    bundle path: String, on data: String, encoding: String? = nil, allowsTrained: Bool = false, isStrict: Bool = false,
    maximumPixels: Int = DecodingOptions().maximumPixels, engines: Engines = .automatic,
    progress: @escaping ProgressHandler = { _ in }
  ) throws(WorkflowError) -> MultiTaskTest {
    do {
      let inspector = try Inspector(
        path: path, mode: .throughput, maximumPixels: maximumPixels, engines: engines)
      let manifest = inspector.manifest
      let records = manifest.kind.spec.tasks
      let primaryName = Self.primary(manifest)?.name
      var dataset = try read(data, manifest, encoding)
      try dataset.take(data, for: .tasks, isStrict: isStrict, progress: progress)
      let tested = try matching(records, dataset, path: data)
      let names = Set(tested.map(\.name))
      let known = dataset.samples.filter { sample in sample.targets.keys.contains(where: names.contains) }
      let unseen = UnseenSamples(known, for: manifest, takesAll: allowsTrained)
      guard !unseen.samples.isEmpty else {
        throw WorkflowError(
          .badData,
          "\(data): the bundle was trained on all \(unseen.refused) images; test it on others, or say --allow-trained if you "
            + "know what the figures are worth")
      }
      let (readings, failures) = try readings(inspector, unseen.samples, progress: progress)
      dataset.leaveOut(failures, of: data, progress: progress)
      if isStrict, let error = failures.first { throw error }
      guard !readings.isEmpty else {
        throw WorkflowError(.badData, "\(data): no image could be read; \(failures.first.map(\.description) ?? "")")
      }
      let basis = allowsTrained ? "images of which the bundle may know some" : "held-out test"
      let evaluations = tested.map { record in
        evaluation(
          record, readings, record.name == primaryName ? manifest.kind.spec.decision : nil, basis)
      }
      let primary = evaluations.first { $0.name == primaryName }.flatMap { own -> Evaluation? in
        if case .classification(let evaluation) = own.result { evaluation } else { nil }
      }
      var warnings: [String] = []
      if unseen.refused > 0 {
        warnings.append("\(unseen.refused) images were refused because the bundle was trained on them.")
      }
      if allowsTrained {
        warnings.append(
          "Images that the bundle was trained on were allowed: these figures say nothing about new parts.")
      }
      let title = "Test of \(inspector.bundle.path.lastPathComponent)"
      var content = content(manifest, evaluations, primary, title: title)
      let fitness = LineFitness(
        evaluations, primary: primary, FitnessContext(manifest, photographs: unseen.samples.map(\.path)))
      content.fitness = fitness.line
      content.warnings = warnings + UncertainShare.warnings(primary?.metrics ?? [], manifest.rule.band)
      content.tasks = TaskReport.sections(evaluations, primary: primary == nil ? nil : primaryName)
      content.add(dataset)
      return MultiTaskTest(
        evaluations: evaluations, primary: primary, fitness: fitness, images: readings.count, refused: unseen.refused,
        unreadable: failures, reading: DataReading(dataset, path: data),
        untested: records.map(\.name).filter { !names.contains($0) }, report: HTMLReport.render(content))
    } catch {
      throw WorkflowError(error)
    }
  }

  /// The task that decides between good and defective.
  private static func primary(_ manifest: Manifest) -> TaskRecord? {
    if case .classifier(let spec) = manifest.kind { spec.primaryTask } else { nil }
  }

  /// The bundle's tasks that the data set has, of the same kind and with known classes and levels.
  private static func matching(_ records: [TaskRecord], _ dataset: Dataset, path: String) throws -> [TaskRecord] {
    let tested = try records.filter { record in
      guard let offered = dataset.offeredTasks.first(where: { $0.name == record.name }) else { return false }
      guard offered.kind.rawValue == record.kind.rawValue else {
        throw WorkflowError(
          .badData,
          "\(path): the task \(record.name) is of kind \(offered.kind.rawValue) there and \(record.kind.rawValue) in the bundle; "
            + "rename its column")
      }
      let strangers =
        offered.classes.filter { record.classes?.contains($0) == false }
        + offered.levels.filter { record.levels?.contains($0) == false }.map(LevelName.text)
      guard strangers.isEmpty else {
        let known = record.classes ?? (record.levels ?? []).map(LevelName.text)
        throw WorkflowError(
          .badData,
          "\(path): the bundle does not know \(strangers.joined(separator: ", ")) of the task \(record.name); it knows "
            + known.joined(separator: ", "))
      }
      return true
    }
    guard !tested.isEmpty else {
      throw WorkflowError(
        .badData,
        "\(path): it has no column for any of the bundle's tasks \(records.map(\.name).joined(separator: ", "))")
    }
    return tested
  }

  private static func readings(
    _ inspector: Inspector, _ samples: [Sample], progress: @escaping ProgressHandler
  ) throws -> (rows: [(sample: Sample, tasks: [String: TaskReading])], failures: [InspectionError]) {
    let collected = Mutex<(rows: [(Sample, [String: TaskReading])], failures: [InspectionError], done: Int)>(
      ([], [], 0))
    try inspector.inspect(samples.map(\.path)) { index, result in
      collected.withLock { state in
        switch result {
        case .success(let finding): state.rows.append((samples[index], finding.inspection.tasks ?? [:]))
        case .failure(let error): state.failures.append(error)
        }
        state.done += 1
        progress(WorkProgress("inspecting", state.done, samples.count))
      }
    }
    return collected.withLock { state in (state.rows.map { (sample: $0.0, tasks: $0.1) }, state.failures) }
  }

  private static func evaluation(
    _ record: TaskRecord, _ rows: [(sample: Sample, tasks: [String: TaskReading])], _ decision: DecisionSettings?,
    _ basis: String
  ) -> TaskEvaluation {
    let known = rows.compactMap { row in
      row.sample.targets[record.name].flatMap { target in
        row.tasks[record.name].map { (name: row.sample.name, target: target, reading: $0) }
      }
    }
    var predictions = TaskPredictions(names: known.map(\.name))
    let kind: TaskDescription.Kind
    switch record.kind {
    case .classification:
      kind = .classification
      let classes = record.classes ?? []
      predictions.labels = known.compactMap { one in one.target.label.flatMap(classes.firstIndex) }
      predictions.probabilities = known.flatMap { one in classes.map { one.reading.probabilities?[$0] ?? 0 } }
    case .ordinal:
      kind = .ordinal
      let levels = record.levels ?? []
      predictions.labels = known.compactMap { one in one.target.value.flatMap(levels.firstIndex) }
      predictions.probabilities = known.flatMap { one in
        levels.map { one.reading.probabilities?[LevelName.text($0)] ?? 0 }
      }
    case .real:
      kind = .real
      predictions.actual = known.compactMap(\.target.value)
      predictions.stated = known.map { $0.reading.value ?? 0 }
    }
    let task = TaskDescription(
      name: record.name, kind: kind, classes: record.classes ?? [], levels: record.levels ?? [],
      goodClass: record.goodClass)
    return predictions.evaluation(
      task, halfWidth: record.uncertainty?.halfWidth, threshold: decision?.threshold?.value, band: decision?.band,
      basis: basis)
  }

  private static func content(
    _ manifest: Manifest, _ evaluations: [TaskEvaluation], _ primary: Evaluation?, title: String
  ) -> ReportContent {
    guard let primary else {
      var content = ReportContent(
        title: title, subtitle: "Assay \(Versions.assay)",
        verdict: "It was tested on \(evaluations.map(\.name).joined(separator: ", ")).")
      content.missing = TaskReport.missing
      content.missing[.learning] = ReportComposer.learnedElsewhere
      content.provenance = ReportComposer.provenance(
        manifest, figuresFrom: evaluations.map { "\($0.name): \($0.basis), \($0.count) images" }.joined(separator: "; ")
      )
      return content
    }
    var content = ReportComposer(manifest: manifest, evaluation: primary).content(title: title)
    content.missing[.learning] = ReportComposer.learnedElsewhere
    content.missing[.mistakes] =
      "Pictures of mistakes are in the report of a test on a folder of classes; here tasks are tested by their targets."
    content.dataColumns = ["tested"]
    content.dataRows = primary.classes.enumerated().map { k, name in (name, [primary.labels.count { $0 == k }]) }
    return content
  }
}
