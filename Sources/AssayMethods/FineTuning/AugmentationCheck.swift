package import AssayBase
import AssayData
import AssayGraph
package import AssayImage
import AssayLearning
package import AssayRuntime
import Foundation
import Synchronization

/// Leaves out what a class does not survive: an operation after which the probe takes most images of a class that it knew
/// for another one changes what they show (a mirrored part that is a class of its own, say).
package struct AugmentationCheck {
  package let policy: AugmentationPolicy
  package let dropped: [AugmentationOperation]
  /// Share of the images whose class was still recognised, for each operation.
  package let survival: [(operation: AugmentationOperation, share: Double)]

  /// Images of each class that are looked at, at most.
  private static let sampled = 20
  /// An operation goes when fewer than this share of a class's images keep their class.
  private static let leastShare = 0.5
  /// Classes with fewer known images say nothing.
  private static let fewest = 4

  /// What a probe answers about images, and for which of them the answer must stay.
  package struct Question {
    /// Rows whose truth is known, by class, level, or all together.
    package let groups: [[Int]]
    /// Whether features of a row's image still say the truth.
    package let holds: @Sendable (_ row: Int, _ features: [Float]) -> Bool
  }

  /// Of named classes.
  package init(
    _ data: ExtractedDataset, rows: [Int], probe: FittedHead, preset: AugmentationPreset,
    engines: Engines, progress: @escaping ProgressHandler
  ) throws {
    let labels = data.labels
    let head = probe.head
    let question = Question(
      groups: data.dataset.classes.indices.map { label in rows.filter { labels[$0] == label } }
    ) { row, features in
      let logits = head.logits(features)
      return logits.indices.max { logits[$0] < logits[$1] } == labels[row]
    }
    try self.init(data, [question], preset: preset, engines: engines, progress: progress)
  }

  package init(
    _ data: ExtractedDataset, _ questions: [Question], preset: AugmentationPreset, engines: Engines,
    progress: @escaping ProgressHandler
  ) throws {
    let whole = preset.policy
    // Some of each group, those only whose answer is right as they are.
    let known = questions.map { question in
      question.groups.map { group in
        let step = max(1, group.count / Self.sampled)
        return stride(from: 0, to: group.count, by: step).prefix(Self.sampled).map { group[$0] }
          .filter { question.holds($0, data.features.values(of: $0)) }
      }
    }
    let samples = Set(known.flatMap { $0.flatMap { $0 } }).sorted()
    let network = try Network(
      onnx: try FeatureGraph.build(data.backbone, data.specification).serialized(),
      inputShape: [1, 3, data.preprocessing.height, data.preprocessing.width], mode: .throughput,
      engines: engines)
    var kept = whole
    var dropped: [AugmentationOperation] = []
    var survival: [(AugmentationOperation, Double)] = []
    for (number, operation) in whole.operations.enumerated() {
      let changed = try Self.features(data, samples, network, whole.alone(operation))
      var (all, same, worst) = (0, 0, 1.0)
      for (question, groups) in zip(questions, known) {
        for group in groups {
          let answers = group.compactMap { row in changed[row].map { question.holds(row, $0) } }
          guard answers.count >= Self.fewest else { continue }
          let hits = answers.count { $0 }
          (all, same) = (all + answers.count, same + hits)
          worst = min(worst, Double(hits) / Double(answers.count))
        }
      }
      if all > 0 { survival.append((operation, Double(same) / Double(all))) }
      if worst < Self.leastShare {
        kept = kept.without(operation)
        dropped.append(operation)
      }
      progress(WorkProgress("augmentation", number + 1, whole.operations.count))
    }
    policy = kept
    self.dropped = dropped
    self.survival = survival.map { (operation: $0.0, share: $0.1) }
  }

  /// Features of each image changed by a policy, by row.
  /// - Throws: also when an image has gone or changed.
  private static func features(
    _ data: ExtractedDataset, _ samples: [Int], _ network: Network, _ policy: AugmentationPolicy
  ) throws -> [Int: [Float]] {
    let rule = data.preprocessing
    let augmenter = Augmenter(policy: policy, seed: 0, width: rule.width, height: rule.height)
    let result = Mutex([Int: [Float]]())
    let pictures = samples.map(data.picture)
    try ParallelLoop.run(samples.count, workers: Machine.coreCount) {
      (request: try network.makeRequest(), workspace: AugmentationWorkspace())
    } body: { own, position in
      let image = try pictures[position].read(DecodingOptions())
      try own.request.withInput {
        try augmenter.apply(
          to: image, preprocessing: rule, epoch: 1, image: UInt64(position), into: $0, using: own.workspace)
      }
      try own.request.run()
      let features = try own.request.withOutput("features") { Array($0) }
      result.withLock { $0[samples[position]] = features }
    }
    return result.withLock { $0 }
  }
}
