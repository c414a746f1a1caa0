import Foundation

/// A folder that disappears with the test.
final class TemporaryFolder {
  let path: String

  init() {
    path = NSTemporaryDirectory() + "assay-" + UUID().uuidString
    try! FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func write(_ name: String, _ bytes: [UInt8]) {
    let file = path + "/" + name
    try! FileManager.default.createDirectory(
      atPath: (file as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    try! Data(bytes).write(to: URL(fileURLWithPath: file))
  }

  func write(_ name: String, _ text: String) { write(name, Array(text.utf8)) }

  func link(_ name: String, to target: String) {
    try! FileManager.default.createSymbolicLink(atPath: path + "/" + name, withDestinationPath: target)
  }

  /// A small gray picture (PGM) whose pixels depend on the seed.
  func picture(_ name: String, seed: Int, side: Int = 24, shift: Int = 0) {
    write(name, Self.pgm(seed: seed, side: side, shift: shift))
  }

  static func pgm(seed: Int, side: Int, shift: Int) -> [UInt8] {
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
}
