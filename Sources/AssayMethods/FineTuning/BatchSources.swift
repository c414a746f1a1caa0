package import AssayImage
package import AssayRuntime
package import AssayTraining
import Synchronization

/// Augmented images for a network that is trained from its first layer.
package final class ImageBatchSource: BatchSource, @unchecked Sendable {
  // The workspaces are used by one thread each: the one that prefetches, and the one that validates.
  package let inputCount: Int
  package let frozenCount = 0
  private let store: ImageStore
  private let augmenter: Augmenter
  private let plain: Augmenter
  private let mixing: BatchMixing?
  private let workspace = AugmentationWorkspace()
  private let plainWorkspace = AugmentationWorkspace()
  private let resampler = Resampler()
  private let plainResampler = Resampler()
  private var unmixed: [Float] = []

  package init(_ store: ImageStore, policy: AugmentationPolicy, mixing: BatchMixing?, seed: UInt64) {
    self.store = store
    self.mixing = mixing
    let rule = store.preprocessing
    inputCount = rule.count
    augmenter = Augmenter(policy: policy, seed: seed, width: rule.width, height: rule.height)
    plain = Augmenter(policy: AugmentationPreset.none.policy, seed: seed, width: rule.width, height: rule.height)
  }

  package func fill(
    samples: [Int], epoch: Int, batch: Int, input: UnsafeMutableBufferPointer<Float>,
    frozen: UnsafeMutableBufferPointer<Float>
  ) throws -> [BatchRow] {
    guard let mixing else {
      try write(samples, epoch: epoch, augmenter, into: input, workspace, resampler)
      return samples.map { BatchRow(sample: $0) }
    }
    let rule = store.preprocessing
    if unmixed.count != input.count { unmixed = [Float](repeating: 0, count: input.count) }
    let mixes = mixing.draw(
      seed: augmenter.seed, epoch: epoch, batch: batch, count: samples.count, width: rule.width, height: rule.height)
    try unmixed.withUnsafeMutableBufferPointer { own in
      try write(samples, epoch: epoch, augmenter, into: own, workspace, resampler)
      ImageMix.apply(mixes, to: UnsafeBufferPointer(own), width: rule.width, height: rule.height, into: input)
    }
    return zip(samples, mixes).map { BatchRow(sample: $0, partner: samples[$1.partner], share: $1.lambda) }
  }

  package func fillPlain(
    samples: [Int], input: UnsafeMutableBufferPointer<Float>, frozen: UnsafeMutableBufferPointer<Float>
  ) throws {
    try write(samples, epoch: 0, plain, into: input, plainWorkspace, plainResampler)
  }

  private func write(
    _ samples: [Int], epoch: Int, _ augmenter: Augmenter, into input: UnsafeMutableBufferPointer<Float>,
    _ workspace: AugmentationWorkspace, _ resampler: Resampler
  ) throws {
    for (row, sample) in samples.enumerated() {
      let target = UnsafeMutableBufferPointer(rebasing: input[row * inputCount..<(row + 1) * inputCount])
      // A sample that comes twice in an epoch looks the same: the augmentation depends on sample and epoch.
      try augmenter.apply(
        to: try store.source(sample, using: resampler), epoch: epoch, image: store.keys[sample], into: target,
        using: workspace)
    }
  }
}

/// Cached activations of a frozen trunk: each epoch shows one of several views of each image.
package final class TrunkBatchSource: BatchSource, Sendable {
  package let inputCount: Int
  package let frozenCount: Int
  private let store: TrunkStore
  private let views: Int
  private let seed: UInt64
  private let mixing: BatchMixing?

  /// - Parameter store: items `sample * views + view`, view 0 the unchanged image.
  package init(_ store: TrunkStore, views: Int, mixing: BatchMixing?, seed: UInt64) {
    self.store = store
    self.views = views
    self.mixing = mixing
    self.seed = seed
    inputCount = store.cutCount
    frozenCount = store.featureCount
  }

  /// All views of an image come once before one comes again.
  private func view(_ sample: Int, epoch: Int) -> Int {
    let round = (epoch - 1) / views
    var generator = SampleGenerator(seed: seed, path: sample, round)
    return Array(0..<views).shuffled(using: &generator)[(epoch - 1) % views]
  }

  package func fill(
    samples: [Int], epoch: Int, batch: Int, input: UnsafeMutableBufferPointer<Float>,
    frozen: UnsafeMutableBufferPointer<Float>
  ) throws -> [BatchRow] {
    for (row, sample) in samples.enumerated() {
      read(sample * views + view(sample, epoch: epoch), row, input, frozen)
    }
    guard let mixing else { return samples.map { BatchRow(sample: $0) } }
    // Mixing activations instead of pixels (Verma et al. 2019, manifold mixup), frozen features likewise.
    let mixes = mixing.draw(seed: seed, epoch: epoch, batch: batch, count: samples.count, width: 1, height: 1)
    for (values, count) in [(input, inputCount), (frozen, frozenCount)] where count > 0 {
      let before = Array(values[..<(samples.count * count)])
      for (row, mix) in mixes.enumerated() {
        for index in 0..<count {
          values[row * count + index] =
            mix.lambda * before[row * count + index] + (1 - mix.lambda) * before[mix.partner * count + index]
        }
      }
    }
    return zip(samples, mixes).map { BatchRow(sample: $0, partner: samples[$1.partner], share: $1.lambda) }
  }

  package func fillPlain(
    samples: [Int], input: UnsafeMutableBufferPointer<Float>, frozen: UnsafeMutableBufferPointer<Float>
  ) throws {
    for (row, sample) in samples.enumerated() { read(sample * views, row, input, frozen) }
  }

  private func read(
    _ item: Int, _ row: Int, _ input: UnsafeMutableBufferPointer<Float>, _ frozen: UnsafeMutableBufferPointer<Float>
  ) {
    store.read(
      item, cut: UnsafeMutableBufferPointer(rebasing: input[row * inputCount..<(row + 1) * inputCount]),
      features: frozenCount == 0
        ? UnsafeMutableBufferPointer(start: nil, count: 0)
        : UnsafeMutableBufferPointer(rebasing: frozen[row * frozenCount..<(row + 1) * frozenCount]))
  }
}
