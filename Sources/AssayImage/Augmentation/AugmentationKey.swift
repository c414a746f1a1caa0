import AssayBase

/// What an image's augmentation depends on besides the policy: nothing else does it, neither thread nor order.
public struct AugmentationKey: Sendable, Hashable {
  /// The training's seed.
  public var seed: UInt64
  public var epoch: Int
  /// The image's index, or better the leading bytes of its content's hash: it does not change when images are added.
  public var image: UInt64

  public init(seed: UInt64, epoch: Int, image: UInt64) {
    self.seed = seed
    self.epoch = epoch
    self.image = image
  }

  /// The random numbers of one operation.
  func generator(for operation: AugmentationOperation) -> SplitMix64 {
    SplitMix64(words: seed, UInt64(bitPattern: Int64(epoch)), image, operation.stream)
  }
}
