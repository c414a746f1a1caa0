package import AssayBase
package import AssayData
import AssayRuntime

/// A data set of which several classes may be found on one image, with its features.
package struct MultiLabelDataset {
  /// Without whatever could not be used.
  package let dataset: Dataset
  package let extracted: ExtractedFeatures
  /// Classes of defect, sorted: the order of the graph's outputs.
  package let classes: [String]
  /// What parts are called on which nothing is found.
  package let goodClass: String
  /// Whether each class is on each image, `[n, K]`.
  package let truth: [Bool]

  /// - Throws: when nothing can be told apart.
  package init(path: String, goodClass wanted: String?, options: FeatureOptions, progress: @escaping ProgressHandler)
    throws
  {
    var dataset = try DatasetReader.read(path, options: .init(goodClass: wanted, encoding: options.encoding))
    guard dataset.tasks.isEmpty else {
      throw WorkflowError(
        .usage, "\(path): --multi-label is for one set of classes; a manifest with task columns is trained without it")
    }
    try dataset.take(path, for: .labels, isStrict: options.isStrict, progress: progress)
    let extracted = try ExtractedFeatures(
      dataset.samples.filter { $0.label != nil }, options: options, progress: progress)
    dataset.leaveOut(extracted.unreadable, of: path, progress: progress)
    let found = extracted.samples.map { $0.defects(goodClass: dataset.goodClass) }
    let classes = Set(found.joined()).sorted()
    guard !classes.isEmpty else {
      throw WorkflowError(.badData, "\(path): no class of defect was found; --multi-label needs at least one")
    }
    truth = found.flatMap { own in classes.map(own.contains) }
    self.dataset = dataset
    self.extracted = extracted
    self.classes = classes
    goodClass = dataset.goodClass ?? "good"
  }

  package var hashes: [String] { extracted.features.hashes.map(\.hex) }

  package func isThere(_ k: Int) -> [Int] {
    extracted.samples.indices.map { truth[$0 * classes.count + k] ? 1 : 0 }
  }

  /// Whether any class is on each image.
  package var isDefect: [Bool] {
    extracted.samples.indices.map { row in truth[row * classes.count..<(row + 1) * classes.count].contains(true) }
  }

  package func division(_ options: TrainingOptions) -> TrainingSplit {
    TrainingSplit(samples: extracted.samples, hashes: hashes, labels: classes.indices.map(isThere), options)
  }

  /// One class against everything else, as a data set of its own.
  package func view(_ k: Int) -> ExtractedDataset {
    var own = dataset
    own.classes = ["without \(classes[k])", classes[k]]
    own.goodClass = own.classes[0]
    return ExtractedDataset(own, extracted, rows: nil, labels: isThere(k))
  }

  /// Good parts against all others.
  package var goodView: ExtractedDataset {
    var own = dataset
    let isDefect = isDefect
    let hasGood = isDefect.contains(false)
    own.classes = (hasGood ? [goodClass] : []) + ["defect"]
    own.goodClass = hasGood ? goodClass : nil
    return ExtractedDataset(own, extracted, rows: nil, labels: isDefect.map { $0 && hasGood ? 1 : 0 })
  }

  /// - Throws: for a class of which there are too few images, or that all show.
  package func check(_ rows: [Int]) throws {
    for (k, name) in classes.enumerated() {
      let count = rows.count { truth[$0 * classes.count + k] }
      guard count >= 2 else {
        throw WorkflowError(
          .badData,
          "\(dataset.root): the class \(name) is on \(count) of the images to train on; at least two are needed: add "
            + "images, or take the class out")
      }
      guard rows.count - count >= 2 else {
        throw WorkflowError(
          .badData,
          "\(dataset.root): the class \(name) is on \(count) of the \(rows.count) images to train on, so there is nothing to "
            + "tell it from; add images without it")
      }
    }
  }
}
