import AssayBase
public import AssayGraph
public import AssayImage
import AssayWeights
import Foundation
import Synchronization

/// Turns image files into patches on disk: from the cache where the content is known, else by running the network.
public struct PatchExtractor: Sendable {
  private let onnx: [UInt8]
  private let grid: PatchSpecification.Grid
  private let input: PatchInput
  private let cache: FeatureCache?
  private let engines: Engines
  private let maximumPixels: Int

  /// - Parameters:
  ///   - onnx: a graph from `image` `[N, 3, H, W]` to `patches` `[N, D, h, w]`.
  ///   - cache: nil to forget the patches when they have been used.
  ///   - engines: what runs the graph.
  public init(
    onnx: [UInt8], grid: PatchSpecification.Grid, input: PatchInput, cache: FeatureCache?, engines: Engines,
    maximumPixels: Int = DecodingOptions().maximumPixels
  ) {
    self.onnx = onnx
    self.grid = grid
    self.input = input
    self.cache = cache
    self.engines = engines
    self.maximumPixels = maximumPixels
  }

  private func fingerprint() throws -> SHA256Digest {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let rule = try encoder.encode(input)
    return SHA256Digest(
      of: SHA256Digest(of: onnx).bytes + SHA256Digest(of: rule).bytes + Array("patches2".utf8)
        + (try engines.engine().fingerprint))
  }

  /// What a first look at a file finds: nothing is decoded.
  private struct Found: Sendable {
    var hash: SHA256Digest?
    var width = 0
    var height = 0
    var error: ImageError?
    var computed = 0
  }

  /// A look of the network, and its key in the store.
  private struct Piece {
    let key: SHA256Digest
    let tile: Tiling.Tile?
    let symmetry: Symmetry
  }

  /// - Parameters:
  ///   - announce: called once from a worker thread, when the first few looks tell how long the others take.
  ///   - progress: called with (done, total) images, from worker threads.
  /// - Throws: ``RuntimeError`` when the network cannot run or there is no room on disk, which is known before it runs;
  ///   `ImageError` when a picture goes or changes meanwhile. Unusable files are reported.
  public func patches(
    of paths: [String], symmetries: [Symmetry] = [.identity],
    progress: @escaping @Sendable (Int, Int) -> Void = { _, _ in },
    announce: @escaping @Sendable (WorkEstimate) -> Void = { _ in }
  ) throws -> PatchStore {
    let temporary = cache == nil ? try TemporaryFolder() : nil
    let used = cache ?? FeatureCache(folder: temporary?.path ?? "", limit: .max)
    let print = try fingerprint()
    let store = used.patches(print, bytes: grid.count * 2)
    let known = store.snapshot()
    let found = survey(paths)
    var open: [Int] = []
    var planned: Set<SHA256Digest> = []
    var looks = 0
    for (index, image) in found.enumerated() {
      // Of files with the same bytes, one is enough.
      guard let hash = image.hash, planned.insert(hash).inserted else { continue }
      let missing = pieces(hash, image.width, image.height, symmetries).count { !known.contains($0.key) }
      guard missing > 0 else { continue }
      looks += missing
      open.append(index)
    }
    let done = Mutex(paths.count - open.count)
    progress(paths.count - open.count, paths.count)
    var images = found
    if !open.isEmpty {
      let needed = looks * store.recordSize
      try used.checkRoom(for: needed, of: print)
      let network = try Network(
        onnx: onnx, inputShape: [1, 3, input.preprocessing.height, input.preprocessing.width], mode: .throughput,
        engines: engines)
      let workers = min(Machine.coreCount + 1, open.count)
      let forecast = WorkForecast((looks, open.count, needed, used.folder), workers: workers, tell: announce)
      let results = Mutex(found)
      let pending = open
      do {
        defer { store.flush() }
        try ParallelLoop.run(pending.count, workers: workers) {
          (request: try network.makeRequest(), resampler: Resampler())
        } body: { own, place in
          let index = pending[place]
          let image = try compute(
            paths[index], found[index], symmetries, known, store, own.request, own.resampler, forecast)
          // A disk that is full meanwhile makes all further work vain.
          if store.failure != nil { throw store.lost("patches") }
          results.withLock { $0[index] = image }
          done.withLock {
            $0 += 1
            progress($0, paths.count)
          }
        }
      }
      images = results.withLock { $0 }
      // What cannot be decoded is so for every file of the same bytes.
      var refused: [SHA256Digest: ImageError] = [:]
      for index in open { if let hash = found[index].hash, let error = images[index].error { refused[hash] = error } }
      for index in images.indices {
        guard let hash = images[index].hash, let error = refused[hash] else { continue }
        images[index].hash = nil
        images[index].error = ImageError(
          file: paths[index], reason: error.reason, cause: error.cause, remedy: error.remedy)
      }
    }
    return try opened(store, store.snapshot(after: known), images, symmetries, temporary)
  }

  /// Reads all files: what they hold, and how large the pictures are.
  private func survey(_ paths: [String]) -> [Found] {
    let results = Mutex([Found](repeating: Found(), count: paths.count))
    ParallelLoop.run(paths.count, workers: Machine.coreCount) {
    } body: { _, index in
      var own = Found()
      do throws(ImageError) {
        let bytes = try ImageFile.contents(path: paths[index], maximumPixels: maximumPixels)
        let header = try ImageFile.header(of: bytes, name: paths[index], maximumPixels: maximumPixels)
        (own.width, own.height) = (header.width, header.height)
        own.hash = SHA256Digest(of: bytes)
      } catch {
        own.error = error
      }
      let result = own
      results.withLock { $0[index] = result }
    }
    return results.withLock { $0 }
  }

  /// Runs the network over what is missing of a photograph, look by look.
  /// - Throws: `ImageError` when the file is not the one that was looked at before.
  private func compute(
    _ path: String, _ found: Found, _ symmetries: [Symmetry], _ known: RecordSnapshot, _ store: RecordStore,
    _ request: InferenceRequest, _ resampler: Resampler, _ forecast: WorkForecast
  ) throws -> Found {
    var own = found
    guard let hash = found.hash else { return own }
    forecast.begin()
    let bytes = try KnownPicture(path: path, hash: hash).contents(maximumPixels: maximumPixels)
    let image: Image
    do throws(ImageError) {
      image = try ImageFile.decode(bytes, name: path, options: input.decodingOptions(maximumPixels: maximumPixels))
    } catch {
      own.error = error
      return own
    }
    for piece in pieces(hash, found.width, found.height, symmetries) where !known.contains(piece.key) {
      request.withInput { buffer in
        if let tile = piece.tile, let tiling = input.tiling {
          tiling.cut(tile, of: image, white: input.preprocessing.white(of: image), into: buffer)
        } else {
          input.preprocessing.apply(to: image, into: buffer, using: resampler)
        }
        piece.symmetry.apply(to: buffer, side: input.preprocessing.width)
      }
      try request.run()
      let isFinite = try request.withOutput("patches") { (values: UnsafeBufferPointer<Float>) -> Bool in
        guard values.areFinite else { return false }
        withUnsafeTemporaryAllocation(of: UInt16.self, capacity: values.count) { halves in
          HalfPrecision.encode(values, into: halves)
          store.append(piece.key, UnsafeRawBufferPointer(halves))
        }
        return true
      }
      guard isFinite else { throw RuntimeError.notFinite("patches", of: path) }
      own.computed += 1
      forecast.finish()
    }
    return own
  }

  /// The items of a photograph and their keys in the store.
  private func pieces(_ hash: SHA256Digest, _ width: Int, _ height: Int, _ symmetries: [Symmetry]) -> [Piece] {
    let tiles: [Tiling.Tile?] = input.tiling?.tiles(width: width, height: height) ?? [nil]
    return tiles.enumerated().flatMap { index, tile in
      symmetries.map { symmetry in
        let key =
          tile == nil && symmetry == .identity
          ? hash : SHA256Digest(of: hash.bytes + Array("\(index)/\(tiles.count)/\(symmetry.rawValue)".utf8))
        return Piece(key: key, tile: tile, symmetry: symmetry)
      }
    }
  }

  private func opened(
    _ store: RecordStore, _ snapshot: RecordSnapshot, _ found: [Found], _ symmetries: [Symmetry],
    _ temporary: TemporaryFolder?
  ) throws(RuntimeError) -> PatchStore {
    var items: [PatchStore.Item] = []
    var keys: [SHA256Digest] = []
    for (index, image) in found.enumerated() {
      guard let hash = image.hash else { continue }
      for piece in pieces(hash, image.width, image.height, symmetries) {
        guard snapshot.contains(piece.key) else { throw store.lost("patches") }
        items.append(PatchStore.Item(image: index, tile: piece.tile, symmetry: piece.symmetry))
        keys.append(piece.key)
      }
    }
    let computed = found.reduce(0) { $0 + $1.computed }
    return PatchStore(
      grid: grid, items: items, keys: keys, hashes: found.map(\.hash),
      sizes: found.map { $0.hash == nil ? nil : ($0.width, $0.height) },
      failures: found.enumerated().compactMap { index, image in image.error.map { (index: index, error: $0) } },
      cachedCount: items.count - computed, computedCount: computed, snapshot: snapshot, temporary: temporary)
  }
}
