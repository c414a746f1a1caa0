public import AssayBase
public import AssayImage
import AssayWeights
import Foundation
import Synchronization

/// Features of a set of image files.
public struct FeatureSet: Sendable {
  /// Row-major `[count, dimension]`.
  public let values: FeatureValues
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
    values: FeatureValues, dimension: Int, rows: [Int], hashes: [SHA256Digest],
    failures: [(index: Int, error: ImageError)],
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
  public func values(of row: Int) -> [Float] { values.array(row * dimension..<(row + 1) * dimension) }

  /// The picture behind each row, so that it can be read again.
  /// - Parameter paths: those of the request.
  public func pictures(of paths: [String]) -> [KnownPicture] {
    zip(rows, hashes).map { KnownPicture(path: paths[$0], hash: $1) }
  }

  /// Some of the rows, in the order named.
  public func selecting(_ positions: [Int]) -> FeatureSet {
    let chosen = FeatureValues(count: positions.count * dimension, like: values) { memory in
      values.withUnsafeBufferPointer { source in
        for (place, position) in positions.enumerated() {
          _ = UnsafeMutableBufferPointer(rebasing: memory.values[place * dimension..<(place + 1) * dimension])
            .update(
              fromContentsOf: UnsafeBufferPointer(rebasing: source[position * dimension..<(position + 1) * dimension]))
          if (place + 1) % 1_024 == 0 {
            memory.release(0..<memory.values.count)
            values.release(0..<values.count)
          }
        }
      }
    }
    return FeatureSet(
      values: chosen, dimension: dimension,
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
  private let engines: Engines
  private let maximumPixels: Int

  /// - Parameters:
  ///   - onnx: a graph from `image` `[N, 3, H, W]` to `features` `[N, D]`.
  ///   - cache: nil to keep nothing on disk.
  ///   - engines: what runs the graph.
  public init(
    onnx: [UInt8], dimension: Int, preprocessing: Preprocessing, cache: FeatureCache?, engines: Engines,
    maximumPixels: Int = DecodingOptions().maximumPixels
  ) {
    self.onnx = onnx
    self.dimension = dimension
    self.preprocessing = preprocessing
    self.cache = cache
    self.engines = engines
    self.maximumPixels = maximumPixels
  }

  /// Whatever changes a feature is part of this.
  private func fingerprint() throws -> SHA256Digest {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let rule = try encoder.encode(preprocessing)
    return SHA256Digest(
      of: SHA256Digest(of: onnx).bytes + SHA256Digest(of: rule).bytes + Array("v2".utf8)
        + (try engines.engine().fingerprint))
  }

  /// - Parameters:
  ///   - announce: called once from a worker thread, when the first few images tell how long the others take.
  ///   - progress: called with (done, total) from worker threads, one call at a time.
  /// - Throws: ``RuntimeError`` when the network cannot run. Unusable files are reported in the result.
  public func features(
    of paths: [String], progress: @escaping @Sendable (Int, Int) -> Void = { _, _ in },
    announce: @escaping @Sendable (WorkEstimate) -> Void = { _ in }
  ) throws -> FeatureSet {
    let store = try cache.map { $0.features(try fingerprint(), dimension: dimension) }
    let known = store?.snapshot()
    let files = cache.map(FileFingerprints.init)
    let results = ExtractionResults(
      count: paths.count, dimension: dimension, folder: cache?.folder ?? NSTemporaryDirectory(), progress: progress)

    // Files whose content is known without reading them.
    var open: [Int] = []
    for (index, path) in paths.enumerated() {
      if let known, let hash = files?.content(of: path), results.fill(index, hash, from: known) { continue }
      open.append(index)
    }
    if !open.isEmpty {
      try compute(open, of: paths, known, store, files, results, announce)
      store?.flush()
      files?.flush()
    }
    return results.finished(cacheWarning: store?.failure)
  }

  /// Features of pictures that were read before, one row each.
  ///
  /// Throws `ImageError` when one of them has gone or changed.
  public func features(
    of pictures: [KnownPicture], progress: @escaping @Sendable (Int, Int) -> Void = { _, _ in }
  ) throws -> FeatureSet {
    let found = try features(of: pictures.map(\.path), progress: progress)
    for failure in found.failures {
      try pictures[failure.index].check(nil)
      throw failure.error
    }
    for (row, hash) in found.hashes.enumerated() { try pictures[found.rows[row]].check(hash) }
    return found
  }

  private func compute(
    _ pending: [Int], of paths: [String], _ known: RecordSnapshot?, _ store: RecordStore?, _ files: FileFingerprints?,
    _ results: ExtractionResults, _ announce: @escaping @Sendable (WorkEstimate) -> Void
  ) throws(RuntimeError) {
    let network = try Network(
      onnx: onnx, inputShape: [1, 3, preprocessing.height, preprocessing.width], mode: .throughput,
      engines: engines)
    let options = preprocessing.decodingOptions(maximumPixels: maximumPixels)
    let forecast = WorkForecast(
      (pending.count, pending.count, store.map { $0.recordSize * pending.count } ?? 0, cache?.folder),
      workers: network.parallelRequests, tell: announce)
    /// What `load` found of an item, for `finish`.
    struct Loaded: Sendable {
      let hash: SHA256Digest
      let state: FileFingerprints.State?
    }
    let loaded = Mutex<[Int: Loaded]>([:])
    let failure = Mutex<RuntimeError?>(nil)
    try InferencePipeline(network, preprocessing).run(
      count: pending.count,
      load: { (position) throws(ImageError) in
        forecast.begin()
        let index = pending[position]
        let state = FileFingerprints.State(paths[index])
        let bytes = try ImageFile.contents(path: paths[index], maximumPixels: maximumPixels)
        let hash = SHA256Digest(of: bytes)
        if let known, results.fill(index, hash, from: known) {
          files?.remember(paths[index], state, content: hash)
          return nil
        }
        // The very bytes that were hashed: a file that changes meanwhile cannot come under this key.
        let image = try ImageFile.decode(bytes, name: paths[index], options: options)
        loaded.withLock { $0[index] = Loaded(hash: hash, state: state) }
        return image
      },
      finish: { position, outcome in
        let index = pending[position]
        switch outcome {
        case .failed(let error): results.fail(index, error)
        case .inferred(let request, _):
          guard let own = loaded.withLock({ $0.removeValue(forKey: index) }) else { return }
          do throws(RuntimeError) {
            let isFinite = try request.withOutput("features") { values in
              guard values.areFinite else { return false }
              results.store(index, own.hash, values)
              store?.append(own.hash, UnsafeRawBufferPointer(values))
              return true
            }
            guard isFinite else { throw .notFinite("features", of: paths[index]) }
            files?.remember(paths[index], own.state, content: own.hash)
            forecast.finish()
          } catch {
            failure.withLock { $0 = error }
          }
        }
      })
    if let error = failure.withLock({ $0 }) { throw error }
  }
}

/// Collects rows from several threads.
private final class ExtractionResults: Sendable {
  // Each row is written by the one thread that works on its item; everything else is behind the lock.
  private let matrix: WorkingMemory
  private let dimension: Int
  private let progress: @Sendable (Int, Int) -> Void
  private let state: Mutex<State>
  private let count: Int

  private struct State {
    var hashes: [SHA256Digest?]
    var failures: [(Int, ImageError)] = []
    var cached = 0
    var done = 0
  }

  init(count: Int, dimension: Int, folder: String?, progress: @escaping @Sendable (Int, Int) -> Void) {
    matrix = WorkingMemory(count: count * dimension, folder: folder)
    self.count = count
    self.dimension = dimension
    self.progress = progress
    state = Mutex(State(hashes: Array(repeating: nil, count: count)))
  }

  private func row(_ index: Int) -> UnsafeMutableBufferPointer<Float> {
    UnsafeMutableBufferPointer(rebasing: matrix.values[index * dimension..<(index + 1) * dimension])
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
      if state.done % 1_024 == 0 { matrix.release(0..<matrix.values.count) }
      progress(state.done, count)
    }
  }

  /// Rows of files that could be used, moved together where others lie between them.
  func finished(cacheWarning: String?) -> FeatureSet {
    state.withLock { state in
      let rows = state.hashes.indices.filter { state.hashes[$0] != nil }
      for (position, index) in rows.enumerated() where position != index {
        _ = row(position).update(fromContentsOf: row(index))
        if position % 1_024 == 0 { matrix.release(0..<matrix.values.count) }
      }
      matrix.release(0..<matrix.values.count)
      return FeatureSet(
        values: FeatureValues(matrix, count: rows.count * dimension), dimension: dimension, rows: rows,
        hashes: rows.compactMap { state.hashes[$0] },
        failures: state.failures.sorted { $0.0 < $1.0 }.map { (index: $0.0, error: $0.1) }, cachedCount: state.cached,
        computedCount: rows.count - state.cached, cacheWarning: cacheWarning)
    }
  }
}
