public import AssayBase
import AssayWeights
import Foundation
import Synchronization

/// What a frozen trunk makes of images, on disk: activations at the cut as 16-bit floats, features before it as 32-bit ones.
public final class TrunkStore: Sendable {
  /// Numbers at the cut, and features before it, of one item.
  public let cutCount: Int
  public let featureCount: Int
  public let cachedCount: Int
  private let keys: [SHA256Digest]
  private let snapshot: RecordSnapshot
  private let temporary: TemporaryFolder?

  init(
    cutCount: Int, featureCount: Int, cachedCount: Int, keys: [SHA256Digest], snapshot: RecordSnapshot,
    temporary: TemporaryFolder?
  ) {
    self.cutCount = cutCount
    self.featureCount = featureCount
    self.cachedCount = cachedCount
    self.keys = keys
    self.snapshot = snapshot
    self.temporary = temporary
  }

  /// Copies an item.
  /// - Parameters:
  ///   - cut: `cutCount` numbers.
  ///   - features: `featureCount` numbers; may be empty when there are none.
  public func read(
    _ item: Int, cut: UnsafeMutableBufferPointer<Float>, features: UnsafeMutableBufferPointer<Float>
  ) {
    withUnsafeTemporaryAllocation(byteCount: cutCount * 2 + featureCount * 4, alignment: 16) { bytes in
      guard snapshot.copy(keys[item], into: bytes) else {
        // Every item was found when the store was opened, which keeps the file from being removed.
        preconditionFailure("an item of the trunk's store cannot be read any more: the disk has failed")
      }
      let rest = UnsafeRawBufferPointer(rebasing: bytes[..<(featureCount * 4)])
      let halves = UnsafeRawBufferPointer(rebasing: bytes[(featureCount * 4)...])
      HalfPrecision.decode(halves.bindMemory(to: UInt16.self), into: cut)
      if featureCount > 0 { UnsafeMutableRawBufferPointer(features).copyMemory(from: rest) }
    }
  }
}

/// Runs a frozen trunk once over every view of every image, for the trainings that follow.
public struct TrunkExtractor: Sendable {
  private let onnx: [UInt8]
  private let inputShape: [Int]
  private let cutCount: Int
  private let featureCount: Int
  private let cache: FeatureCache?
  private let engines: Engines

  /// - Parameters:
  ///   - onnx: `image` to `cut` and, with features before it, `features`.
  ///   - inputShape: `[3, H, W]`.
  ///   - cache: nil to forget the activations when they have been used.
  ///   - engines: what runs the trunk.
  public init(
    onnx: [UInt8], inputShape: [Int], cutCount: Int, featureCount: Int, cache: FeatureCache?, engines: Engines
  ) {
    self.onnx = onnx
    self.inputShape = inputShape
    self.cutCount = cutCount
    self.featureCount = featureCount
    self.cache = cache
    self.engines = engines
  }

  /// Writes an item's input, `[3, H, W]`.
  public typealias Fill = @Sendable (Int, UnsafeMutableBufferPointer<Float>) throws -> Void

  /// - Parameters:
  ///   - keys: what identifies each item: image, view, and all that makes the view what it is.
  ///   - fill: writes an item's input `[3, H, W]`; called on several threads. What it throws ends the work, and nothing is kept
  ///     of that item.
  ///   - announce: called once from a worker thread, when the first few items tell how long the others take.
  ///   - progress: called with (done, total), from worker threads.
  /// - Throws: ``RuntimeError`` when the network cannot run or there is no room on disk, which is known before it runs; what
  ///   `fill` throws.
  public func extract(
    _ keys: [SHA256Digest], fill: @escaping Fill,
    progress: @escaping @Sendable (Int, Int) -> Void = { _, _ in },
    announce: @escaping @Sendable (WorkEstimate) -> Void = { _ in }
  ) throws -> TrunkStore {
    let fingerprint = SHA256Digest(
      of: SHA256Digest(of: onnx).bytes + Array("trunk2".utf8) + (try engines.engine().fingerprint))
    let temporary = cache == nil ? try TemporaryFolder() : nil
    let used = cache ?? FeatureCache(folder: temporary?.path, limit: .max)
    let store = used.patches(fingerprint, bytes: cutCount * 2 + featureCount * 4)
    let known = store.snapshot()
    let open = keys.indices.filter { !known.contains(keys[$0]) }
    if !open.isEmpty {
      let needed = open.count * store.recordSize
      try used.checkRoom(for: needed, of: fingerprint)
      let forecast = WorkForecast(
        (open.count, open.count, needed, used.folder), workers: Machine.coreCount + 1, tell: announce)
      try compute(open, keys, store, fill, forecast, progress)
    }
    let snapshot = store.snapshot(after: known)
    guard keys.allSatisfy(snapshot.contains) else { throw store.lost("activations") }
    return TrunkStore(
      cutCount: cutCount, featureCount: featureCount, cachedCount: keys.count - open.count, keys: keys,
      snapshot: snapshot, temporary: temporary)
  }

  private func compute(
    _ open: [Int], _ keys: [SHA256Digest], _ store: RecordStore, _ fill: @escaping Fill, _ forecast: WorkForecast,
    _ progress: @escaping @Sendable (Int, Int) -> Void
  ) throws {
    let network = try Network(onnx: onnx, inputShape: [1] + inputShape, mode: .throughput, engines: engines)
    let done = Mutex(0)
    let (cutCount, featureCount) = (cutCount, featureCount)
    // Also where one fails: what was computed until then is kept.
    defer { store.flush() }
    try ParallelLoop.run(open.count, workers: network.parallelRequests + 1) {
      try network.makeRequest()
    } body: { request, position in
      var payload = [UInt8](repeating: 0, count: cutCount * 2 + featureCount * 4)
      forecast.begin()
      try request.withInput { try fill(open[position], $0) }
      try request.run()
      if featureCount > 0 {
        let isFinite = try request.withOutput("features") { features in
          payload.withUnsafeMutableBytes {
            $0.copyMemory(
              from: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(features)[..<(featureCount * 4)]))
          }
          return features.areFinite
        }
        guard isFinite else { throw RuntimeError.notFinite("features", of: "view \(open[position] + 1)") }
      }
      let isFinite = try request.withOutput("cut") { cut in
        payload.withUnsafeMutableBytes { bytes in
          let halves = UnsafeMutableRawBufferPointer(rebasing: bytes[(featureCount * 4)...])
          HalfPrecision.encode(cut, into: halves.bindMemory(to: UInt16.self))
        }
        return cut.areFinite
      }
      guard isFinite else { throw RuntimeError.notFinite("activations", of: "view \(open[position] + 1)") }
      payload.withUnsafeBytes { store.append(keys[open[position]], $0) }
      // A disk that is full meanwhile makes all further work vain.
      if store.failure != nil { throw store.lost("activations") }
      forecast.finish()
      done.withLock {
        $0 += 1
        progress($0, open.count)
      }
    }
  }
}
