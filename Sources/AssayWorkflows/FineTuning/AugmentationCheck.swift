import AssayImage
import AssayLearning
import AssayModel
import AssayRuntime
import Foundation
import Synchronization

/// Leaves out what a class does not survive: an operation after which the probe takes most images of a class that it knew
/// for another one changes what they show (a mirrored part that is a class of its own, say).
struct AugmentationCheck {
  let policy: AugmentationPolicy
  let dropped: [AugmentationOperation]
  /// Share of the images whose class was still recognised, for each operation.
  let survival: [(operation: AugmentationOperation, share: Double)]

  /// Images of each class that are looked at, at most.
  private static let sampled = 20
  /// An operation goes when fewer than this share of a class's images keep their class.
  private static let leastShare = 0.5
  /// Classes with fewer known images say nothing.
  private static let fewest = 4

  init(
    _ data: ExtractedDataset, rows: [Int], probe: HeadTraining, preset: AugmentationPreset,
    progress: @escaping ProgressHandler
  ) throws {
    let whole = preset.policy
    let samples = data.dataset.classes.indices.flatMap { label in
      let own = rows.filter { data.labels[$0] == label }
      let step = max(1, own.count / Self.sampled)
      return Array(stride(from: 0, to: own.count, by: step).prefix(Self.sampled).map { own[$0] })
    }
    let network = try Network(
      onnx: try FeatureGraph.build(data.backbone, data.specification).serialized(),
      inputShape: [1, 3, data.preprocessing.height, data.preprocessing.width], mode: .throughput)
    var kept = whole
    var dropped: [AugmentationOperation] = []
    var survival: [(AugmentationOperation, Double)] = []
    for (number, operation) in whole.operations.enumerated() {
      let found = try Self.classes(data, samples, probe.head, network, whole.alone(operation))
      var (all, same, worst) = (0, 0, 1.0)
      for label in data.dataset.classes.indices {
        let own = samples.indices.filter { data.labels[samples[$0]] == label && found[$0] != nil }
        guard own.count >= Self.fewest else { continue }
        let hits = own.count { found[$0] == label }
        (all, same) = (all + own.count, same + hits)
        worst = min(worst, Double(hits) / Double(own.count))
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

  /// Class that the probe gives each changed image; nil for those that it does not know unchanged or that cannot be read.
  private static func classes(
    _ data: ExtractedDataset, _ samples: [Int], _ head: LinearHead, _ network: Network, _ policy: AugmentationPolicy
  ) throws -> [Int?] {
    let rule = data.preprocessing
    let augmenter = Augmenter(policy: policy, seed: 0, width: rule.width, height: rule.height)
    let result = Mutex([Int?](repeating: nil, count: samples.count))
    let dimension = data.features.dimension
    @Sendable func best(_ logits: [Double]) -> Int? { logits.indices.max { logits[$0] < logits[$1] } }
    let known = samples.map { row in
      best(head.logits(Array(data.features.values[row * dimension..<(row + 1) * dimension]))) == data.labels[row]
    }
    let next = Atomic<Int>(0)
    let failure = Mutex<RuntimeError?>(nil)
    let paths = data.samples.map(\.path)
    @Sendable func work() {
      do throws(RuntimeError) {
        let request = try network.makeRequest()
        let workspace = AugmentationWorkspace()
        while true {
          let position = next.wrappingAdd(1, ordering: .relaxed).oldValue
          guard position < samples.count else { return }
          guard known[position], let image = try? ImageFile.read(path: paths[samples[position]]) else { continue }
          let isFilled = request.withInput {
            (try? augmenter.apply(
              to: image, preprocessing: rule, epoch: 1, image: UInt64(position), into: $0, using: workspace)) != nil
          }
          guard isFilled else { continue }
          try request.run()
          let found = try request.withOutput("features") { best(head.logits(Array($0))) }
          result.withLock { $0[position] = found }
        }
      } catch {
        failure.withLock { $0 = error }
      }
    }
    WorkerThreads.run(count: Machine.coreCount, work)
    if let error = failure.withLock({ $0 }) { throw error }
    return result.withLock { $0 }
  }
}
