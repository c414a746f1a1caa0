import AssayBackbones
package import AssayBase
package import AssayBundle
package import AssayData
package import AssayGraph
import AssayImage
import AssayInspection
package import AssayLearning
package import AssayMethods
package import AssayRuntime

/// A classifier's bundle taken apart: its network up to the features, its head, and what it keeps of its own line.
package struct AdaptableBundle {
  package let bundle: ModelBundle
  package let backbone: BundleBackbone
  package let specification: FeatureSpecification
  /// On raw features.
  package let head: LinearHead
  package let source: SourceFile
  /// Images behind ``source`` where they were named; empty otherwise.
  package let sourceImages: [KnownPicture]
  /// Where the images behind ``source`` were named.
  package let sourceSet: Dataset?
  package let engines: Engines
  private let extractor: FeatureExtractor

  package var manifest: Manifest { bundle.manifest }
  package var goodIndex: Int? { manifest.rule.goodIndex }

  /// - Parameters:
  ///   - sourcePath: labelled images of the line that it was trained on; nil for what the bundle keeps.
  ///   - reading: how labelled images are read.
  package init(
    path: String, sourcePath: String?, reading: PartsReading, cache: FeatureCache?, progress: @escaping ProgressHandler
  ) throws {
    bundle = try ModelBundle(path: path)
    engines = reading.engines
    let manifest = bundle.manifest
    try Self.check(manifest, path)
    guard let features = manifest.network.features else {
      throw WorkflowError(.badData, "\(path): its manifest does not say what it reads; train it again")
    }
    specification = features
    let model = try bundle.graph()
    backbone = try BundleBackbones.cut(bundle)
    let dimension = features.dimension(of: backbone)
    guard let weights = model.constant("head.weight"), let bias = model.constant("head.bias"),
      weights.shape == [manifest.classes.count, dimension], bias.values.count == manifest.classes.count
    else {
      throw WorkflowError(.badData, "\(path): no linear head was found in its graph; train it again")
    }
    head = LinearHead(
      weights: weights.values, bias: bias.values, center: [Float](repeating: 0, count: dimension))
    extractor = FeatureExtractor(
      onnx: try FeatureGraph.build(backbone, features).serialized(), dimension: dimension,
      preprocessing: manifest.preprocessing, cache: cache, engines: reading.engines,
      maximumPixels: reading.maximumPixels)
    if let sourcePath {
      let found = try Self.source(sourcePath, manifest, extractor, reading, progress)
      (source, sourceImages, sourceSet) = (found.file, found.images, found.set)
    } else {
      (source, sourceImages, sourceSet) = (try SourceFile(bundle), [], nil)
    }
    guard source.mean.count == dimension else {
      throw WorkflowError(
        .badData, "\(path): its source files belong to another network; name its images with --source")
    }
  }

  private static func check(_ manifest: Manifest, _ path: String) throws {
    if let record = manifest.adaptation {
      throw WorkflowError(
        .usage,
        "\(path): it was adapted already; adapt the bundle that it was made of (\(record.bundle)) to the new line")
    }
    switch manifest.kind {
    case .classifier(let spec):
      guard spec.tasks.isEmpty else {
        throw WorkflowError(
          .usage,
          "\(path): a bundle of several tasks cannot be adapted; adapt one with a single task, or train it again")
      }
    case .anomaly:
      throw WorkflowError(
        .usage,
        "\(path): an anomaly detector has no classes to bring into line; teach it good parts of the new line with "
          + "`assay add \(path) GOOD_PARTS` and set its threshold with `assay threshold`")
    case .multiLabel, .measurement:
      throw WorkflowError(
        .usage,
        "\(path): only classifiers with one label an image can be adapted; train it again with the new line's images")
    }
  }

  /// Raw features of images.
  /// - Returns: those that could be read, and the others' errors.
  package func features(
    of paths: [String], isStrict: Bool = false, step: String, progress: @escaping ProgressHandler
  ) throws -> FeatureSet {
    let found = try extractor.features(of: paths) { progress(WorkProgress(step, $0, $1)) }
    if isStrict, let failure = found.failures.first { throw WorkflowError(failure.error) }
    return found
  }

  /// The data sets behind it.
  package var sets: [Dataset] { sourceSet.map { [$0] } ?? [] }

  /// In units of the source's deviations.
  package func standardised(_ set: FeatureSet) -> FeatureMatrix {
    source.standardised(FeatureMatrix(rows: set.rows.count, columns: set.dimension, values: set.values))
  }

  /// The head for standardised features.
  private var standardisedHead: LinearHead {
    // Raw features are mean + scale * z.
    let folded = FeatureMap(scale: source.scale, offset: source.mean).folded(weights: head.weights, bias: head.bias)
    return LinearHead(weights: folded.weights, bias: folded.bias, center: head.center)
  }

  /// The head for raw features of the new line.
  /// - Parameters:
  ///   - map: of standardised features.
  ///   - center: mean of the new line's raw features, for the evidence map.
  package func head(behind map: FeatureMap, center: [Float]) -> LinearHead {
    let own = standardisedHead
    let folded = map.folded(weights: own.weights, bias: own.bias)
    let raw = LinearHead.folded(
      weights: folded.weights, bias: folded.bias, mean: source.mean.map(Double.init),
      scale: source.scale.map(Double.init), temperature: 1)
    return LinearHead(weights: raw.weights, bias: raw.bias, center: center)
  }

  package func adaptationCase(target: FeatureMatrix, good: FeatureMatrix?) -> AdaptationCase {
    AdaptationCase(
      rule: manifest.rule, source: source.rows, sourceLabels: source.labels,
      priors: source.priors, head: standardisedHead, target: target, good: good)
  }

  /// Labelled images of a data set with the bundle's classes, in the bundle's numbering.
  package struct Labelled {
    /// Without whatever could not be used.
    package var dataset: Dataset
    package let samples: [Sample]
    package let labels: [Int]
  }

  package static func labelled(
    _ path: String, _ manifest: Manifest, _ reading: PartsReading, _ progress: ProgressHandler
  ) throws -> Labelled {
    let known = Dictionary(uniqueKeysWithValues: manifest.classes.enumerated().map { ($1, $0) })
    var strangers: [String] = []
    for scheme in [LabelScheme.native, .binary] {
      var dataset = try DatasetReader.read(
        path,
        options: .init(
          labels: scheme, goodClass: manifest.goodClass, encoding: reading.encoding ?? manifest.training.encoding))
      try dataset.checkSingleLabels()
      let samples = dataset.samples.filter { $0.label != nil }
      let labels = samples.compactMap { $0.label.flatMap { known[$0] } }
      if labels.count == samples.count, !samples.isEmpty {
        try dataset.take(path, for: .bundle, isStrict: reading.isStrict, progress: progress)
        return Labelled(dataset: dataset, samples: samples, labels: labels)
      }
      if strangers.isEmpty { strangers = dataset.classes.filter { known[$0] == nil } }
    }
    throw WorkflowError(
      .badData,
      strangers.isEmpty
        ? "\(path): the images have no labels; put them into one folder for each class"
        : "\(path): the bundle does not know the class \(strangers.joined(separator: ", ")); it knows "
          + manifest.classes.joined(separator: ", "))
  }

  private static func source(
    _ path: String, _ manifest: Manifest, _ extractor: FeatureExtractor, _ reading: PartsReading,
    _ progress: @escaping ProgressHandler
  ) throws -> (file: SourceFile, images: [KnownPicture], set: Dataset) {
    var set = try labelled(path, manifest, reading, progress)
    let (samples, labels) = (set.samples, set.labels)
    let found = try extractor.features(of: samples.map(\.path)) { progress(WorkProgress("source", $0, $1)) }
    set.dataset.leaveOut(found.failures.map(\.error), of: path, progress: progress)
    if reading.isStrict, let failure = found.failures.first { throw WorkflowError(failure.error) }
    let own = found.rows.map { labels[$0] }
    let classes = manifest.classes
    let chosen = SourceFile.sample(
      Array(own.indices), labels: own, hashes: found.hashes.map(\.hex), classCount: classes.count)
    guard chosen.count >= 2 else { throw WorkflowError(.badData, "\(path): no image of the source can be read") }
    let trained = Set(manifest.training.images)
    let isKnown = chosen.contains { trained.contains(found.hashes[$0].hex) }
    let file = SourceFile(
      features: FeatureMatrix(rows: found.rows.count, columns: found.dimension, values: found.values).selecting(chosen),
      labels: chosen.map { own[$0] }, classes: classes,
      priors: classes.indices.map { k in Double(own.count { $0 == k }) / Double(max(1, own.count)) },
      basis: isKnown ? "training images" : "held-out test images")
    let pictures = found.pictures(of: samples.map(\.path))
    return (file, chosen.map { pictures[$0] }, set.dataset)
  }
}
