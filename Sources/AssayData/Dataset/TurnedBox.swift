import AssayImage
import Foundation

/// Boxes that are turned about their centre.
enum TurnedBox {
  /// - Parameter degrees: clockwise, as seen on the photograph.
  static func corners(_ box: PixelRectangle, degrees: Double) -> [PixelPoint] {
    let turn = degrees * .pi / 180
    let (x, y) = (box.x + box.width / 2, box.y + box.height / 2)
    return [(-1.0, -1.0), (1, -1), (1, 1), (-1, 1)].map { side in
      let (dx, dy) = (side.0 * box.width / 2, side.1 * box.height / 2)
      return PixelPoint(x: x + dx * cos(turn) - dy * sin(turn), y: y + dx * sin(turn) + dy * cos(turn))
    }
  }

  /// Whether the corners of a polygon are those of the straight box.
  static func isOutline(_ corners: [PixelPoint], of box: PixelRectangle) -> Bool {
    (4...5).contains(corners.count)
      && corners.allSatisfy { corner in
        func isNear(_ a: Double, _ b: Double) -> Bool { abs(a - b) <= 0.5 }
        return (isNear(corner.x, box.x) || isNear(corner.x, box.x + box.width))
          && (isNear(corner.y, box.y) || isNear(corner.y, box.y + box.height))
      }
  }
}
