/// When Winograd's algorithm is faster than oneDNN's direct convolution, and in which order it works.
///
/// Both are limited by arithmetic, so the rule counts operations: 18 for each output and input channel by the
/// definition, 72 for each tile and pair of channels by Winograd's algorithm, and what its transforms take, in units of
/// a product's operation. These costs were measured on the kernels alone (Zen 4, AVX-512 and AVX2).
struct WinogradRule {
  /// What is transformed once and stays in memory while the other is made piece by piece in the cache.
  enum Order {
    /// Few weights and many tiles: each thread takes groups of tiles through all three stages.
    case tileByTile(group: Int)
    /// Many weights and few tiles: all tiles are transformed first, then each thread takes pairs of blocks of channels of
    /// the target, whose transformed weights never leave its cache.
    case channelByChannel
  }

  private enum Cost {
    /// For each tile and channel: into and out of the transformed domain.
    static let source = 700.0
    static let target = 350.0
    /// For each pair of channels, whose weights are transformed in every iteration.
    static let weights = 700.0
    /// Operations of the direct convolution in the time of one of Winograd's, whose data come from farther caches, and
    /// a margin for other processors.
    static let slowness = 1.5
  }

  /// Beyond this, transformed weights do not stay in a cache of the last level beside anything else.
  private static let largeWeights = 16 << 20
  /// For the transformed tiles of a group: half of an ordinary cache of the second level.
  private static let groupBytes = 512 << 10
  /// Weights that come from the cache of the last level, or from memory, are to serve so many tiles at least.
  private static let leastGroup = 42
  /// As many use weights from memory so often that fetching them no longer matters.
  private static let manyTiles = 128

  let shape: WinogradShape
  let block: Int

  /// Whether any of the three passes is faster: they take the same arithmetic.
  var isFaster: Bool {
    let (tiles, pairs) = (Double(shape.tiles), Double(shape.source.channels) * Double(shape.target.channels))
    let outputs = Double(shape.images * shape.target.height * shape.target.width)
    let winograd =
      72 * tiles * pairs + Cost.source * tiles * Double(shape.source.channels)
      + Cost.target * tiles * Double(shape.target.channels) + Cost.weights * pairs
    return Cost.slowness * winograd < 18 * outputs * pairs
  }

  private func bytes(_ numbers: Int) -> Int { WinogradShape.frequencies * numbers * MemoryLayout<Float>.size }

  var order: Order {
    let weights = bytes(shape.source.channels * shape.target.channels)
    if weights > Self.largeWeights, shape.tiles < Self.manyTiles { return .channelByChannel }
    let group = Self.groupBytes / bytes(shape.source.channels + 2 * block)
    return .tileByTile(group: min(shape.tiles, max(Self.leastGroup, group)))
  }

  /// Tiles that the gradient of the weights transforms before it sums them.
  var gradientGroup: Int { min(shape.tiles, 64) }
}
