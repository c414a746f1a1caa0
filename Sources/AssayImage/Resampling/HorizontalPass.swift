/// Stored samples that the horizontal pass reads.
protocol SampleWord: FixedWidthInteger, UnsignedInteger {}
extension UInt8: SampleWord {}
extension UInt16: SampleWord {}

/// Scratch memory of one resampler, kept between images.
struct ResamplingScratch {
  private var columns: [SIMD4<Float>] = []
  private var ring: [Float] = []

  /// Larger memory is given back after the image, in bytes: photographs need some hundred KB, and one of unusual shape must
  /// not occupy memory in every thread for ever.
  static let mostKept = 4 << 20

  /// In bytes.
  var size: Int { columns.count * MemoryLayout<SIMD4<Float>>.stride + ring.count * MemoryLayout<Float>.stride }

  /// Rows of the ring: the filter's reach, and the group of four that is being made.
  static func ringRows(taps: Int) -> Int { (taps + 6) / 4 * 4 }

  mutating func prepare(horizontal: AxisWeights, vertical: AxisWeights, channels: Int) {
    let columnCount = horizontal.used.count * channels
    if columns.count < columnCount { columns = .init(repeating: .zero, count: columnCount) }
    // Four more rows are for those whose mean is a row of the ring.
    let ringRows = ResamplingScratch.ringRows(taps: vertical.taps) + (vertical.box > 1 ? 4 : 0)
    let ringCount = ringRows * channels * paddedLength(horizontal.starts.count)
    if ring.count < ringCount { ring = .init(repeating: 0, count: ringCount) }
  }

  mutating func giveBack() {
    if size > Self.mostKept { self = ResamplingScratch() }
  }

  mutating func withPointers(_ body: (UnsafeMutablePointer<SIMD4<Float>>, UnsafeMutablePointer<Float>) -> Void) {
    columns.withUnsafeMutableBufferPointer { columns in
      ring.withUnsafeMutableBufferPointer { ring in
        guard let columns = columns.baseAddress, let ring = ring.baseAddress else { return }
        body(columns, ring)
      }
    }
  }
}

/// A row length that whole vectors fit in.
func paddedLength(_ count: Int) -> Int { (count + 7) / 8 * 8 }

/// Filters rows, four at a time: the same column of four rows is one vector, so the filter needs no shuffling.
struct HorizontalPass<Sample: SampleWord> {
  let source: UnsafeBufferPointer<Sample>
  let width: Int
  let height: Int
  let channels: Int
  let weights: AxisWeights
  /// Round and clamp as 8-bit images are between Pillow's two passes. Without it, bicubic overshoot and the sum of
  /// rounding differences may exceed 1/255; for the triangle they cannot, and full precision is kept.
  let rounds: Bool
  /// Samples above it count as this.
  let limit: Sample

  var planeLength: Int { paddedLength(weights.starts.count) }
  /// A filtered row: its planes one after the other.
  var rowLength: Int { channels * planeLength }

  /// Filters source rows `rows ..< rows + 4` (the last one again where the source ends) into four rows at `target`.
  func run(rows: Int, columns: UnsafeMutablePointer<SIMD4<Float>>, into target: UnsafeMutablePointer<Float>) {
    gather(rows, columns)
    weights.starts.withUnsafeBufferPointer { starts in
      weights.weights.withUnsafeBufferPointer { weights in
        for c in 0..<channels { filter(columns + c, starts, weights, into: target + c * planeLength) }
      }
    }
  }

  /// Makes the four rows at `target` of the means of `box` filtered rows each, from row `first * box` on. Rows beyond the
  /// source's last are zero: nobody asks for them.
  /// - Parameter four: room for four filtered rows.
  func run(
    boxes first: Int, of box: Int, columns: UnsafeMutablePointer<SIMD4<Float>>, four: UnsafeMutablePointer<Float>,
    into target: UnsafeMutablePointer<Float>
  ) {
    target.update(repeating: 0, count: 4 * rowLength)
    let from = first * box
    for row in stride(from: from, to: min(height, from + 4 * box), by: 4) {
      run(rows: row, columns: columns, into: four)
      for (i, source) in (row..<min(row + 4, height, from + 4 * box)).enumerated() {
        let index = (source - from) / box
        let share = 1 / Float(min(box, height - (first + index) * box))
        let (sum, values) = (target + index * rowLength, four + i * rowLength)
        for x in 0..<rowLength { sum[x] += values[x] * share }
      }
    }
  }

  private func gather(_ first: Int, _ columns: UnsafeMutablePointer<SIMD4<Float>>) {
    if weights.box > 1 { return gatherBoxes(first, columns) }
    guard let base = source.baseAddress else { return }
    let left = weights.used.lowerBound * channels
    func row(_ i: Int) -> UnsafePointer<Sample> { base + min(first + i, height - 1) * width * channels + left }
    let (a, b, c, d) = (row(0), row(1), row(2), row(3))
    guard limit == .max else {
      for x in 0..<weights.used.count * channels {
        columns[x] = SIMD4<Float>(
          SIMD4<Int32>(
            Int32(min(a[x], limit)), Int32(min(b[x], limit)), Int32(min(c[x], limit)), Int32(min(d[x], limit))))
      }
      return
    }
    for x in 0..<weights.used.count * channels {
      columns[x] = SIMD4<Float>(SIMD4<Int32>(Int32(a[x]), Int32(b[x]), Int32(c[x]), Int32(d[x])))
    }
  }

  /// Columns are means of boxes.
  private func gatherBoxes(_ first: Int, _ columns: UnsafeMutablePointer<SIMD4<Float>>) {
    guard let base = source.baseAddress else { return }
    func row(_ i: Int) -> UnsafePointer<Sample> { base + min(first + i, height - 1) * width * channels }
    let (a, b, c, d) = (row(0), row(1), row(2), row(3))
    for (index, position) in weights.used.enumerated() {
      let pixels = position * weights.box..<min((position + 1) * weights.box, width)
      let share = 1 / Float(pixels.count)
      for channel in 0..<channels {
        var sum = SIMD4<Float>.zero
        for pixel in pixels {
          let x = pixel * channels + channel
          sum += SIMD4<Float>(
            SIMD4<Int32>(
              Int32(min(a[x], limit)), Int32(min(b[x], limit)), Int32(min(c[x], limit)), Int32(min(d[x], limit))))
        }
        columns[index * channels + channel] = sum * share
      }
    }
  }

  private func filter(
    _ columns: UnsafeMutablePointer<SIMD4<Float>>, _ starts: UnsafeBufferPointer<Int>,
    _ weights: UnsafeBufferPointer<Float>, into target: UnsafeMutablePointer<Float>
  ) {
    let taps = self.weights.taps
    let left = self.weights.used.lowerBound
    let count = starts.count
    let channels = channels
    let rowLength = rowLength
    for x in stride(from: 0, to: count, by: 4) {
      var sums = (SIMD4<Float>.zero, SIMD4<Float>.zero, SIMD4<Float>.zero, SIMD4<Float>.zero)
      func sum(_ at: Int) -> SIMD4<Float> {
        let at = min(at, count - 1)
        var pixel = columns + (starts[at] - left) * channels
        var total = SIMD4<Float>.zero
        for k in (at * taps)..<(at * taps + taps) {
          total += pixel.pointee * weights[k]
          pixel += channels
        }
        return rounds ? rounded(total) : total
      }
      sums = (sum(x), sum(x + 1), sum(x + 2), sum(x + 3))
      // A 4 x 4 transposition, from columns of rows to rows.
      let all = SIMD16<Float>(
        lowHalf: SIMD8(lowHalf: sums.0, highHalf: sums.1), highHalf: SIMD8(lowHalf: sums.2, highHalf: sums.3))
      let (even, odd) = (all.evenHalf, all.oddHalf)
      store(even.evenHalf, target + x)
      store(odd.evenHalf, target + x + rowLength)
      store(even.oddHalf, target + x + 2 * rowLength)
      store(odd.oddHalf, target + x + 3 * rowLength)
    }
  }

  private func store(_ values: SIMD4<Float>, _ at: UnsafeMutablePointer<Float>) {
    UnsafeMutableRawPointer(at).storeBytes(of: values, as: SIMD4<Float>.self)
  }

  /// To the nearest integer in 0...255. Adding 1.5 * 2^23 leaves no room for a fraction; SSE2 has no rounding of its own.
  private func rounded(_ values: SIMD4<Float>) -> SIMD4<Float> {
    let shift = SIMD4<Float>(repeating: 12_582_912)
    return pointwiseMin(pointwiseMax(values + shift - shift, .zero), SIMD4(repeating: 255))
  }
}
