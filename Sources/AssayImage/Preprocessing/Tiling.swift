/// How a large photograph is looked at in pieces of its own resolution: square tiles that overlap.
public struct Tiling: Codable, Hashable, Sendable {
  /// Side of a tile in pixels of the photograph; also the network's input, so nothing is scaled.
  public var size: Int
  /// Pixels that neighbouring tiles share at least, 0..<size.
  public var overlap: Int

  /// - Parameter overlap: nil for a quarter of the tile.
  public init(size: Int, overlap: Int? = nil) {
    self.size = size
    self.overlap = overlap ?? size / 4
  }

  /// A tile of a photograph.
  public struct Tile: Hashable, Sendable {
    /// Upper left corner in the photograph; the tile may reach beyond a photograph that is smaller than it.
    public let x: Int
    public let y: Int
    /// The part of the photograph for which this tile is the one that shows most around it.
    public let owned: PixelRectangle
  }

  /// Tiles that cover a photograph, row by row. The last ones end at its edge.
  public func tiles(width: Int, height: Int) -> [Tile] {
    let columns = spans(width)
    return spans(height).flatMap { row in
      columns.map { column in
        Tile(
          x: column.start, y: row.start,
          owned: PixelRectangle(x: column.low, y: row.low, width: column.high - column.low, height: row.high - row.low))
      }
    }
  }

  private func spans(_ length: Int) -> [(start: Int, low: Double, high: Double)] {
    guard length > size else { return [(0, 0, Double(length))] }
    let step = max(1, size - overlap)
    let count = (length - size + step - 1) / step + 1
    let starts = (0..<count).map { ($0 * (length - size) + (count - 1) / 2) / max(1, count - 1) }
    return starts.indices.map { index in
      let low = index == 0 ? 0 : Double(starts[index - 1] + size + starts[index]) / 2
      let high = index == count - 1 ? Double(length) : Double(starts[index] + size + starts[index + 1]) / 2
      return (starts[index], low, high)
    }
  }

  /// Writes a tile as the network's input, planar RGB `[3, size, size]` of 0...1. Beyond the photograph its last row and
  /// column are repeated.
  /// - Parameter white: the 16-bit sample that becomes 1 (``Preprocessing/white(of:)``); above it all is 1.
  public func cut(_ tile: Tile, of image: Image, white: Float, into output: UnsafeMutableBufferPointer<Float>) {
    precondition(output.count >= 3 * size * size, "the output has room for \(output.count) values")
    switch image.samples {
    case .uint8(let samples): copy(samples, scale: 1 / 255, tile, image, output)
    case .uint16(let samples): copy(samples, scale: 1 / white, tile, image, output)
    }
  }

  private func copy<Sample: FixedWidthInteger>(
    _ samples: [Sample], scale: Float, _ tile: Tile, _ image: Image, _ output: UnsafeMutableBufferPointer<Float>
  ) {
    let plane = size * size
    samples.withUnsafeBufferPointer { samples in
      for y in 0..<size {
        let row = min(image.height - 1, tile.y + y) * image.width
        for x in 0..<size {
          let at = (row + min(image.width - 1, tile.x + x)) * image.channels
          for c in 0..<3 {
            output[c * plane + y * size + x] = min(1, Float(samples[at + (image.channels == 3 ? c : 0)]) * scale)
          }
        }
      }
    }
  }

  /// Weights with which a tile's map enters the photograph's: 1 in the middle, falling towards edges that it shares, so
  /// that neighbouring tiles pass into one another without a seam. Along one axis, `size` values above 0.
  public func ramp() -> [Float] {
    (0..<size).map { position in
      let edge = Float(min(position, size - 1 - position)) + 0.5
      return min(1, edge / Float(max(1, overlap)))
    }
  }
}
