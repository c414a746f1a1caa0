package import AssayBackbones
package import AssayBase
package import AssayData
package import AssayImage
package import AssayMethods
import AssayRuntime

/// The data set of a comparison: what it is, and which methods it can be learned by.
package struct ComparisonData {
  package let path: String
  package let dataset: Dataset
  package let methods: [ComparisonMethod]
  /// Only good parts are there to learn from, so that there is one division and no folds.
  package let isOfGoodParts: Bool
  /// Stands for the images in their order, with their labels, groups and splits.
  package let fingerprint: String
  package let labelled: [Sample]
  /// What the files held that the fingerprint stands for, by path.
  private let contents: [String: SHA256Digest]

  /// - Throws: when no comparison can be made of it, whatever the backbone.
  package init(_ path: String, _ options: ComparisonOptions, progress: @escaping ProgressHandler) throws {
    self.path = path
    let plan = try Self.plan(path, options, progress: progress)
    (dataset, methods, isOfGoodParts) = (plan.dataset, plan.methods, plan.isOfGoodParts)
    labelled = dataset.samples.filter { $0.label != nil }
    let hashes = ContentHashes.of(labelled.map(\.path), cache: options.cache) {
      progress(WorkProgress("images", $0, $1))
    }
    fingerprint = Self.fingerprint(dataset, hashes)
    contents = Dictionary(
      zip(labelled, hashes).compactMap { sample, hash in hash.map { (sample.path, $0) } },
      uniquingKeysWith: { first, _ in first })
  }

  /// Of the labelled images of a data set.
  /// - Parameter hashes: of their contents.
  package static func fingerprint(_ dataset: Dataset, _ hashes: [SHA256Digest?]) -> String {
    var text = dataset.classes.joined(separator: "\t") + "\n" + (dataset.goodClass ?? "") + "\n"
    for (sample, hash) in zip(dataset.samples.filter({ $0.label != nil }), hashes) {
      let parts = [hash?.hex ?? "unreadable", sample.label, sample.group, sample.split?.rawValue, sample.mask]
      text += parts.map { $0 ?? "" }.joined(separator: "\t") + "\n"
    }
    return ContentHash.of(Array(text.utf8))
  }

  /// A row is kept under the fingerprint, so it must be made of the same pictures.
  package func checkUnchanged(_ data: ExtractedDataset) throws(ImageError) {
    for (sample, hash) in zip(data.samples, data.features.hashes) {
      guard let first = contents[sample.path] else { continue }
      try KnownPicture(path: sample.path, hash: first).check(hash)
    }
    for error in data.unreadable {
      guard error.reason == .notFound || error.reason == .notReadable, let first = contents[error.file] else {
        continue
      }
      try KnownPicture(path: error.file, hash: first).check(nil)
    }
  }

  /// The same of images whose hashes a manifest has.
  package func checkUnchanged(_ hashes: Set<String>) throws(WorkflowError) {
    let known = Set(contents.values.map(\.hex))
    guard hashes.isSubset(of: known) else {
      throw WorkflowError(
        .badData,
        "\(path): pictures have changed since the comparison began; let nothing write to the data set until it is done, "
          + "and run it again")
    }
  }

  /// What is compared on a data set, without a look into its images.
  package struct Plan {
    package let dataset: Dataset
    package let methods: [ComparisonMethod]
    package let isOfGoodParts: Bool
  }

  package static func plan(
    _ path: String, _ options: ComparisonOptions, progress: @escaping ProgressHandler = { _ in }
  ) throws -> Plan {
    let categories = Categories.find(path)
    guard categories.isEmpty else {
      throw WorkflowError(
        .usage,
        "\(path): it is a folder of \(categories.count) data sets; compare on one of them, e.g. \(categories[0])")
    }
    var dataset = try DatasetReader.read(
      path, options: DatasetOptions(labels: options.labels, goodClass: options.goodClass, encoding: options.encoding))
    guard dataset.tasks.isEmpty else {
      throw WorkflowError(
        .usage,
        "\(path): it has several tasks; compare on a CSV file with one column label, then train the tasks on the backbone "
          + "chosen")
    }
    let learned = Set(dataset.samples.filter { $0.split != .test }.compactMap(\.label))
    let isOfGoodParts = learned.count == 1 && learned.first == dataset.goodClass
    try dataset.take(
      path, for: isOfGoodParts ? .goodParts : .classes, isStrict: options.isStrict, progress: progress)
    return Plan(
      dataset: dataset, methods: try methods(path, dataset, options, isOfGoodParts: isOfGoodParts),
      isOfGoodParts: isOfGoodParts)
  }

  private static func methods(
    _ path: String, _ dataset: Dataset, _ options: ComparisonOptions, isOfGoodParts: Bool
  ) throws -> [ComparisonMethod] {
    let found = Set(dataset.samples.compactMap(\.label))
    guard !found.isEmpty else {
      throw WorkflowError(
        .badData, "\(path): the images have no labels; put them into one folder for each class, e.g. good and scratch")
    }
    if isOfGoodParts { return try goodPartMethods(path, options, classes: found.count) }
    try dataset.checkSingleLabels()
    guard found.count >= 2 else {
      throw WorkflowError(
        .badData,
        "\(path): only the class \(found.first ?? "") was found; a comparison needs at least two: put the images into one "
          + "folder for each")
    }
    let methods = options.methods ?? [.linear, .fewshot] + (dataset.goodClass == nil ? [] : [.anomaly])
    guard dataset.goodClass != nil || !methods.contains(.anomaly) else {
      throw WorkflowError(
        .usage,
        "\(path): anomaly detection learns from good parts, and none of \(dataset.classes.joined(separator: ", ")) is known "
          + "to be good; name it with --good, or leave anomaly out of --methods")
    }
    guard methods != [.finetune] else {
      throw WorkflowError(
        .usage,
        "--methods finetune: fine-tuning is compared on the backbone that the other methods recommend; name one of them as "
          + "well, e.g. --methods linear,finetune")
    }
    return ComparisonMethod.allCases.filter(methods.contains)
  }

  private static func goodPartMethods(
    _ path: String, _ options: ComparisonOptions, classes: Int
  ) throws -> [ComparisonMethod] {
    guard classes > 1 else {
      throw WorkflowError(
        .badData,
        "\(path): there are good parts only; to say which backbone is best, some defective ones are needed to test on: "
          + "put them into a folder beside the good ones (they are not learned from with --methods anomaly)")
    }
    guard options.methods ?? [.anomaly] == [.anomaly] else {
      throw WorkflowError(
        .badData,
        "\(path): only good parts are there to learn from; compare with --methods anomaly, or name the classes of defects"
      )
    }
    guard options.labels == .native else {
      throw WorkflowError(.usage, "--labels is for named classes; only good parts are there to learn from")
    }
    return [.anomaly]
  }

  package func key(_ entry: BackboneCatalogue.Entry, _ method: ComparisonMethod, _ options: ComparisonOptions)
    -> ComparisonKey
  {
    let given: Int? = if case .given(let level) = options.whiteLevel { level } else { nil }
    return ComparisonKey(
      version: Versions.assay, data: fingerprint, backbone: entry.name, weights: entry.sha256,
      inputSize: entry.inputSize, method: method, folds: isOfGoodParts ? nil : options.folds,
      shots: method == .fewshot ? options.shots : nil, seed: options.seed, whiteLevel: given)
  }
}
