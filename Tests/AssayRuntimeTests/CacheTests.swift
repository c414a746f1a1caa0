import AssayBase
import AssayGraph
import AssayImage
import AssayRuntime
import Foundation
import Synchronization
import Testing

/// The cache's files with several users, and with something else in their place.
@Suite(.timeLimit(.minutes(10))) struct CacheTests {
  private let folder = NSTemporaryDirectory() + "assay-cache-" + UUID().uuidString
  private var cache: String { folder + "/cache" }
  private static let side = 64

  private func paths(_ count: Int) throws -> [String] {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    return try (0..<count).map { index in
      let path = "\(folder)/\(index).pgm"
      try write(path, level: UInt8(index))
      return path
    }
  }

  private func write(_ path: String, level: UInt8) throws {
    let bytes =
      Array("P5 \(Self.side) \(Self.side) 255\n".utf8) + [UInt8](repeating: level, count: Self.side * Self.side)
    try Data(bytes).write(to: URL(fileURLWithPath: path))
  }

  /// Patches are the picture itself: 24 KB an image, so that some dozens are more than is held back before writing.
  /// - Parameter limit: another one is another network to the cache, too.
  private func extractor(limit: Int, name: String) throws -> PatchExtractor {
    var builder = GraphBuilder(name: name)
    let x = builder.input("image", shape: [3, Self.side, Self.side])
    builder.output(builder.node("Relu", [x.name], name: "relu", shape: [3, Self.side, Self.side]), as: "patches")
    return PatchExtractor(
      onnx: try builder.model().serialized(), grid: .init(channels: 3, height: Self.side, width: Self.side),
      input: PatchInput(preprocessing: Preprocessing(width: Self.side, height: Self.side)),
      cache: FeatureCache(folder: cache, limit: limit), engines: .automatic)
  }

  /// Each picture has one grey level everywhere.
  private func check(_ store: PatchStore, _ count: Int) {
    #expect(store.count == count)
    var values = [Float](repeating: -1, count: store.grid.count)
    for item in 0..<store.count {
      values.withUnsafeMutableBufferPointer { store.read(item, into: $0) }
      // Eleven bits of mantissa.
      #expect(values.allSatisfy { abs($0 - Float(item) / 255) < 1e-3 }, "picture \(item)")
    }
  }

  private func segments() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: cache).filter { $0.hasSuffix(".features") }
  }

  /// The second begins, looks for room and ends while the first is in the middle of its writing.
  @Test func twoWhoseFeaturesExceedTheLimitBothSucceed() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let files = try paths(120)
    let (first, second) = (try extractor(limit: 1_000, name: "first"), try extractor(limit: 1_000, name: "second"))
    let isBegun = Mutex(false)
    let store = try first.patches(of: files) { done, _ in
      guard done == 80,
        isBegun.withLock({ begun in
          defer { begun = true }
          return !begun
        })
      else { return }
      do { check(try second.patches(of: files), 120) } catch { Issue.record(error) }
    }
    check(store, 120)
    #expect(try segments().count == 2, "the one in use is passed over")
  }

  @Test func whatNobodyUsesGoes() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let files = try paths(3)
    do { check(try extractor(limit: 1_000, name: "first").patches(of: files), 3) }
    // Another test's child has all descriptors, and with them the lock, between its fork and its exec.
    for attempt in 0..<5 {
      do { check(try extractor(limit: 1_000, name: "second\(attempt)").patches(of: files), 3) }
      guard try segments().count > 1 else { break }
      usleep(100_000)
    }
    #expect(try segments().count == 1)
  }

  private enum Obstacle: CaseIterable { case fifo, link, danglingLink, hardLink, folder }

  /// Puts something in a file's place.
  /// - Returns: a file of somebody's that must stay as it is.
  private func put(_ obstacle: Obstacle, at path: String) throws -> String {
    let other = folder + "/precious"
    try Data("precious".utf8).write(to: URL(fileURLWithPath: other))
    switch obstacle {
    case .fifo: #expect(mkfifo(path, 0o644) == 0)
    case .link: #expect(symlink(other, path) == 0)
    case .danglingLink: #expect(symlink(folder + "/nothing", path) == 0)
    case .hardLink: #expect(link(other, path) == 0)
    case .folder: #expect(mkdir(path, 0o755) == 0)
    }
    return other
  }

  @Test func whatIsNoFileIsNeitherFollowedNorWaitedFor() throws {
    for obstacle in Obstacle.allCases {
      for name in ["segment", "writing.lock"] {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let files = try paths(3)
        let own = try extractor(limit: 1 << 30, name: "own")
        do { check(try own.patches(of: files), 3) }
        let place = cache + "/" + (name == "segment" ? try #require(try segments().first) : name)
        if name != "segment" { for segment in try segments() { unlink(cache + "/" + segment) } }
        unlink(place)
        let other = try put(obstacle, at: place)
        let error = #expect(throws: RuntimeError.self, "\(obstacle) as \(name)") { try own.patches(of: files) }
        #expect(error?.description.contains(place) == true, "\(obstacle) as \(name): \(error?.description ?? "")")
        #expect(FileManager.default.contents(atPath: other) == Data("precious".utf8))
        #expect(!FileManager.default.fileExists(atPath: folder + "/nothing"))
      }
    }
  }

  @Test func hashesOfFilesAreNotWaitedForEither() throws {
    for obstacle in Obstacle.allCases {
      defer { try? FileManager.default.removeItem(atPath: folder) }
      let files = try paths(2)
      try FileManager.default.createDirectory(atPath: cache, withIntermediateDirectories: true)
      let other = try put(obstacle, at: cache + "/files.hashes")
      let hashes = ContentHashes.of(files, cache: FeatureCache(folder: cache))
      let bytes = try files.map { SHA256Digest(of: try Data(contentsOf: URL(fileURLWithPath: $0))) }
      #expect(hashes == bytes)
      #expect(FileManager.default.contents(atPath: other) == Data("precious".utf8))
    }
  }

  @Test func tooLittleRoomIsSaidBeforeAnythingIsComputed() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    // Two items of 32 TiB. There is no network to run, and none is asked for.
    let extractor = PatchExtractor(
      onnx: [], grid: .init(channels: 1 << 20, height: 4_096, width: 4_096),
      input: PatchInput(preprocessing: Preprocessing(width: 64, height: 64)), cache: FeatureCache(folder: cache),
      engines: .automatic)
    let files = try paths(2)
    let error = #expect(throws: RuntimeError.self) { try extractor.patches(of: files) }
    #expect(error?.operation.contains(cache) == true)
    #expect(error?.cause.contains("65536.0 GiB are needed") == true || error?.cause.contains("GiB are needed") == true)
    #expect(error?.cause.contains("are free") == true)
  }

  @Test func aPictureThatChangesMeanwhileIsNamed() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    for isGone in [false, true] {
      let files = try paths(8)
      let own = try extractor(limit: 1 << 30, name: "\(isGone)")
      // The first report comes when all files were looked at, and none computed.
      let error = #expect(throws: ImageError.self) {
        try own.patches(of: files) { done, _ in
          guard done == 0 else { return }
          if isGone { unlink(files[7]) } else { try? write(files[7], level: 250) }
        }
      }
      #expect(error?.file == files[7])
      #expect(error?.cause.contains(isGone ? "read before" : "changed since it was first read") == true)
      // What was computed of the others is right, and nothing is there of this one.
      try write(files[7], level: 7)
      check(try own.patches(of: files), 8)
    }
  }

  @Test func anInputThatCannotBeMadeIsNotKept() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    struct Gone: Error {}
    var builder = GraphBuilder(name: "trunk")
    let x = builder.input("image", shape: [3, 4, 4])
    builder.output(builder.node("Relu", [x.name], name: "relu", shape: [3, 4, 4]), as: "cut")
    let trunk = TrunkExtractor(
      onnx: try builder.model().serialized(), inputShape: [3, 4, 4], cutCount: 48, featureCount: 0,
      cache: FeatureCache(folder: cache), engines: .automatic)
    let keys = (0..<6).map { SHA256Digest(of: [UInt8($0)]) }
    #expect(throws: Gone.self) {
      try trunk.extract(keys) { item, buffer in
        if item == 3 { throw Gone() }
        buffer.update(repeating: Float(item))
      }
    }
    // Item 3 is asked for again: there is nothing of another picture under its key.
    let asked = Mutex<Set<Int>>([])
    let store = try trunk.extract(keys) { item, buffer in
      asked.withLock { _ = $0.insert(item) }
      buffer.update(repeating: Float(item))
    }
    #expect(asked.withLock { $0 }.contains(3))
    for item in keys.indices {
      var cut = [Float](repeating: -1, count: 48)
      cut.withUnsafeMutableBufferPointer {
        store.read(item, cut: $0, features: UnsafeMutableBufferPointer(start: nil, count: 0))
      }
      #expect(cut.allSatisfy { $0 == Float(item) }, "item \(item)")
    }
  }

  /// A file is read, another one is moved into its place, and only then what was read is remembered.
  @Test func aFileReplacedWhileItWasReadIsNotRemembered() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let files = try paths(2)
    let old = Date(timeIntervalSinceNow: -3_600)
    for file in files { try FileManager.default.setAttributes([.modificationDate: old], ofItemAtPath: file) }
    let fingerprints = FileFingerprints(FeatureCache(folder: cache))
    let state = try #require(FileFingerprints.State(files[0]))
    let content = SHA256Digest(of: try Data(contentsOf: URL(fileURLWithPath: files[0])))
    #expect(rename(files[1], files[0]) == 0)
    fingerprints.remember(files[0], state, content: content)
    fingerprints.flush()
    #expect(FileFingerprints(FeatureCache(folder: cache)).content(of: files[0]) == nil)
  }

  @Test func estimatesAreSentences() {
    let estimate = WorkEstimate(
      looks: 11_520, images: 320, seconds: 215, diskBytes: 13 << 29, folder: "/cache", freeBytes: 51 << 30)
    #expect(
      estimate.sentence
        == "11520 looks at 320 images, about 4 min; 6.5 GiB on disk in /cache, where 51.0 GiB are free")
    #expect(estimate.isLong)
    #expect(
      !WorkEstimate(looks: 9, images: 9, seconds: 1, diskBytes: 1 << 20, folder: nil, freeBytes: nil).isLong)
  }

  /// Nobody gets an item that is more than two ahead of the oldest unfinished one.
  @Test func workIsDealtOutInOrder() {
    let order = WorkOrder(count: 5, ahead: 2)
    #expect(order.take() == 0 && order.take() == 1)
    order.finish(1)
    let third = Mutex<Int?>(nil)
    let isTaken = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
      let item = order.take()
      third.withLock { $0 = item }
      isTaken.signal()
    }
    #expect(isTaken.wait(timeout: .now() + 0.2) == .timedOut, "0 is not finished")
    order.finish(0)
    isTaken.wait()
    #expect(third.withLock { $0 } == 2)
    #expect(order.take() == 3)
    order.stop()
    #expect(order.take() == nil)
  }
}
