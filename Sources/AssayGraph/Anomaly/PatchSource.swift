/// Patches of many images (or of their tiles), kept somewhere and read one item at a time.
public protocol PatchSource: Sendable {
  var grid: PatchSpecification.Grid { get }
  /// Number of items.
  var count: Int { get }

  /// Copies an item's features, channel by channel `[D, h * w]`. May be called from several threads.
  func read(_ item: Int, into buffer: UnsafeMutableBufferPointer<Float>)
}

/// Some items of a source, and which of their positions count.
public struct PatchSelection: Sendable {
  public let items: [Int]
  /// Positions of each item that count, ascending; nil for all.
  public let positions: [[Int]?]

  public init(items: [Int], positions: [[Int]?]) {
    precondition(items.count == positions.count)
    self.items = items
    self.positions = positions
  }

  public func count(_ index: Int, of grid: PatchSpecification.Grid) -> Int {
    positions[index]?.count ?? grid.positions
  }
}
