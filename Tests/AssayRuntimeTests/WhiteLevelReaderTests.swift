import AssayImage
import AssayRuntime
import Foundation
import Testing

@Suite struct WhiteLevelReaderTests {
  let folder = NSTemporaryDirectory() + "assay-levels-" + UUID().uuidString

  private func write(_ name: String, _ values: [UInt16], maxval: Int = 65_535) throws -> String {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let pixels = values.flatMap { maxval > 255 ? [UInt8($0 >> 8), UInt8($0 & 0xFF)] : [UInt8($0)] }
    let path = "\(folder)/\(name)"
    try Data(Array("P5 \(values.count) 1 \(maxval)\n".utf8) + pixels).write(to: URL(fileURLWithPath: path))
    return path
  }

  /// Files of 8 and 16 bits, one that is no picture, and the last alone uses the whole range.
  @Test func theWholeSetDecides() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var files = try (0..<6).map { try write("\($0).pgm", [0, 100, 300]) }
    files.append(try write("eight.pgm", [0, 255], maxval: 255))
    files.append(folder + "/missing.pgm")
    let dark = WhiteLevelReader.choice(files, cache: nil)
    #expect(dark.level == WhiteLevel(1023, .samples) && dark.pictures == 6 && dark.largest == 300)
    files.append(try write("last.pgm", [0, 4001]))
    let whole = WhiteLevelReader.choice(files, cache: nil)
    #expect(whole.level == WhiteLevel(4095, .samples) && whole.pictures == 7)
    #expect(whole.largest == 4001 && whole.largestIn == files.last)
    #expect(WhiteLevelReader.choice(files, given: 2047, cache: nil).level == WhiteLevel(2047, .given))
    let declared = try [write("ten.pgm", [0, 5], maxval: 1023)]
    #expect(WhiteLevelReader.choice(declared, cache: nil).level == WhiteLevel(1023, .declared))
    // What a person says is compared with the samples, not with what the file says.
    #expect(WhiteLevelReader.choice(declared, given: 255, cache: nil).notes.isEmpty)
    #expect(WhiteLevelReader.choice([files[6]], cache: nil).level == nil)
  }

  /// With a cache the answer is the same, the first time, the second, and when a file has changed.
  @Test func theCacheGoesByContent() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let cache = FeatureCache(folder: folder + "/cache")
    var files = try [write("a.pgm", [0, 900]), write("b.pgm", [0, 800])]
    for _ in 0..<2 { #expect(WhiteLevelReader.choice(files, cache: cache).level == WhiteLevel(1023, .samples)) }
    files[1] = try write("b.pgm", [0, 1100])
    for _ in 0..<2 { #expect(WhiteLevelReader.choice(files, cache: cache).largest == 1100) }
    // Old enough to be known without reading: what the files declare is kept too, and which have 8 bits.
    files.append(try write("c.pgm", [0, 100], maxval: 4095))
    files.append(try write("d.pgm", [0, 100], maxval: 255))
    let past = [FileAttributeKey.modificationDate: Date(timeIntervalSinceNow: -3600)]
    for file in files { try FileManager.default.setAttributes(past, ofItemAtPath: file) }
    for given in [nil, 2000, nil, 2000] {
      let choice = WhiteLevelReader.choice(files, given: given, cache: cache)
      #expect(choice.pictures == 3 && choice.largest == 1100 && choice.notes.isEmpty)
      #expect(choice.level == (given.map { WhiteLevel($0, .given) } ?? WhiteLevel(4095, .samples)))
    }
  }

  @Test func whatABundleCannotSeeIsSaidOnce() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let files = try [write("a.pgm", [0, 900]), write("b.pgm", [0, 1100]), write("c.pgm", [0, 1200])]
    let rule = Preprocessing(width: 4, height: 4, whiteLevel: WhiteLevel(1023, .samples))
    let notes = WhiteLevelReader.notes(files, rule, cache: nil)
    #expect(notes.count == 1 && notes[0].hasPrefix("\(files[1]): samples up to 1,100"))
    #expect(notes[0].hasSuffix("(and 1 more pictures alike)"))
    #expect(WhiteLevelReader.notes([files[0]], rule, cache: nil).isEmpty)
  }
}
