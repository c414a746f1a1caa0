import AssayImage
import Foundation

/// Photographs of one part, 96 x 96: the same disc and bars in the same light, each with its own texture and noise.
struct PartPhotograph {
  let side: Int
  var values: [Double]

  /// - Parameter seed: of the part's own texture and the exposure's noise.
  init(seed: UInt64, side: Int = 96, texture: Double = 5, noise: Double = 4) {
    self.side = side
    var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
    func uniform() -> Double {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(state >> 11) * 0x1p-53
    }
    func normal() -> Double { (0..<12).reduce(-6.0) { sum, _ in sum + uniform() } }
    // Grain of about four pixels: what a surface shows, and a JPEG keeps.
    let grains = side / 4 + 2
    let grain = (0..<grains * grains).map { _ in normal() }
    values = []
    for y in 0..<side {
      for x in 0..<side {
        let (u, v) = (Double(x) / Double(side) - 0.5, Double(y) / Double(side) - 0.5)
        var value = 110 + 40 * u - 20 * v
        if (u * u + v * v).squareRoot() < 0.3 { value += 50 }
        if abs(v) < 0.03 || abs(v - 0.2) < 0.02 { value -= 60 }
        let (gx, gy) = (Double(x) / 4, Double(y) / 4)
        let (fx, fy) = (gx - gx.rounded(.down), gy - gy.rounded(.down))
        let at = Int(gy) * grains + Int(gx)
        let above = grain[at] * (1 - fx) + grain[at + 1] * fx
        let below = grain[at + grains] * (1 - fx) + grain[at + grains + 1] * fx
        value += texture * (above * (1 - fy) + below * fy)
        values.append(value + noise * normal())
      }
    }
  }

  var pixels: [UInt8] { values.map { UInt8(min(255, max(0, $0.rounded()))) } }

  var pgm: [UInt8] { Array("P5 \(side) \(side) 255\n".utf8) + pixels }

  func jpeg(_ quality: Int) throws -> [UInt8] {
    try ImageEncoder.jpeg(width: side, height: side, channels: 1, pixels: pixels, quality: quality)
  }

  /// Brighter by `offset` levels after its contrast was multiplied.
  func toned(contrast: Double = 1, offset: Double = 0) -> PartPhotograph {
    var result = self
    result.values = values.map { ($0 - 110) * contrast + 110 + offset }
    return result
  }

  /// Without `pixels` of its left and top.
  func cropped(_ pixels: Int) -> PartPhotograph {
    var result = PartPhotograph(seed: 0, side: side - pixels)
    for y in 0..<result.side {
      for x in 0..<result.side { result.values[y * result.side + x] = values[(y + pixels) * side + x + pixels] }
    }
    return result
  }

  /// Moved to the right and down; its border is repeated.
  func shifted(_ pixels: Int) -> PartPhotograph {
    var result = self
    for y in 0..<side {
      for x in 0..<side { result.values[y * side + x] = values[max(0, y - pixels) * side + max(0, x - pixels)] }
    }
    return result
  }
}
