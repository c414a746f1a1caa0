public import AssayBase
public import AssayGraph
public import AssayImage

/// Patches of a set of images on disk, read one item at a time.
public final class PatchStore: PatchSource {
  public let grid: PatchSpecification.Grid
  /// One look of the network at an image of the request, or at a tile of it.
  public struct Item: Sendable {
    public let image: Int
    public let tile: Tiling.Tile?
    public let symmetry: Symmetry
  }

  public let items: [Item]
  /// Content hash of each image of the request; nil where it could not be used.
  public let hashes: [SHA256Digest?]
  /// Size in pixels of each image.
  public let sizes: [(width: Int, height: Int)?]
  public let failures: [(index: Int, error: ImageError)]
  public let cachedCount: Int
  public let computedCount: Int
  private let keys: [SHA256Digest]
  private let ranges: [Range<Int>]
  private let snapshot: RecordSnapshot
  private let temporary: TemporaryFolder?

  init(
    grid: PatchSpecification.Grid, items: [Item], keys: [SHA256Digest],
    hashes: [SHA256Digest?], sizes: [(width: Int, height: Int)?], failures: [(index: Int, error: ImageError)],
    cachedCount: Int, computedCount: Int, snapshot: RecordSnapshot, temporary: TemporaryFolder?
  ) {
    self.grid = grid
    self.items = items
    self.keys = keys
    var ranges = [Range<Int>](repeating: 0..<0, count: hashes.count)
    for (index, item) in items.enumerated() {
      let known = ranges[item.image]
      ranges[item.image] = (known.isEmpty ? index : known.lowerBound)..<index + 1
    }
    self.ranges = ranges
    self.hashes = hashes
    self.sizes = sizes
    self.failures = failures
    self.cachedCount = cachedCount
    self.computedCount = computedCount
    self.snapshot = snapshot
    self.temporary = temporary
  }

  public var count: Int { items.count }

  /// Items of an image, in order.
  public func items(of image: Int) -> Range<Int> { ranges[image] }

  public func read(_ item: Int, into buffer: UnsafeMutableBufferPointer<Float>) {
    withUnsafeTemporaryAllocation(of: UInt16.self, capacity: grid.count) { halves in
      guard snapshot.copy(keys[item], into: UnsafeMutableRawBufferPointer(halves)) else {
        // Every item was found when the store was opened, which keeps the file from being removed.
        preconditionFailure("an item of the patch store cannot be read any more: the disk has failed")
      }
      HalfPrecision.decode(UnsafeBufferPointer(halves), into: buffer)
    }
  }
}
