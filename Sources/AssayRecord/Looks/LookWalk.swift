/// Goes down a range of numbers in pieces that take a few milliseconds each.
final class LookWalk {
  /// Looks at a piece.
  /// - Returns: what it found, the newest first, and the number to which it came when it did not look at all of the piece.
  typealias Look = (_ piece: ClosedRange<Int64>, _ limit: Int) throws -> (ids: [Int64], cameTo: Int64?)

  private static let pieceTime = Duration.milliseconds(4)
  private let lowest: Int64
  private let limit: Int
  private let look: Look
  private var width: Int64
  private(set) var ids: [Int64] = []
  /// The next number to look at.
  private(set) var next: Int64

  init(_ range: ClosedRange<Int64>, width: Int64, limit: Int, look: @escaping Look) {
    lowest = range.lowerBound
    next = range.upperBound
    self.width = width
    self.limit = limit
    self.look = look
  }

  /// Takes one step.
  /// - Returns: whether enough is found or all is looked at.
  func go() throws -> Bool {
    guard next >= lowest, ids.count < limit else { return true }
    let low = max(lowest, next - min(next - lowest, width - 1))
    let start = ContinuousClock.now
    let (found, cameTo) = try look(low...next, limit - ids.count)
    let time = ContinuousClock.now - start
    ids += found.prefix(limit - ids.count)
    next = (cameTo ?? low) - 1
    if cameTo == nil, time < Self.pieceTime / 2 { width = min(width * 4, 1 << 40) }
    if time > Self.pieceTime { width = max(64, width / 2) }
    return next < lowest || ids.count >= limit
  }
}
