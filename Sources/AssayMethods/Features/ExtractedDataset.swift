package import AssayBase
package import AssayData
package import AssayGraph
package import AssayImage
package import AssayRuntime

/// A data set's features: what every head is trained on.
package struct ExtractedDataset {
  /// Without whatever could not be used.
  package let dataset: Dataset
  /// The one that features were computed with, until training has made another of it.
  package var backbone: any Backbone
  package let specification: FeatureSpecification
  package let preprocessing: Preprocessing
  /// The labelled samples whose files could be used, in the order of the rows.
  package let samples: [Sample]
  /// Index of each sample's class in `dataset.classes`.
  package let labels: [Int]
  package let features: FeatureSet
  package let unreadable: [ImageError]
  /// And of how the others are read.
  package let notes: [String]
  /// Rows whose pictures may have gone since they were learned from (``FewShotTeaching``): nothing is read of them again.
  package var absent: Set<Int> = []

  /// - Throws: when fewer than two classes can be used.
  package init(
    path: String, labels scheme: LabelScheme, goodClass: String?, options: FeatureOptions,
    progress: @escaping ProgressHandler
  ) throws {
    var dataset = try DatasetReader.read(
      path, options: DatasetOptions(labels: scheme, goodClass: goodClass, encoding: options.encoding))
    try dataset.take(path, for: .classes, isStrict: options.isStrict, progress: progress)
    try self.init(dataset, path: path, options: options, progress: progress)
  }

  /// - Parameters:
  ///   - dataset: one that was taken in (`Dataset.take`).
  ///   - path: the data set's, for messages.
  package init(_ dataset: Dataset, path: String, options: FeatureOptions, progress: @escaping ProgressHandler) throws {
    var dataset = dataset
    try dataset.checkSingleLabels()
    let labelled = dataset.samples.filter { $0.label != nil }
    guard dataset.classes.count >= 2 else {
      throw WorkflowError(
        .badData,
        "\(path): \(dataset.classes.count == 1 ? "only the class \(dataset.classes[0]) was found" : "no labels were found"); "
          + "a classifier needs at least two classes: put the images into one folder for each")
    }
    let extracted = try ExtractedFeatures(labelled, options: options, progress: progress)
    (backbone, specification, preprocessing) = (extracted.backbone, extracted.specification, extracted.preprocessing)
    (samples, features, unreadable) = (extracted.samples, extracted.features, extracted.unreadable)
    dataset.leaveOut(unreadable, of: path, progress: progress)
    notes = extracted.notes
    let found = Set(samples.compactMap(\.label))
    dataset.classes = dataset.classes.filter(found.contains)
    guard dataset.classes.count >= 2 else {
      throw WorkflowError(
        .badData,
        "\(path): \(unreadable.count) of \(labelled.count) images cannot be read and fewer than two classes are left; "
          + (unreadable.first.map { "the first: \($0)" } ?? ""))
    }
    let index = Dictionary(uniqueKeysWithValues: dataset.classes.enumerated().map { ($1, $0) })
    labels = samples.compactMap { $0.label.flatMap { index[$0] } }
    self.dataset = dataset
  }

  /// Some of the rows, with labels of their own.
  /// - Parameters:
  ///   - dataset: its classes are those that the labels count.
  ///   - rows: nil for all.
  package init(_ dataset: Dataset, _ extracted: ExtractedFeatures, rows: [Int]?, labels: [Int]) {
    self.dataset = dataset
    backbone = extracted.backbone
    specification = extracted.specification
    preprocessing = extracted.preprocessing
    samples = rows?.map { extracted.samples[$0] } ?? extracted.samples
    features = rows.map(extracted.features.selecting) ?? extracted.features
    unreadable = extracted.unreadable
    notes = extracted.notes
    self.labels = labels
  }

  /// Samples whose features are known already.
  /// - Parameter template: says with what they were made.
  package init(
    _ dataset: Dataset, _ template: ExtractedFeatures, samples: [Sample], labels: [Int], features: FeatureSet
  ) {
    self.dataset = dataset
    backbone = template.backbone
    specification = template.specification
    preprocessing = template.preprocessing
    self.samples = samples
    self.labels = labels
    self.features = features
    unreadable = []
    notes = template.notes
  }

  package var hashes: [String] { features.hashes.map(\.hex) }

  /// A row's picture, to be read again.
  package func picture(_ row: Int) -> KnownPicture { KnownPicture(path: samples[row].path, hash: features.hashes[row]) }

  /// Pictures of some rows, without those that may have gone.
  package func pictures(_ rows: [Int]) -> [KnownPicture] { rows.filter { !absent.contains($0) }.map(picture) }

  package var goodIndex: Int? { dataset.goodClass.flatMap { dataset.classes.firstIndex(of: $0) } }
}
