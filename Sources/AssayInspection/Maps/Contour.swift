import AssayImage

/// The outer boundary of a region, along the edges of its pixels.
enum Contour {
  /// - Parameters:
  ///   - origin: the region's first pixel in reading order.
  ///   - isInside: whether a pixel, by column and row, is the region's; also asked of pixels beyond the picture.
  /// - Returns: corners in pixel coordinates, simplified to within one pixel (Douglas and Peucker 1973).
  static func trace(from origin: (x: Int, y: Int), isInside: (Int, Int) -> Bool) -> [PixelPoint] {
    // Walk along pixel edges with the region to the right: east, south, west, north.
    let steps = [(1, 0), (0, 1), (-1, 0), (0, -1)]
    var place = origin
    var heading = 0
    // Above and left of the first pixel is nothing of the region, so the walk comes by once, and turns here.
    var corners = [PixelPoint(x: Double(origin.x), y: Double(origin.y))]
    repeat {
      // The two pixels ahead, left and right of the walker.
      let (ahead, left) = (steps[heading], steps[(heading + 3) % 4])
      let right = (-left.0, -left.1)
      func pixel(_ side: (Int, Int)) -> (Int, Int) {
        // A corner (x, y) touches the pixels (x-1...x, y-1...y).
        let dx = ahead.0 + side.0
        let dy = ahead.1 + side.1
        return (place.x + (dx > 0 ? 0 : -1), place.y + (dy > 0 ? 0 : -1))
      }
      let (aheadLeft, aheadRight) = (pixel(left), pixel(right))
      let turn: Int
      if isInside(aheadLeft.0, aheadLeft.1) {
        turn = 3
      } else if isInside(aheadRight.0, aheadRight.1) {
        turn = 0
      } else {
        turn = 1
      }
      if turn != 0 {
        corners.append(PixelPoint(x: Double(place.x), y: Double(place.y)))
        heading = (heading + turn) % 4
      }
      place = (place.x + steps[heading].0, place.y + steps[heading].1)
    } while place != origin
    return simplified(corners, tolerance: 1)
  }

  private static func simplified(_ points: [PixelPoint], tolerance: Double) -> [PixelPoint] {
    guard points.count > 4 else { return points }
    // A ring is halved at the point farthest from its first one.
    let far = points.indices.max { distance(points[0], points[$0]) < distance(points[0], points[$1]) } ?? 0
    guard far > 0 else { return points }
    var kept = [Bool](repeating: false, count: points.count + 1)
    let ring = points + [points[0]]
    kept[0] = true
    kept[far] = true
    func divide(_ low: Int, _ high: Int) {
      guard high > low + 1 else { return }
      let farthest = (low + 1..<high).max { offset(ring, $0, low, high) < offset(ring, $1, low, high) } ?? low
      guard offset(ring, farthest, low, high) > tolerance else { return }
      kept[farthest] = true
      divide(low, farthest)
      divide(farthest, high)
    }
    divide(0, far)
    divide(far, points.count)
    return points.indices.filter { kept[$0] }.map { points[$0] }
  }

  private static func distance(_ a: PixelPoint, _ b: PixelPoint) -> Double {
    ((a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y)).squareRoot()
  }

  private static func offset(_ ring: [PixelPoint], _ index: Int, _ low: Int, _ high: Int) -> Double {
    let (p, a, b) = (ring[index], ring[low], ring[high])
    let length = distance(a, b)
    guard length > 0 else { return distance(p, a) }
    return abs((b.x - a.x) * (a.y - p.y) - (a.x - p.x) * (b.y - a.y)) / length
  }
}
