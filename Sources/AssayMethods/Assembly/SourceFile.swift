import AssayBase
package import AssayBundle
import AssayData
import AssayGraph
package import AssayLearning
import AssayRuntime
import Foundation

/// What a classifier's bundle keeps of the line that it was trained on, so that it can be fitted to another without the
/// images: features of a few hundred of them, in units of their deviations and with 16 bits.
package struct SourceFile {
  package static let indexName = "source.json"
  package static let rowsName = "source.bin"
  private static let currentVersion = 1
  /// At most so many images are kept, and at least so many of each class where there are as many.
  package static let mostRows = 256
  private static let fewestOfClass = 12

  private struct Index: Codable {
    let version: Int
    let dimension: Int
    let classes: [String]
    /// Class of each row.
    let labels: [Int]
    /// Share of each class among all images of training and test.
    let priors: [Double]
    /// `held-out test images` or `training images`.
    let basis: String
  }

  package let classes: [String]
  package let labels: [Int]
  package let priors: [Double]
  package let basis: String
  /// Of each feature, `[D]`: raw features are `mean + scale * z`.
  package let mean: [Float]
  package let scale: [Float]
  /// `[n, D]`
  package let rows: FeatureMatrix

  /// - Parameters:
  ///   - features: raw, `[n, D]`.
  ///   - priors: share of each class.
  package init(features: FeatureMatrix, labels: [Int], classes: [String], priors: [Double], basis: String) {
    let weights = WeightedRows.mixing(labels, shares: priors)
    let moments = WeightedRows(features, weights: weights)
    let deviations = moments.variance.map { $0.squareRoot() }
    // A feature that hardly varies on one line would outweigh all others on another.
    let floor = max(deviations.reduce(0, +) / Double(max(1, deviations.count)) * 1e-2, 1e-9)
    mean = moments.mean.map { Float($0) }
    scale = deviations.map { Float(max($0, floor)) }
    rows = Self.standardised(features, mean, scale)
    self.labels = labels
    self.classes = classes
    self.priors = priors
    self.basis = basis
  }

  /// In units of the source's deviations.
  package func standardised(_ raw: FeatureMatrix) -> FeatureMatrix { Self.standardised(raw, mean, scale) }

  private static func standardised(_ raw: FeatureMatrix, _ mean: [Float], _ scale: [Float]) -> FeatureMatrix {
    let d = raw.columns
    var values = Array(raw.values)
    for row in 0..<raw.rows {
      for column in 0..<d { values[row * d + column] = (values[row * d + column] - mean[column]) / scale[column] }
    }
    return FeatureMatrix(rows: raw.rows, columns: d, values: values)
  }

  // MARK: Choosing images

  /// Some of the rows: of each class its share, but not fewer than a few; the same for the same images.
  package static func sample(_ candidates: [Int], labels: [Int], hashes: [String], classCount: Int) -> [Int] {
    (0..<classCount).flatMap { label in
      let own = candidates.filter { labels[$0] == label }.sorted { hashes[$0] < hashes[$1] }
      let quota = Int((Double(mostRows * own.count) / Double(max(1, candidates.count))).rounded())
      return Array(own.prefix(max(quota, fewestOfClass)))
    }
  }

  /// The files of a newly trained bundle; none where a bundle has no features to keep.
  package static func files(
    _ data: ExtractedDataset, _ division: TrainingSplit, _ trained: BundleParts, _ options: TrainingOptions
  ) throws -> [String: [UInt8]] {
    guard trained.tasks == nil else { return [:] }
    let classes = data.dataset.classes
    func isEnough(_ rows: [Int]) -> Bool {
      rows.count >= 60 && classes.indices.allSatisfy { label in rows.count { data.labels[$0] == label } >= 5 }
    }
    // Of images that the head has not learned from, accuracies are not flattered.
    let isHeldOut = isEnough(division.test)
    let candidates = isHeldOut ? division.test : division.trained(options.solver)
    let chosen = sample(candidates, labels: data.labels, hashes: data.hashes, classCount: classes.count)
    guard chosen.count >= 2 else { return [:] }
    let d = data.features.dimension
    var values: [Float]
    if !trained.method.keepsBackbone {
      // The features of the data set are those of the network before it was trained.
      let extractor = FeatureExtractor(
        onnx: try FeatureGraph.build(data.backbone, data.specification).serialized(), dimension: d,
        preprocessing: data.preprocessing, cache: nil, engines: options.features.engines,
        maximumPixels: options.features.maximumPixels)
      values = Array(try extractor.features(of: chosen.map(data.picture)).values)
    } else {
      values = []
      values.reserveCapacity(chosen.count * d)
      for row in chosen { values += data.features.values(of: row) }
    }
    let all = division.test + division.trained(options.solver)
    let priors = classes.indices.map { label in
      Double(all.count { data.labels[$0] == label }) / Double(max(1, all.count))
    }
    return try SourceFile(
      features: FeatureMatrix(rows: chosen.count, columns: d, values: values), labels: chosen.map { data.labels[$0] },
      classes: classes, priors: priors, basis: isHeldOut ? "held-out test images" : "training images"
    ).files()
  }

  // MARK: Files

  package func files() throws -> [String: [UInt8]] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let index = Index(
      version: Self.currentVersion, dimension: mean.count, classes: classes, labels: labels, priors: priors,
      basis: basis)
    return [
      Self.indexName: Array(try encoder.encode(index)),
      Self.rowsName: FloatBytes.encode(mean + scale) + HalfFloats.encode(Array(rows.values)),
    ]
  }

  /// - Throws: when the bundle has none, or they do not fit together or to the manifest.
  package init(_ bundle: ModelBundle) throws {
    func damaged(_ cause: String, _ remedy: String = "name the images that it was trained on with --source PATH")
      -> WorkflowError
    {
      WorkflowError(.badData, "\(bundle.path): \(cause); \(remedy)")
    }
    guard bundle.manifest.files[Self.indexName] != nil else {
      throw damaged("it was trained by an earlier version and keeps nothing of its own line to compare with")
    }
    let index: Index
    do {
      index = try JSONDecoder().decode(Index.self, from: Data(bundle.contents(Self.indexName)))
    } catch is DecodingError {
      throw damaged("its \(Self.indexName) is unreadable")
    }
    guard index.version <= Self.currentVersion else {
      throw damaged("its \(Self.indexName) has version \(index.version)", "update Assay")
    }
    let bytes = try bundle.contents(Self.rowsName)
    let (n, d) = (index.labels.count, index.dimension)
    guard d > 0, n > 1, index.classes == bundle.manifest.classes, index.priors.count == index.classes.count,
      index.labels.allSatisfy(index.classes.indices.contains), d < 1 << 24, bytes.count == 8 * d + 2 * n * d
    else { throw damaged("its source files do not fit together") }
    let exact = bytes.prefix(8 * d).withUnsafeBytes(FloatBytes.decode)
    mean = Array(exact.prefix(d))
    scale = Array(exact.suffix(d))
    guard exact.allSatisfy(\.isFinite), scale.allSatisfy({ $0 > 0 }) else {
      throw damaged("its \(Self.rowsName) holds no features")
    }
    rows = FeatureMatrix(rows: n, columns: d, values: HalfFloats.decode(Array(bytes.dropFirst(8 * d))))
    labels = index.labels
    classes = index.classes
    priors = index.priors
    basis = index.basis
  }
}
