package import AssayBase
package import AssayData
import AssayInspection
package import AssayLearning
import AssayRuntime

/// What a data set holds for one task: the rows that have a target, and the targets.
package struct TaskRows {
  package let task: TaskDescription
  /// Of the extracted features.
  package let rows: [Int]
  /// Class or level of each; empty for real values.
  package let labels: [Int]
  /// Level or value of each; empty for classes.
  package let values: [Double]

  /// - Parameter task: its classes and levels are those that usable files have.
  package init(_ task: TaskDescription, samples: [Sample]) {
    let found = samples.indices.compactMap { row in samples[row].targets[task.name].map { (row, $0) } }
    var task = task
    rows = found.map(\.0)
    switch task.kind {
    case .classification:
      task.classes = Set(found.compactMap(\.1.label)).sorted()
      if let good = task.goodClass, !task.classes.contains(good) { task.goodClass = nil }
      labels = found.compactMap { target in target.1.label.flatMap { task.classes.firstIndex(of: $0) } }
      values = []
    case .ordinal:
      task.levels = Set(found.compactMap(\.1.value)).sorted()
      values = found.compactMap(\.1.value)
      labels = values.compactMap { task.levels.firstIndex(of: $0) }
    case .real:
      values = found.compactMap(\.1.value)
      labels = []
    }
    self.task = task
  }

  /// What folds are stratified by: class, level, or the fifth of all values that a value is in.
  package var strata: [Int] {
    guard task.kind == .real else { return labels }
    let sorted = values.sorted()
    return values.map { value in
      let rank = sorted.firstIndex { $0 >= value } ?? 0
      return min(4, rank * 5 / max(1, sorted.count))
    }
  }

  /// Class, level or value of every row of the data set; nil where it is missing.
  package func labels(of count: Int) -> [Int?] {
    var result = [Int?](repeating: nil, count: count)
    for (position, row) in rows.enumerated() { result[row] = labels[position] }
    return result
  }

  /// Class or level to number of rows; `known` for real values.
  package func counts(_ included: Set<Int>) -> [String: Int] {
    var counts: [String: Int] = [:]
    for (position, row) in rows.enumerated() where included.contains(row) {
      let name =
        switch task.kind {
        case .classification: task.classes[labels[position]]
        case .ordinal: LevelName.text(task.levels[labels[position]])
        case .real: "known"
        }
      counts[name, default: 0] += 1
    }
    return counts
  }
}

/// A data set with several tasks and its features.
package struct MultiTaskDataset {
  /// Without whatever could not be used.
  package let dataset: Dataset
  /// Its backbone may become another one by training.
  package var extracted: ExtractedFeatures
  package let tasks: [TaskRows]
  /// The classification that decides between good and defective; nil when no task classifies.
  package let primary: String?

  /// - Throws: when there is no task, or a task has too little to learn from.
  package init(
    path: String, tasks wanted: [String]?, goodClass: String?, options: FeatureOptions,
    progress: @escaping ProgressHandler
  )
    throws
  {
    var dataset = try DatasetReader.read(
      path, options: .init(goodClass: goodClass, tasks: wanted, encoding: options.encoding))
    guard !dataset.tasks.isEmpty else {
      throw WorkflowError(
        .badData, "\(path): it names no tasks; give a CSV manifest with columns label:NAME, level:NAME or score:NAME")
    }
    try dataset.take(path, for: .tasks, isStrict: options.isStrict, progress: progress)
    let names = Set(dataset.tasks.map(\.name))
    let known = dataset.samples.filter { sample in sample.targets.keys.contains(where: names.contains) }
    let extracted = try ExtractedFeatures(known, options: options, progress: progress)
    dataset.leaveOut(extracted.unreadable, of: path, progress: progress)
    let tasks = dataset.tasks.map { TaskRows($0, samples: extracted.samples) }
    for own in tasks { try Self.check(own, path: path) }
    self.extracted = extracted
    self.tasks = tasks
    var described = dataset
    described.tasks = tasks.map(\.task)
    self.dataset = described
    primary = described.primaryTask?.name
  }

  private static func check(_ own: TaskRows, path: String) throws {
    func fail(_ cause: String) -> WorkflowError {
      WorkflowError(
        .badData,
        "\(path): the task \(own.task.name) \(cause); fill in more of its column, or name the other tasks with --tasks")
    }
    switch own.task.kind {
    case .classification where own.task.classes.count < 2:
      throw fail("has \(own.task.classes.first.map { "only the class \($0)" } ?? "no labels")")
    case .ordinal where own.task.levels.count < 2:
      throw fail("has \(own.task.levels.first.map { "only the level \(LevelName.text($0))" } ?? "no levels")")
    case .real where Set(own.values).count < 2: throw fail("has fewer than two different values")
    default: break
    }
    guard own.rows.count >= 4 else { throw fail("has \(own.rows.count) usable images") }
  }

  package var hashes: [String] { extracted.features.hashes.map(\.hex) }

  package var matrix: FeatureMatrix {
    FeatureMatrix(
      rows: extracted.samples.count, columns: extracted.features.dimension, values: extracted.features.values)
  }

  /// One classification as a data set of its own.
  package func view(_ own: TaskRows) -> ExtractedDataset {
    var dataset = dataset
    dataset.classes = own.task.classes
    dataset.goodClass = own.task.goodClass
    return ExtractedDataset(
      dataset, extracted, rows: own.rows.count == extracted.samples.count ? nil : own.rows, labels: own.labels)
  }

  package func division(_ options: TrainingOptions) -> TrainingSplit {
    TrainingSplit(
      samples: extracted.samples, hashes: hashes,
      labels: tasks.filter { $0.task.kind == .classification }.map { $0.labels(of: extracted.samples.count) }, options)
  }

  /// All rows as a data set of its own, whose classes are the ``strata``.
  package var whole: ExtractedDataset {
    let labels = strata
    var dataset = dataset
    dataset.classes = Set(labels).sorted().map { "\($0)" }
    dataset.goodClass = nil
    return ExtractedDataset(dataset, extracted, rows: nil, labels: labels)
  }

  /// For each row the number of its combination of classes and levels, among whatever the data gives, wanted or not.
  package var strata: [Int] {
    var numbers: [[String: TaskTarget]: Int] = [:]
    let real = Set(dataset.offeredTasks.filter { $0.kind == .real }.map(\.name))
    return extracted.samples.map { sample in
      let key = sample.targets.filter { !real.contains($0.key) }
      let number = numbers[key] ?? numbers.count
      numbers[key] = number
      return number
    }
  }

  /// Folds for all tasks together, stratified by ``strata``: runs on other tasks of the same images have the same folds.
  package func folds(_ count: Int, seed: UInt64) throws -> [Int] {
    try Folds.stratified(
      labels: strata, groups: extracted.samples.map(\.unit), keys: hashes, folds: count, seed: seed)
  }
}
