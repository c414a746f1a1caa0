package import AssayBase
package import AssayBundle
import AssayData
import AssayEvaluation
package import AssayGraph
import AssayImage
import AssayLearning
import AssayRuntime

/// A logistic regression on patches for each class, balanced, with a threshold for its pixels.
package struct FittedPatchHead {
  package let head: PatchHead
  /// Probabilities from which on a pixel is marked, `[K]`.
  package let thresholds: [Double]
  /// Patches that show each class.
  package let counts: [Int]
  package let images: Int
  private let classes: [String]
  /// Why images took no part: marks that cannot be read.
  private let unreadable: [ImageError]

  /// Folds of the penalty search: patches of one image are in one fold.
  private static let folds = 3

  package init(
    _ data: PatchData, rows: [Int], _ options: TrainingOptions, progress: @escaping ProgressHandler
  ) throws {
    let rule = data.preprocessing
    let specification = PatchSpecification(
      taps: data.backbone.patchTaps, width: rule.width, height: rule.height)
    let sample = try PatchSample(
      data, specification, rows: rows, seed: options.seed, maximumPixels: options.features.maximumPixels,
      engines: options.features.engines, progress: progress)
    let matrix = FeatureMatrix(rows: sample.count, columns: sample.dimension, values: sample.values)
    var heads: [LinearHead] = []
    var thresholds: [Double] = []
    var counts: [Int] = []
    for (k, name) in data.classes.enumerated() {
      let labels = (0..<sample.count).map { sample.labels[$0 * data.classes.count + k] ? 1 : 0 }
      let marked = Set(sample.images.indices.filter { labels[$0] == 1 }.map { sample.images[$0] })
      guard marked.count >= 2 else {
        throw WorkflowError(
          .badData,
          "\(data.root): the class \(name) is marked on \(marked.count) of the images to train on; --use-masks needs "
            + "masks or boxes of each class on at least two")
      }
      let folds = try Self.folds(data, sample, marked: marked, seed: options.seed)
      let probe = ProbeData(matrix, labels: labels, classCount: 2, folds: folds, weights: .balanced)
      let search = PenaltySearch(probe) { progress(WorkProgress("pixels \(name)", $0, $1)) }
      let model = search.model
      heads.append(
        LinearHead.folded(
          weights: model.weights, bias: model.bias, mean: model.standardisation.mean,
          scale: model.standardisation.scale, temperature: 1))
      let scores = (0..<sample.count).map { row in
        Softmax.probabilities(Array(search.heldOutLogits[row * 2..<row * 2 + 2]), classCount: 2)[1]
      }
      thresholds.append(Self.threshold(scores, labels, sample.weights))
      counts.append(labels.count { $0 == 1 })
    }
    head = PatchHead(
      taps: specification.taps, neighbourhood: specification.neighbourhood, head: LinearHead.joined(heads))
    self.thresholds = thresholds
    self.counts = counts
    images = sample.markedImages
    unreadable = sample.unreadable
    classes = data.classes
  }

  /// What the user must know.
  package var warnings: [String] {
    SegmentationEvaluation.warnings(unreadable, "took no part in learning to mark pixels")
  }

  /// For the manifest.
  package var record: Manifest.PixelMarks {
    Manifest.PixelMarks(taps: head.taps, thresholds: thresholds, patches: counts, images: images, classes: classes)
  }

  /// Fold of each patch.
  private static func folds(
    _ data: PatchData, _ sample: PatchSample, marked: Set<Int>, seed: UInt64
  ) throws -> [Int] {
    let images = Set(sample.images).sorted()
    let assignment = try Folds.stratified(
      labels: images.map { marked.contains($0) ? 1 : 0 }, groups: images.map { data.samples[$0].unit },
      keys: images.map { data.pictures[$0].hash.hex }, folds: min(folds, max(2, min(marked.count, images.count))),
      seed: seed)
    let fold = Dictionary(zip(images, assignment), uniquingKeysWith: { first, _ in first })
    return sample.images.map { fold[$0] ?? 0 }
  }

  /// The probability with the best Dice coefficient on held-out patches, each counted for as many as it stands for.
  package static func threshold(_ scores: [Double], _ labels: [Int], _ weights: [Double]) -> Double {
    let order = scores.indices.sorted { scores[$0] > scores[$1] }
    let all = labels.indices.reduce(0.0) { $0 + (labels[$1] == 1 ? weights[$1] : 0) }
    var (found, marked) = (0.0, 0.0)
    var best = (dice: -1.0, value: 0.5)
    for (rank, index) in order.enumerated() {
      marked += weights[index]
      if labels[index] == 1 { found += weights[index] }
      let next = rank + 1 < order.count ? scores[order[rank + 1]] : 0
      guard next < scores[index] else { continue }
      let dice = 2 * found / (marked + all)
      if dice > best.dice { best = (dice, (scores[index] + next) / 2) }
    }
    return best.value
  }
}
