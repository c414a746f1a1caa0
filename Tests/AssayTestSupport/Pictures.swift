import AssayImage
import Foundation

/// Pictures made by formula.
package enum Pictures {
  /// Every pixel of one grey level, as PNG. A ``TinyBundle`` reads the level exactly.
  /// - Parameter level: 0 black, 255 white.
  package static func grey(_ level: UInt8, width: Int = 64, height: Int = 48) -> [UInt8] {
    try! ImageEncoder.png(
      width: width, height: height, channels: 1, pixels: [UInt8](repeating: level, count: width * height))
  }

  /// Brushed metal of 64 x 64 pixels as PGM, on a bad part a dark scratch through column 12 + seed % 40.
  package static func brushedMetal(seed: Int, isScratched: Bool) -> [UInt8] {
    var noise = Noise(seed: UInt64(seed))
    var pixels = [UInt8](repeating: 0, count: 64 * 64)
    let rows = (0..<64).map { _ in Int.random(in: -14...14, using: &noise) }
    for y in 0..<64 {
      for x in 0..<64 {
        var value = 140 + rows[y] + Int.random(in: -6...6, using: &noise)
        if isScratched, abs(x - (12 + seed % 40) - (y - 32) / 8) <= 1, (12..<52).contains(y) { value -= 90 }
        pixels[y * 64 + x] = UInt8(max(0, min(255, value)))
      }
    }
    return Array("P5 64 64 255\n".utf8) + pixels
  }

  /// A small grey picture (PGM) of 8 x 8 areas whose levels depend on the seed.
  package static func areas(seed: Int, side: Int = 24, shift: Int = 0) -> [UInt8] {
    var state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 | 1
    var coarse: [Int] = []
    for _ in 0..<64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      coarse.append(Int(state >> 57) + 40)
    }
    let pixels = (0..<side * side).map { at in
      UInt8(min(255, coarse[(at / side) * 8 / side * 8 + (at % side) * 8 / side] + shift))
    }
    return Array("P5 \(side) \(side) 255\n".utf8) + pixels
  }

  /// splitmix64 (Steele, Lea and Flood 2014).
  private struct Noise: RandomNumberGenerator {
    var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = state
      z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
      return z ^ z >> 31
    }
  }
}

extension TemporaryFolder {
  /// ``Pictures/areas(seed:side:shift:)`` as a file.
  package func picture(_ name: String, seed: Int, side: Int = 24, shift: Int = 0) {
    write(name, Pictures.areas(seed: seed, side: side, shift: shift))
  }
}
