/// A mask as runs of marked pixels, checked when it is made: runs lie inside the frame, ascend and do not overlap.
public struct RunLengthMask: Sendable, Hashable {
  /// How pixels are counted.
  public enum Order: Sendable, Hashable {
    /// Down each column, the columns from left to right (Severstal, COCO).
    case columns
    /// Along each row, the rows from top to bottom (CVAT, Label Studio).
    case rows
  }

  /// Why runs cannot be a mask of this size.
  public struct Failure: Error, Sendable, Hashable {
    public let cause: String
  }

  /// Upper left corner of the frame in the photograph, in pixels.
  public let x: Int
  public let y: Int
  /// Of the frame, in pixels.
  public let width: Int
  public let height: Int
  public let order: Order
  /// Places `0..<width * height`, counted in the ``order``.
  public let runs: [Range<Int>]

  /// The number of marked pixels.
  public var area: Int { runs.reduce(0) { $0 + $1.count } }

  private init(x: Int = 0, y: Int = 0, width: Int, height: Int, order: Order, runs: [Range<Int>]) {
    (self.x, self.y, self.width, self.height, self.order, self.runs) = (x, y, width, height, order, runs)
  }

  /// Pairs of start and length, separated by white space: starts count from 1, down the columns (Severstal, 2019).
  public init(startsAndLengths text: String, width: Int, height: Int) throws(Failure) {
    let fields = text.split(whereSeparator: \.isWhitespace)
    guard fields.count.isMultiple(of: 2) else {
      throw Failure(cause: "\(fields.count) numbers are no pairs of start and length")
    }
    let count = try Self.pixels(width, height)
    var runs: [Range<Int>] = []
    runs.reserveCapacity(fields.count / 2)
    for index in stride(from: 0, to: fields.count, by: 2) {
      guard let start = Int(fields[index]), let length = Int(fields[index + 1]) else {
        throw Failure(cause: "the run \(fields[index]) \(fields[index + 1]) is not two whole numbers")
      }
      guard start >= 1, length >= 1 else {
        throw Failure(cause: "the run \(start) \(length) does not start at 1 or later with a length of at least 1")
      }
      // Compared this way round, nothing can overflow.
      guard start <= count, length <= count - start + 1 else {
        throw Failure(cause: "the run \(start) \(length) ends beyond the \(count) pixels of \(width) x \(height)")
      }
      if let last = runs.last, start - 1 < last.upperBound {
        throw Failure(cause: "the run \(start) \(length) overlaps the one before it or comes too late")
      }
      runs.append(start - 1..<start - 1 + length)
    }
    self.init(width: width, height: height, order: .columns, runs: runs)
  }

  /// Lengths of runs, unmarked and marked by turns, beginning with unmarked ones (COCO, CVAT).
  /// - Parameter isComplete: whether they must cover the whole frame; otherwise the rest is unmarked.
  public init(
    counts: [Int], x: Int = 0, y: Int = 0, width: Int, height: Int, order: Order, isComplete: Bool
  ) throws(Failure) {
    let pixels = try Self.pixels(width, height)
    var runs: [Range<Int>] = []
    var position = 0
    for (index, count) in counts.enumerated() {
      guard count >= 0, count <= pixels - position else {
        throw Failure(
          cause: count < 0
            ? "the run length \(count) is negative"
            : "the runs cover more than the \(pixels) pixels of \(width) x \(height)")
      }
      if !index.isMultiple(of: 2), count > 0 { runs.append(position..<position + count) }
      position += count
    }
    guard !isComplete || position == pixels else {
      throw Failure(cause: "the runs cover \(position) pixels, not the \(pixels) of \(width) x \(height)")
    }
    self.init(x: x, y: y, width: width, height: height, order: order, runs: runs)
  }

  /// COCO's compressed form: run lengths, from the fourth on as differences from the one before the last, five bits to a
  /// character from `0` on, the sixth bit saying that more follow.
  public init(compressed text: String, width: Int, height: Int) throws(Failure) {
    var counts: [Int] = []
    var value = 0
    var shift = 0
    for byte in text.utf8 {
      guard byte >= 48, byte < 48 + 64 else {
        throw Failure(
          cause: "the compressed runs hold the character \(UnicodeScalar(byte)), which has no meaning there")
      }
      guard shift < 50 else { throw Failure(cause: "a compressed run length is larger than any image") }
      let digit = Int(byte) - 48
      value |= (digit & 0x1F) << shift
      shift += 5
      if digit & 0x20 != 0 { continue }
      if digit & 0x10 != 0 { value |= -1 << shift }
      // Each earlier length is at most 2^41, so the sum cannot overflow.
      if counts.count > 2 { value += counts[counts.count - 2] }
      guard value >= 0, value <= 1 << 41 else {
        throw Failure(cause: "the compressed run length \(value) is impossible")
      }
      counts.append(value)
      (value, shift) = (0, 0)
    }
    guard shift == 0 else { throw Failure(cause: "the compressed runs end in the middle of a number") }
    try self.init(counts: counts, width: width, height: height, order: .columns, isComplete: true)
  }

  /// Label Studio's brush: an RGBA picture packed by thi.ng's rle-pack, of which the opaque pixels are marked.
  ///
  /// The bits, highest first: 32 for the number of values, 5 for the bits of a value less one, four times 4 for the bits
  /// of a length less one; then for each run 1 bit (repeated or as it is), 2 bits (which size of length), the length less
  /// one, and one value or as many as there are.
  public init(packed bytes: [UInt8], width: Int, height: Int) throws(Failure) {
    let pixels = try Self.pixels(width, height)
    var reader = BitReader(bytes)
    let count = try reader.read(32)
    guard count == 4 * pixels else {
      throw Failure(
        cause: "the brush is packed for \(count) values, not the \(4 * pixels) of \(width) x \(height) in RGBA")
    }
    let bits = try reader.read(5) + 1
    var sizes: [Int] = []
    for _ in 0..<4 { sizes.append(try reader.read(4) + 1) }
    var runs: [Range<Int>] = []
    func mark(_ range: Range<Int>) {
      if let last = runs.last, last.upperBound == range.lowerBound {
        runs[runs.count - 1] = last.lowerBound..<range.upperBound
      } else if !range.isEmpty {
        runs.append(range)
      }
    }
    var position = 0
    while position < count {
      let isRepeated = try reader.read(1) == 1
      let length = try reader.read(sizes[try reader.read(2)]) + 1
      guard length <= count - position else { throw Failure(cause: "the brush holds more values than it says") }
      let end = position + length
      if isRepeated {
        // Every fourth value is a pixel's opacity.
        if try reader.read(bits) > 0, end / 4 > position / 4 { mark(position / 4..<end / 4) }
      } else {
        for index in position..<end where try reader.read(bits) > 0 && index % 4 == 3 {
          mark(index / 4..<index / 4 + 1)
        }
      }
      position = end
    }
    self.init(width: width, height: height, order: .rows, runs: runs)
  }

  /// Marks the pixels in a mask `[height, width]`, row by row. What lies outside of it is left out.
  func fill(_ mask: inout [Bool], width maskWidth: Int, height maskHeight: Int) {
    // A line is a column or a row of the frame, whichever the runs go along. A frame may be much larger than the picture,
    // so only the lines and places that lie in it are looked at.
    let isByColumns = order == .columns
    let length = isByColumns ? height : width
    let columns = Self.seen(width, from: x, limit: maskWidth)
    let rows = Self.seen(height, from: y, limit: maskHeight)
    let (lines, places) = isByColumns ? (columns, rows) : (rows, columns)
    guard !lines.isEmpty, !places.isEmpty else { return }
    for run in runs {
      let own = run.lowerBound / length..<(run.upperBound + length - 1) / length
      for line in own.clamped(to: lines) {
        let start = max(run.lowerBound - line * length, places.lowerBound)
        for place in start..<max(start, min(run.upperBound - line * length, places.upperBound)) {
          let (column, row) = isByColumns ? (x + line, y + place) : (x + place, y + line)
          mask[row * maskWidth + column] = true
        }
      }
    }
  }

  /// Which of `0..<count`, beginning at a place of the picture, lie in it.
  private static func seen(_ count: Int, from start: Int, limit: Int) -> Range<Int> {
    guard start > -farthest, start < farthest else { return 0..<0 }
    let first = max(0, -start)
    return first..<max(first, min(count, limit - start))
  }

  /// A frame whose corner lies so many pixels away shows nothing of itself.
  private static let farthest = 1 << 40

  private static func pixels(_ width: Int, _ height: Int) throws(Failure) -> Int {
    guard width > 0, height > 0, width <= 1 << 20, height <= 1 << 20 else {
      throw Failure(cause: "\(width) x \(height) is no size of a mask")
    }
    return width * height
  }

  private struct BitReader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func read(_ count: Int) throws(Failure) -> Int {
      guard position + count <= bytes.count * 8 else { throw Failure(cause: "the brush's packed values end early") }
      var value = 0
      for _ in 0..<count {
        value = value << 1 | Int(bytes[position >> 3] >> UInt8(7 - position & 7) & 1)
        position += 1
      }
      return value
    }
  }
}
