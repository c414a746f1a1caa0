import AssayImage
import Foundation
import Testing

/// Files that `Fixtures/make.py` wrote, with the pixels that Pillow gives for them.
enum Fixture {
  struct Format: Codable, Sendable, CustomTestStringConvertible {
    let file: String
    let width: Int
    let height: Int
    let channels: Int
    let bits: Int
    let offset: Int

    var testDescription: String { file }

    /// The pixels to expect.
    var image: Image {
      let count = width * height * channels
      let bytes = pixels[offset...]
      return Image(
        width: width, height: height, channels: channels,
        samples: bits == 16
          ? .uint16(Fixture.words(bytes.prefix(2 * count))) : .uint8(Array(bytes.prefix(count))))
    }
  }

  struct Resampling: Codable, Sendable, CustomTestStringConvertible {
    let source: String
    let filter: ResamplingFilter
    let width: Int
    let height: Int
    let box: [Double]?
    let offset: Int

    var testDescription: String { "\(source) \(filter) \(width)x\(height) \(box.map { "\($0)" } ?? "")" }
  }

  static let formats: [Format] = list("formats.json")
  static let resampling: [Resampling] = list("resampling.json")
  static let resamplingBytes = bytes("resampling.bin")
  private static let pixels = bytes("formats.bin")

  static func path(_ name: String) -> String {
    Bundle.module.resourceURL!.appendingPathComponent("Fixtures/\(name)").path
  }

  static func bytes(_ name: String) -> [UInt8] { Array(FileManager.default.contents(atPath: path(name))!) }

  static func words(_ bytes: ArraySlice<UInt8>) -> [UInt16] {
    stride(from: bytes.startIndex, to: bytes.endIndex, by: 2).map { UInt16(bytes[$0]) | UInt16(bytes[$0 + 1]) << 8 }
  }

  private static func list<Item: Decodable>(_ name: String) -> [Item] {
    try! JSONDecoder().decode([Item].self, from: Data(bytes(name)))
  }
}

/// A folder that is removed after the test.
func withTemporaryFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try body(folder.path)
}

/// Reproducible noise (Steele, Lea and Flood 2014, SplitMix64).
struct SplitMix64: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

extension Image {
  /// The samples when they have 8 bits.
  var uint8: [UInt8]? {
    guard case .uint8(let values) = samples else { return nil }
    return values
  }

  /// The samples when they have 16 bits.
  var uint16: [UInt16]? {
    guard case .uint16(let values) = samples else { return nil }
    return values
  }
}
