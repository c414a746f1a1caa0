import AssayImage
import AssayModel
import Foundation
import Synchronization

/// Features of a set of image files.
public struct FeatureSet: Sendable {
  /// Row-major `[count, dimension]`.
  public let values: [Float]
  public let dimension: Int
  /// For each row, the index of its path in the request.
  public let rows: [Int]
  /// Content hash of each row's file.
  public let hashes: [SHA256Digest]
  /// Files that could not be used, by index of path.
  public let failures: [(index: Int, error: ImageError)]
  /// Rows taken from the cache.
  public let cachedCount: Int
  /// Rows that the network was run for.
  public let computedCount: Int
  /// Set when features could not be kept on disk.
  public let cacheWarning: String?

  /// - Precondition: as many values as rows and dimension say, and one hash a row.
  package init(
    values: [Float], dimension: Int, rows: [Int], hashes: [SHA256Digest], failures: [(index: Int, error: ImageError)],
    cachedCount: Int, computedCount: Int, cacheWarning: String?
  ) {
    precondition(values.count == rows.count * dimension && hashes.count == rows.count, "features and rows do not fit")
    self.values = values
    self.dimension = dimension
    self.rows = rows
    self.hashes = hashes
    self.failures = failures
    self.cachedCount = cachedCount
    self.computedCount = computedCount
    self.cacheWarning = cacheWarning
  }

  /// One row's features.
  public func values(of row: Int) -> ArraySlice<Float> { values[row * dimension..<(row + 1) * dimension] }

  /// Some of the rows, in the order named.
  public func selecting(_ positions: [Int]) -> FeatureSet {
    FeatureSet(
      values: positions.flatMap { values[$0 * dimension..<($0 + 1) * dimension] }, dimension: dimension,
      rows: positions.map { rows[$0] }, hashes: positions.map { hashes[$0] }, failures: failures,
      cachedCount: cachedCount, computedCount: computedCount, cacheWarning: cacheWarning)
  }
}

/// Turns image files into features: from the cache where the content is known, else by running the network.
public struct FeatureExtractor: Sendable {
  private let onnx: [UInt8]
  private let dimension: Int
  private let preprocessing: Preprocessing
  private let cache: FeatureCache?
  private let maximumPixels: Int

  /// - Parameters:
  ///   - onnx: a graph from `image` `[N, 3, H, W]` to `features` `[N, D]`.
  ///   - cache: nil to keep nothing on disk.
  public init(
    onnx: [UInt8], dimension: Int, preprocessing: Preprocessing, cache: FeatureCache?,
    maximumPixels: Int = DecodingOptions().maximumPixels
  ) {
    self.onnx = onnx
    self.dimension = dimension
    self.preprocessing = preprocessing
    self.cache = cache
    self.maximumPixels = maximumPixels
  }

  /// Whatever changes a feature is part of this.
  private var fingerprint: SHA256Digest {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let rule = (try? encoder.encode(preprocessing)) ?? Data()
    return SHA256Digest(of: SHA256Digest(of: onnx).bytes + SHA256Digest(of: rule).bytes + Array("v1".utf8))
  }

  /// - Parameters:
  ///   - progress: called with (done, total) from worker threads, one call at a time.
  /// - Throws: ``RuntimeError`` when the network cannot run. Unusable files are reported in the result.
  public func features(
    of paths: [String], progress: @escaping @Sendable (Int, Int) -> Void = { _, _ in }
  ) throws(RuntimeError) -> FeatureSet {
    let store = cache?.features(fingerprint, dimension: dimension)
    let known = store?.snapshot()
    let files = cache.map { FileFingerprints($0.fingerprints()) }
    let results = ExtractionResults(count: paths.count, dimension: dimension, progress: progress)

    // Files whose content is known without reading them.
    var open: [Int] = []
    for (index, path) in paths.enumerated() {
      if let known, let hash = files?.content(of: path), results.fill(index, hash, from: known) { continue }
      open.append(index)
    }
    if !open.isEmpty {
      let pending = open
      let network = try Network(
        onnx: onnx, inputShape: [1, 3, preprocessing.height, preprocessing.width], mode: .throughput)
      let options = preprocessing.decodingOptions(maximumPixels: maximumPixels)
      // One message from the workers to the callback of the same item.
      let hashes = Mutex<[Int: SHA256Digest]>([:])
      let unusable = Mutex<Int?>(nil)
      try InferencePipeline(network, preprocessing).run(
        count: pending.count,
        load: { (position) throws(ImageError) in
          let index = pending[position]
          let bytes = try ImageFile.contents(path: paths[index], maximumPixels: maximumPixels)
          let hash = SHA256Digest(of: bytes)
          if let known, results.fill(index, hash, from: known) {
            files?.remember(paths[index], content: hash)
            return nil
          }
          let image = try ImageFile.decode(bytes, name: paths[index], options: options)
          hashes.withLock { $0[index] = hash }
          return image
        },
        finish: { position, outcome in
          let index = pending[position]
          switch outcome {
          case .failed(let error): results.fail(index, error)
          case .inferred(let request, _):
            guard let hash = hashes.withLock({ $0.removeValue(forKey: index) }) else { return }
            try? request.withOutput("features") { values in
              guard values.areFinite else { return unusable.withLock { $0 = min($0 ?? index, index) } }
              results.store(index, hash, values)
              store?.append(hash, UnsafeRawBufferPointer(values))
            }
            files?.remember(paths[index], content: hash)
          }
        })
      store?.flush()
      files?.flush()
      if let index = unusable.withLock({ $0 }) { throw .notFinite("features", of: paths[index]) }
    }
    return results.finished(cacheWarning: store?.failure)
  }
}

/// Collects rows from several threads.
private final class ExtractionResults: @unchecked Sendable {
  // Each row is written by the one thread that works on its item; everything else is behind the lock.
  private let matrix: UnsafeMutableBufferPointer<Float>
  private let dimension: Int
  private let progress: @Sendable (Int, Int) -> Void
  private let state: Mutex<State>
  private let count: Int

  private struct State {
    var hashes: [Int: SHA256Digest] = [:]
    var failures: [(Int, ImageError)] = []
    var cached = 0
    var done = 0
  }

  init(count: Int, dimension: Int, progress: @escaping @Sendable (Int, Int) -> Void) {
    matrix = .allocate(capacity: count * dimension)
    self.count = count
    self.dimension = dimension
    self.progress = progress
    state = Mutex(State())
  }

  deinit { matrix.deallocate() }

  private func row(_ index: Int) -> UnsafeMutableBufferPointer<Float> {
    UnsafeMutableBufferPointer(rebasing: matrix[index * dimension..<(index + 1) * dimension])
  }

  func fill(_ index: Int, _ hash: SHA256Digest, from known: RecordSnapshot) -> Bool {
    guard known.copy(hash, into: UnsafeMutableRawBufferPointer(row(index))) else { return false }
    finish { state in
      state.hashes[index] = hash
      state.cached += 1
    }
    return true
  }

  func store(_ index: Int, _ hash: SHA256Digest, _ values: UnsafeBufferPointer<Float>) {
    _ = row(index).update(fromContentsOf: values)
    finish { $0.hashes[index] = hash }
  }

  func fail(_ index: Int, _ error: ImageError) {
    finish { $0.failures.append((index, error)) }
  }

  private func finish(_ change: (inout State) -> Void) {
    state.withLock { state in
      change(&state)
      state.done += 1
      progress(state.done, count)
    }
  }

  func finished(cacheWarning: String?) -> FeatureSet {
    state.withLock { state in
      let rows = state.hashes.keys.sorted()
      let complete = rows.count == count
      let values =
        complete
        ? Array(matrix)
        : [Float](unsafeUninitializedCapacity: rows.count * dimension) { out, filled in
          for (position, index) in rows.enumerated() {
            _ = UnsafeMutableBufferPointer(rebasing: out[position * dimension..<(position + 1) * dimension])
              .update(fromContentsOf: row(index))
          }
          filled = rows.count * dimension
        }
      return FeatureSet(
        values: values, dimension: dimension, rows: rows, hashes: rows.compactMap { state.hashes[$0] },
        failures: state.failures.sorted { $0.0 < $1.0 }.map { (index: $0.0, error: $0.1) }, cachedCount: state.cached,
        computedCount: rows.count - state.cached, cacheWarning: cacheWarning)
    }
  }
}
