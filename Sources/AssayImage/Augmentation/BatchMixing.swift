import AssayBase

/// Mixes the images of a batch with each other, their targets likewise: `lambda * own + (1 - lambda) * partner's`.
public struct BatchMixing: Sendable, Hashable {
  public enum Method: String, Sendable, Codable, CaseIterable {
    /// The weighted mean of both images (Zhang et al. 2018).
    case mixup
    /// A rectangle of the partner replaces the image's own (Yun et al. 2019).
    case cutmix
  }

  public let method: Method
  /// Of Beta(alpha, alpha), which `lambda` comes from: 1 is uniform; smaller ones mix little more often.
  public let alpha: Double

  /// Traps when `alpha` is not a number above 0.
  /// - Parameter alpha: 0.2 is what Zhang et al. took for ImageNet.
  public init(_ method: Method, alpha: Double = 0.2) {
    precondition(alpha > 0 && alpha.isFinite, "alpha is above 0, not \(alpha)")
    self.method = method
    self.alpha = alpha
  }

  /// How the images of one batch are mixed, an item for each.
  ///
  /// The partners are a random permutation, as in both papers' code; so an image may be its own. For cutmix the rectangle
  /// has the share 1 - lambda of the area, and `lambda` is what remains after rounding to whole pixels; unlike the
  /// paper's it is never cut off by the border, so that shares keep their distribution.
  ///
  /// Depends on the arguments only. Traps when `count` or a size is below 1.
  public func draw(seed: UInt64, epoch: Int, batch: Int, count: Int, width: Int, height: Int) -> [ImageMix] {
    precondition(count > 0 && width > 0 && height > 0, "the batch is \(count) x 3 x \(height) x \(width)")
    var generator = SplitMix64(
      words: seed, UInt64(bitPattern: Int64(epoch)), UInt64(bitPattern: Int64(batch)), alphaBits)
    var partners = Array(0..<count)
    for last in stride(from: count - 1, to: 0, by: -1) { partners.swapAt(last, generator.next(below: last + 1)) }
    return partners.map { partner in
      let lambda = generator.symmetricBeta(alpha)
      switch method {
      case .mixup:
        return ImageMix(partner: partner, lambda: Float(lambda), block: nil)
      case .cutmix:
        let side = (1 - lambda).squareRoot()
        let block = PixelBlock(
          widthShare: side, heightShare: side, x: generator.unit(), y: generator.unit(), width: width,
          height: height)
        return ImageMix(
          partner: partner, lambda: 1 - Float(block.area) / Float(width * height), block: block)
      }
    }
  }

  /// Sets these numbers apart from those of single images with the same seed.
  private var alphaBits: UInt64 { alpha.bitPattern ^ 0x6D69_7869_6E67 }
}

/// What one image of a batch is mixed with.
public struct ImageMix: Sendable, Hashable {
  /// The index of the other image in the batch.
  public let partner: Int
  /// The share of the image itself, 0...1: the weight of its own target.
  public let lambda: Float
  /// The rectangle that shows the partner; nil when both are seen everywhere.
  public let block: PixelBlock?
}
