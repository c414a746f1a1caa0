extension Canvas {
  /// A filled bar, in whole pixels.
  public mutating func fill(x: Int, y: Int, width: Int, height: Int, _ colour: Colour) {
    let columns = max(0, x)..<max(max(0, x), min(self.width, x + width))
    for row in max(0, y)..<max(max(0, y), min(self.height, y + height)) {
      for column in columns { set(column, row, colour) }
    }
  }

  /// The outline of a rectangle, drawn inwards from its edge. A rectangle thinner than the line is filled.
  public mutating func outline(_ box: PixelRectangle, _ colour: Colour, thickness: Int = 2) {
    let inside = box.clamped(width: Double(width), height: Double(height))
    // Of a box that is no number nothing can be shown.
    guard inside.x.isFinite, inside.y.isFinite, inside.width.isFinite, inside.height.isFinite else { return }
    let left = Int(clamping: inside.x.rounded())
    let top = Int(clamping: inside.y.rounded())
    let right = max(left + 1, Int(clamping: (inside.x + inside.width).rounded()))
    let bottom = max(top + 1, Int(clamping: (inside.y + inside.height).rounded()))
    let line = min(thickness, right - left, bottom - top)
    fill(x: left, y: top, width: right - left, height: line, colour)
    fill(x: left, y: bottom - line, width: right - left, height: line, colour)
    fill(x: left, y: top, width: line, height: bottom - top, colour)
    fill(x: right - line, y: top, width: line, height: bottom - top, colour)
  }

  /// The outline of a closed polygon, corners in pixels. What lies outside of the picture costs nothing, however far.
  public mutating func outline(_ corners: [PixelPoint], _ colour: Colour, thickness: Int = 1) {
    guard var last = corners.last else { return }
    for corner in corners {
      defer { last = corner }
      guard let (from, to) = seen(from: last, to: corner, margin: Double(thickness)) else { continue }
      let steps = max(1, Int(clamping: max(abs(to.x - from.x), abs(to.y - from.y)).rounded(.up)))
      for step in 0...steps {
        let share = Double(step) / Double(steps)
        // Halves go up on both sides of zero: the line has no gap at the picture's edge.
        let x = (from.x + (to.x - from.x) * share - Double(thickness) / 2 + 0.5).rounded(.down)
        let y = (from.y + (to.y - from.y) * share - Double(thickness) / 2 + 0.5).rounded(.down)
        fill(x: Int(clamping: x), y: Int(clamping: y), width: thickness, height: thickness, colour)
      }
    }
  }

  /// The part of a line that can be seen, with a margin around the picture (Liang and Barsky 1984); nil when there is none,
  /// and for what is no line of numbers.
  private func seen(from: PixelPoint, to: PixelPoint, margin: Double) -> (PixelPoint, PixelPoint)? {
    let (dx, dy) = (to.x - from.x, to.y - from.y)
    guard dx.isFinite, dy.isFinite else { return nil }
    var (enter, leave) = (0.0, 1.0)
    // Each edge: how fast the line goes towards it, and how far it has to go.
    let edges = [
      (-dx, from.x + margin), (dx, Double(width) + margin - from.x), (-dy, from.y + margin),
      (dy, Double(height) + margin - from.y),
    ]
    for (speed, distance) in edges {
      if speed == 0 {
        if distance < 0 { return nil }
      } else if speed < 0 {
        enter = max(enter, distance / speed)
      } else {
        leave = min(leave, distance / speed)
      }
    }
    guard enter <= leave else { return nil }
    // Of a line from very far away rounding may leave an end outside.
    func place(_ share: Double) -> PixelPoint {
      PixelPoint(
        x: min(max(from.x + dx * share, -margin), Double(width) + margin),
        y: min(max(from.y + dy * share, -margin), Double(height) + margin))
    }
    return (place(enter), place(leave))
  }

  /// Puts a picture with its top left corner at (`x`, `y`).
  public mutating func draw(_ picture: Canvas, x: Int, y: Int) {
    for row in max(0, -y)..<max(max(0, -y), min(picture.height, height - y)) {
      for column in max(0, -x)..<max(max(0, -x), min(picture.width, width - x)) {
        let from = 3 * (row * picture.width + column)
        let into = 3 * ((row + y) * width + column + x)
        for c in 0..<3 { pixels[into + c] = picture.pixels[from + c] }
      }
    }
  }

  /// The picture below a bar of one colour with a line of text, such as `DEFECT  MT_Crack  97 %`.
  ///
  /// The text is as large as the width allows, at most `scale` times the font's size; the bar is at least wide enough
  /// for the text at the font's own size.
  public func withBanner(
    _ text: String, background: Colour, foreground: Colour = .white, scale: Int = 2
  ) -> Canvas {
    let margin = 4
    let fits = (width - 2 * margin) / max(1, Canvas.textWidth(text))
    let used = max(1, min(scale, fits))
    let bar = Canvas.textHeight(scale: used) + 2 * margin
    let wide = max(width, Canvas.textWidth(text, scale: used) + 2 * margin)
    var result = Canvas(width: wide, height: height + bar, colour: background)
    result.draw(text, x: margin, y: margin, scale: used, foreground)
    result.draw(self, x: (wide - width) / 2, y: bar)
    return result
  }

  mutating func set(_ x: Int, _ y: Int, _ colour: Colour) {
    let at = 3 * (y * width + x)
    pixels[at] = colour.red
    pixels[at + 1] = colour.green
    pixels[at + 2] = colour.blue
  }
}
