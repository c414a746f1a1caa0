extension Canvas {
  /// Tints marked pixels and draws the edge of what is marked in the full colour, so that both the photograph and the
  /// extent of a mask can be seen.
  /// - Parameters:
  ///   - marked: `[height, width]`, row by row. Traps for another number of pixels.
  ///   - opacity: of the tint inside, 0...1.
  public mutating func tint(_ marked: [Bool], _ colour: Colour, opacity: Double = 0.35) {
    precondition(marked.count == width * height, "\(marked.count) marks for \(width) x \(height) pixels")
    let share = Int(clamping: (min(max(opacity, 0), 1) * 256).rounded())
    func mixed(_ below: UInt8, _ above: UInt8) -> UInt8 {
      UInt8((Int(below) * (256 - share) + Int(above) * share + 128) >> 8)
    }
    for y in 0..<height {
      for x in 0..<width where marked[y * width + x] {
        let isEdge =
          x == 0 || y == 0 || x == width - 1 || y == height - 1 || !marked[y * width + x - 1]
          || !marked[y * width + x + 1] || !marked[(y - 1) * width + x] || !marked[(y + 1) * width + x]
        if isEdge {
          set(x, y, colour)
        } else {
          let at = 3 * (y * width + x)
          pixels[at] = mixed(pixels[at], colour.red)
          pixels[at + 1] = mixed(pixels[at + 1], colour.green)
          pixels[at + 2] = mixed(pixels[at + 2], colour.blue)
        }
      }
    }
  }
}
