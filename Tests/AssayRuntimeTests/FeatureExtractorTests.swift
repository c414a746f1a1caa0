import AssayBase
import AssayGraph
import AssayImage
import AssayRuntime
import Foundation
import Testing

@Suite struct FeatureExtractorTests {
  let folder = NSTemporaryDirectory() + "assay-extract-" + UUID().uuidString

  /// Features are the mean of each channel of a 4 x 4 input: cheap, and known beforehand.
  private func extractor(limit: Int = 1 << 30, cached: Bool = true) throws -> FeatureExtractor {
    var builder = GraphBuilder(name: "mean")
    let x = builder.input("image", shape: [3, 4, 4])
    let mean = builder.node("GlobalAveragePool", [x.name], name: "mean", shape: [3, 1, 1])
    builder.output(
      builder.node("Flatten", [mean.name], name: "flat", shape: [3]), as: "features")
    return FeatureExtractor(
      onnx: try builder.model().serialized(), dimension: 3, preprocessing: Preprocessing(width: 4, height: 4),
      cache: cached ? FeatureCache(folder: folder + "/cache", limit: limit) : nil, engines: .automatic)
  }

  private func paths(_ count: Int) throws -> [String] {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    return try (0..<count).map { index in
      let path = "\(folder)/\(index).pgm"
      let bytes = Array("P5 4 4 255\n".utf8) + [UInt8](repeating: UInt8(index), count: 16)
      try Data(bytes).write(to: URL(fileURLWithPath: path))
      return path
    }
  }

  private var segment: String {
    get throws {
      let names = try FileManager.default.contentsOfDirectory(atPath: folder + "/cache")
      return folder + "/cache/" + (try #require(names.first { $0.hasSuffix(".features") }))
    }
  }

  private func check(_ set: FeatureSet, _ count: Int) {
    #expect(set.rows == Array(0..<count))
    for row in 0..<count { #expect(abs(set.values[3 * row] - Float(row) / 255) < 1e-6) }
  }

  @Test func secondRunComesFromTheCache() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let files = try paths(30)
    let first = try extractor().features(of: files)
    check(first, 30)
    #expect(first.computedCount == 30 && first.cachedCount == 0)
    let second = try extractor().features(of: files)
    check(second, 30)
    #expect(second.computedCount == 0 && second.cachedCount == 30)
    #expect(second.hashes == first.hashes)
    let uncached = try extractor(cached: false).features(of: files)
    #expect(uncached.computedCount == 30 && uncached.values == first.values)
  }

  @Test func changedFileIsSeen() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let files = try paths(3)
    _ = try extractor().features(of: files)
    try Data(Array("P5 4 4 255\n".utf8) + [UInt8](repeating: 200, count: 16)).write(to: URL(fileURLWithPath: files[1]))
    let set = try extractor().features(of: files)
    #expect(abs(set.values[3] - 200.0 / 255) < 1e-6 && set.computedCount == 1)
  }

  /// Wherever a byte is damaged or the file cut: the entry is computed again, and nothing wrong is returned.
  @Test func damagedEntriesAreComputedAgain() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let files = try paths(5)
    _ = try extractor().features(of: files)
    let whole = try Data(contentsOf: URL(fileURLWithPath: segment))
    for position in stride(from: 0, to: whole.count, by: 7) {
      var damaged = whole
      damaged[position] ^= 0x55
      try damaged.write(to: URL(fileURLWithPath: segment))
      check(try extractor().features(of: files), 5)
    }
    for length in stride(from: 0, to: whole.count, by: 11) {
      try whole.prefix(length).write(to: URL(fileURLWithPath: segment))
      let set = try extractor().features(of: files)
      check(set, 5)
      #expect(set.computedCount > 0)
      #expect(try extractor().features(of: files).computedCount == 0, "the torn record was replaced")
    }
  }

  @Test func unusableFilesAreReportedAndTheRestGoesOn() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var files = try paths(6)
    try Data("text".utf8).write(to: URL(fileURLWithPath: files[2]))
    files[4] = folder + "/missing.pgm"
    let set = try extractor().features(of: files)
    #expect(set.rows == [0, 1, 3, 5])
    #expect(set.failures.map(\.index) == [2, 4])
    #expect(set.failures.map(\.error.reason) == [.notAnImage, .notFound])
    #expect(abs(set.values[3 * 2] - 3.0 / 255) < 1e-6)
  }

  @Test func cacheIsBounded() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let files = try paths(40)
    let set = try extractor(limit: 1000).features(of: files)
    check(set, 40)
    #expect(set.cacheWarning != nil)
    let size = try FileManager.default.attributesOfItem(atPath: segment)[.size] as? Int
    #expect((size ?? 0) <= 1000)
  }

  @Test func unwritableCacheIsNoObstacle() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let files = try paths(4)
    try Data("a file, not a folder".utf8).write(to: URL(fileURLWithPath: folder + "/cache"))
    let set = try extractor().features(of: files)
    check(set, 4)
    #expect(set.cacheWarning?.contains("cannot be written") == true)
  }

  /// Eight writers at once: all results right, and afterwards everything is in the cache.
  @Test func writersDoNotDisturbEachOther() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let files = try paths(60)
    let own = try extractor()
    DispatchQueue.concurrentPerform(iterations: 8) { _ in
      if let set = try? own.features(of: files) { check(set, 60) } else { Issue.record("extraction failed") }
    }
    #expect(try own.features(of: files).computedCount == 0)
  }
}
