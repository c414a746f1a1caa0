/// Divides a loop among threads: calls `body` with disjoint ranges that together are `0..<count`, in any order or at once,
/// and returns when all are done.
public typealias WorkDivision = (_ count: Int, _ body: @Sendable (Range<Int>) -> Void) -> Void

/// The ``WorkDivision`` that does not divide.
public func onOneThread(_ count: Int, _ body: @Sendable (Range<Int>) -> Void) { body(0..<count) }

/// The elements of several tensors, laid one after the other and cut into blocks. Where the cuts are depends on the tensors
/// alone, so what is summed by block comes out the same on any number of threads.
struct ParameterBlocks: Sendable {
  struct Block: Sendable {
    /// Which tensor, and where in it the block starts.
    let tensor: Int
    let start: Int
    /// Where the block starts among the elements of all tensors.
    let offset: Int
    let count: Int
  }

  let counts: [Int]
  let blocks: [Block]
  let total: Int

  /// Values, gradient and two moments of a block fit a core's second-level cache.
  private static let size = 16384

  init(_ counts: [Int]) {
    var blocks: [Block] = []
    var offset = 0
    for (tensor, count) in counts.enumerated() {
      for start in stride(from: 0, to: count, by: Self.size) {
        let size = min(Self.size, count - start)
        blocks.append(Block(tensor: tensor, start: start, offset: offset, count: size))
        offset += size
      }
    }
    self.counts = counts
    self.blocks = blocks
    total = offset
  }

  // Escaping, since a closure that does not escape may not be captured by the argument of another such.
  func forEach(_ parallel: WorkDivision, _ body: @escaping @Sendable (Int, Block) -> Void) {
    parallel(blocks.count) { range in
      for index in range { body(index, blocks[index]) }
    }
  }
}

/// Memory of which each thread writes its own part.
struct DividedMemory<Element>: @unchecked Sendable {
  // Nil only when there are no elements, and then no block either.
  private let base: UnsafeMutablePointer<Element>?

  init(_ buffer: UnsafeMutableBufferPointer<Element>) { base = buffer.baseAddress }

  /// - Parameter offset: of an element there is.
  func at(_ offset: Int) -> UnsafeMutablePointer<Element> { base.unsafelyUnwrapped + offset }
}
