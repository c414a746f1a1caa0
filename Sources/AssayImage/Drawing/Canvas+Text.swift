extension Canvas {
  /// The size of a character cell at scale 1, in pixels, spacing included.
  static let cell = (width: 6, height: 10)

  /// The width of a line of text, in pixels.
  public static func textWidth(_ text: String, scale: Int = 1) -> Int { text.count * cell.width * scale }

  /// The height of a line of text, in pixels.
  public static func textHeight(scale: Int = 1) -> Int { cell.height * scale }

  /// Draws a line of text with its top left corner at (`x`, `y`), every dot `scale` x `scale` pixels.
  ///
  /// The font has ASCII 32...126; every other character is drawn as `?`.
  public mutating func draw(_ text: String, x: Int, y: Int, scale: Int = 1, _ colour: Colour) {
    precondition(scale > 0, "text is drawn at scale 1 or more, not \(scale)")
    for (i, character) in text.enumerated() {
      let glyph = Font.glyph(character)
      let left = x + i * Canvas.cell.width * scale
      for (row, dots) in glyph.rows.enumerated() {
        for column in 0..<5 where dots >> (4 - column) & 1 == 1 {
          fill(x: left + column * scale, y: y + (row + glyph.drop) * scale, width: scale, height: scale, colour)
        }
      }
    }
  }
}
