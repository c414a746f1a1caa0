/// Finds room for labels beside points, so that none covers a point, an error bar or another label.
struct LabelPlacement {
  /// In SVG units, y downwards.
  struct Box: Equatable {
    var x: Double
    var y: Double
    var width: Double
    var height: Double

    func overlaps(_ other: Box) -> Bool {
      x < other.x + other.width && other.x < x + width && y < other.y + other.height && other.y < y + height
    }

    func isInside(_ other: Box) -> Bool {
      x >= other.x && y >= other.y && x + width <= other.x + other.width && y + height <= other.y + other.height
    }
  }

  /// What labels must stay inside of.
  let frame: Box
  private(set) var taken: [Box]

  /// Takes the nearest free place around a point, right of it first.
  /// - Returns: nil when there is none.
  mutating func place(at point: (x: Double, y: Double), width: Double, height: Double) -> Box? {
    for distance in stride(from: 8.0, through: 150, by: 7) {
      for (dx, dy) in Self.directions {
        // The side of the box that faces the point is at the distance.
        let box = Box(
          x: point.x + dx * distance + (dx - 1) / 2 * width, y: point.y + dy * distance + (dy - 1) / 2 * height,
          width: width, height: height)
        if box.isInside(frame), !taken.contains(where: box.overlaps) {
          taken.append(box)
          return box
        }
      }
    }
    return nil
  }

  private static let directions: [(Double, Double)] = [
    (1, 0), (-1, 0), (1, -0.7), (1, 0.7), (-1, -0.7), (-1, 0.7), (0, -1), (0, 1), (0.5, -1), (0.5, 1), (-0.5, -1),
    (-0.5, 1),
  ]
}
