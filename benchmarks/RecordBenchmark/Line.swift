import AssayRecord
import Foundation

/// A line that makes 300,000 parts a day, by formula: the same number is always the same part.
struct Line {
  /// Bytes of a row's wide columns, about.
  let bytes: Int
  /// Seconds since 1970 of part 0.
  let start: Double

  static let bundles = ["housing", "lid"]
  static let interval = 86_400.0 / 300_000

  private func noise(_ number: Int, _ salt: UInt64) -> UInt64 {
    var value = UInt64(bitPattern: Int64(number)) &* 0x9E37_79B9_7F4A_7C15 &+ salt &* 0xBF58_476D_1CE4_E5B9
    value ^= value >> 31
    value &*= 0x94D0_49BB_1331_11EB
    return value ^ value >> 29
  }

  static func serial(_ number: Int) -> String { "A7-" + String(10_000_000 + number) }

  func hash(_ number: Int) -> String {
    (0..<4).map { salt in
      let text = String(noise(number, UInt64(salt) + 9), radix: 16)
      return String(repeating: "0", count: 16 - text.count) + text
    }.joined()
  }

  func part(_ number: Int) -> InspectionEntry {
    let chance = Int(noise(number, 1) % 100_000)
    let found = chance == 0 ? "rare" : chance < 4000 ? "scratch" : chance < 5000 ? "dent" : "good"
    let wide = bytes - 300
    return InspectionEntry(
      time: start + Double(number) * Self.interval, serial: Self.serial(number),
      bundle: Self.bundles[number / 1000 % 2], bundleHash: hash(number / 100_000),
      verdict: found == "good" ? "good" : "defect",
      class: found, score: Double(chance) / 1e5, threshold: 0.5, probability: 0.9,
      answer: String(repeating: "a", count: wide / 5), milliseconds: 7, isUncertain: noise(number, 2) % 100 < 3,
      featureDistance: 1.5, imageHash: hash(number), width: 300, height: 300,
      thumbnail: [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: wide * 3 / 5),
      heat: [UInt8](repeating: 5, count: wide / 5), heatWidth: 16, image: nil)
  }

  /// Every thousandth is corrected, a tenth of those to something else.
  func correction(_ number: Int) -> Correction? {
    guard number % 1000 == 7 else { return nil }
    let part = part(number)
    let isOther = number % 10_000 == 7
    return Correction(
      time: part.time + 60, verdict: isOther ? "defect" : part.verdict, class: isOther ? "crack" : part.class)
  }
}
