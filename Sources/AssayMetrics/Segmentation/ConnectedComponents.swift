/// Regions of a mask: pixels that touch at a side or a corner belong together (8-neighbourhood).
public struct ConnectedComponents: Sendable, Equatable {
  public let width: Int
  public let height: Int
  /// Region of each pixel, `[height, width]`: 0 for none, else 1...count in the order of their first pixel.
  public let labels: [Int32]
  /// Pixels of each region, by number less one.
  public let areas: [Int]

  public var count: Int { areas.count }

  /// - Parameter mask: `[height, width]`.
  public init(mask: [Bool], width: Int, height: Int) {
    precondition(mask.count == width * height, "a mask of \(mask.count) pixels is not \(width) x \(height)")
    self.width = width
    self.height = height
    var labels = [Int32](repeating: 0, count: mask.count)
    var areas: [Int] = []
    var open: [Int] = []
    for start in mask.indices where mask[start] && labels[start] == 0 {
      let label = Int32(areas.count + 1)
      labels[start] = label
      open.append(start)
      var area = 0
      while let position = open.popLast() {
        area += 1
        let (y, x) = (position / width, position % width)
        for ny in max(0, y - 1)...min(height - 1, y + 1) {
          for nx in max(0, x - 1)...min(width - 1, x + 1) {
            let next = ny * width + nx
            if mask[next], labels[next] == 0 {
              labels[next] = label
              open.append(next)
            }
          }
        }
      }
      areas.append(area)
    }
    self.labels = labels
    self.areas = areas
  }
}
