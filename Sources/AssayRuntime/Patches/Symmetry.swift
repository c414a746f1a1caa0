/// A picture made from a photograph for training: turned by a quarter and mirrored.
public enum Symmetry: String, Codable, Sendable, CaseIterable {
  case identity, turned90, turned180, turned270, mirrored, mirrored90, mirrored180, mirrored270
}

extension Symmetry {
  /// Turns a square planar picture in place, `[3, side, side]`.
  func apply(to buffer: UnsafeMutableBufferPointer<Float>, side: Int) {
    guard self != .identity else { return }
    let copy = Array(buffer)
    let last = side - 1
    for c in 0..<3 {
      for y in 0..<side {
        for x in 0..<side {
          let (sx, sy) = source(x, y, last)
          buffer[(c * side + y) * side + x] = copy[(c * side + sy) * side + sx]
        }
      }
    }
  }

  private func source(_ x: Int, _ y: Int, _ last: Int) -> (Int, Int) {
    switch self {
    case .identity: (x, y)
    case .turned90: (y, last - x)
    case .turned180: (last - x, last - y)
    case .turned270: (last - y, x)
    case .mirrored: (last - x, y)
    case .mirrored90: (y, x)
    case .mirrored180: (x, last - y)
    case .mirrored270: (last - y, last - x)
    }
  }
}
