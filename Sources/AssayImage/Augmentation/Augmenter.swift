/// Makes the network's inputs of a training run from images and a seed.
///
///     let augmenter = Augmenter(policy: AugmentationPreset.surface.policy, seed: 0, width: 224, height: 224)
///     try augmenter.apply(to: source, epoch: 3, image: 17, into: input, using: workspace)
///
/// The result depends on policy, seed, epoch and image only; so a second thread may prepare the next batch.
public struct Augmenter: Sendable {
  public let policy: AugmentationPolicy
  public let seed: UInt64
  /// The network's input, in pixels.
  public let width: Int
  public let height: Int

  /// Traps when a size is below 1.
  public init(policy: AugmentationPolicy, seed: UInt64, width: Int, height: Int) {
    precondition(width > 0 && height > 0, "the network's input is \(width) x \(height)")
    self.policy = policy
    self.seed = seed
    self.width = width
    self.height = height
  }

  /// What happens to an image in an epoch. `image` is its index or, better, a number that its content gives.
  public func augmentation(epoch: Int, image: UInt64) -> Augmentation {
    policy.draw(for: AugmentationKey(seed: seed, epoch: epoch, image: image), width: width, height: height)
  }

  /// Writes an image of an epoch as planar RGB `[3, height, width]` of values 0...1.
  ///
  /// Throws `ImageError` when a JPEG cannot be made. Traps when `output` has fewer than `3 * height * width` values.
  public func apply(
    to source: AugmentationSource, epoch: Int, image: UInt64, into output: UnsafeMutableBufferPointer<Float>,
    using workspace: AugmentationWorkspace
  ) throws(ImageError) {
    try augmentation(epoch: epoch, image: image)
      .apply(to: source, width: width, height: height, into: output, using: workspace)
  }

  /// Writes a decoded image of an epoch as planar RGB; without augmentation, exactly what `preprocessing` gives. For
  /// images that are not kept: an `AugmentationSource` saves the resizing in every later epoch.
  ///
  /// Throws `ImageError` when a JPEG cannot be made. Traps when `preprocessing` is for another size or `output` has fewer
  /// than `3 * height * width` values.
  public func apply(
    to decoded: Image, preprocessing: Preprocessing, epoch: Int, image: UInt64,
    into output: UnsafeMutableBufferPointer<Float>, using workspace: AugmentationWorkspace
  ) throws(ImageError) {
    precondition(
      preprocessing.width == width && preprocessing.height == height,
      "the preprocessing gives \(preprocessing.width) x \(preprocessing.height), not \(width) x \(height)")
    let source = AugmentationSource(
      decoded, preprocessing: preprocessing, precision: .float, using: workspace.resampler)
    try apply(to: source, epoch: epoch, image: image, into: output, using: workspace)
  }
}
