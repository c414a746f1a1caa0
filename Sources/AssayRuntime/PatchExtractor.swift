import AssayImage
import AssayModel
import Foundation
import Synchronization

/// How photographs become items of the network: scaled as a whole, or cut into tiles.
public struct PatchInput: Codable, Hashable, Sendable {
  public var preprocessing: Preprocessing
  /// nil to look at the whole photograph at once.
  public var tiling: Tiling?

  public init(preprocessing: Preprocessing, tiling: Tiling? = nil) {
    self.preprocessing = preprocessing
    self.tiling = tiling
  }

  /// Tiles need every pixel; else a large JPEG may be decoded at a reduced size.
  public func decodingOptions(maximumPixels: Int) -> DecodingOptions {
    tiling == nil
      ? preprocessing.decodingOptions(maximumPixels: maximumPixels) : DecodingOptions(maximumPixels: maximumPixels)
  }
}

/// A picture made from a photograph for training: turned by a quarter and mirrored.
public enum Symmetry: String, Codable, Sendable, CaseIterable {
  case identity, turned90, turned180, turned270, mirrored, mirrored90, mirrored180, mirrored270
}

/// Patches of a set of images on disk, mapped into memory while they are read.
public final class PatchStore: PatchSource {
  public let grid: PatchSpecification.Grid
  /// One look of the network at an image of the request, or at a tile of it.
  public struct Item: Sendable {
    public let image: Int
    public let tile: Tiling.Tile?
    public let symmetry: Symmetry
  }

  public let items: [Item]
  /// Content hash of each image of the request; nil where it could not be used.
  public let hashes: [SHA256Digest?]
  /// Size in pixels of each image.
  public let sizes: [(width: Int, height: Int)?]
  public let failures: [(index: Int, error: ImageError)]
  public let cachedCount: Int
  public let computedCount: Int
  private let keys: [SHA256Digest]
  private let ranges: [Range<Int>]
  private let snapshot: RecordSnapshot
  private let temporary: TemporaryFolder?

  init(
    grid: PatchSpecification.Grid, items: [Item], keys: [SHA256Digest],
    hashes: [SHA256Digest?], sizes: [(width: Int, height: Int)?], failures: [(index: Int, error: ImageError)],
    cachedCount: Int, computedCount: Int, snapshot: RecordSnapshot, temporary: TemporaryFolder?
  ) {
    self.grid = grid
    self.items = items
    self.keys = keys
    var ranges = [Range<Int>](repeating: 0..<0, count: hashes.count)
    for (index, item) in items.enumerated() {
      let known = ranges[item.image]
      ranges[item.image] = (known.isEmpty ? index : known.lowerBound)..<index + 1
    }
    self.ranges = ranges
    self.hashes = hashes
    self.sizes = sizes
    self.failures = failures
    self.cachedCount = cachedCount
    self.computedCount = computedCount
    self.snapshot = snapshot
    self.temporary = temporary
  }

  public var count: Int { items.count }

  /// Items of an image, in order.
  public func items(of image: Int) -> Range<Int> { ranges[image] }

  public func read(_ item: Int, into buffer: UnsafeMutableBufferPointer<Float>) {
    withUnsafeTemporaryAllocation(of: UInt16.self, capacity: grid.count) { halves in
      guard snapshot.copy(keys[item], into: UnsafeMutableRawBufferPointer(halves)) else {
        // Every item was found when the store was opened, and the mapping keeps it.
        preconditionFailure("an item of the patch store is gone")
      }
      HalfPrecision.decode(UnsafeBufferPointer(halves), into: buffer)
    }
  }
}

/// A folder that is removed with its last user.
final class TemporaryFolder: Sendable {
  let path: String

  init() {
    path = NSTemporaryDirectory() + "assay-patches-\(getpid())-" + String(UInt32.random(in: 0 ... .max), radix: 16)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// Turns image files into patches on disk: from the cache where the content is known, else by running the network.
public struct PatchExtractor: Sendable {
  private let onnx: [UInt8]
  private let grid: PatchSpecification.Grid
  private let input: PatchInput
  private let cache: FeatureCache?
  private let maximumPixels: Int

  /// - Parameters:
  ///   - onnx: a graph from `image` `[N, 3, H, W]` to `patches` `[N, D, h, w]`.
  ///   - cache: nil to forget the patches when they have been used.
  public init(
    onnx: [UInt8], grid: PatchSpecification.Grid, input: PatchInput, cache: FeatureCache?,
    maximumPixels: Int = DecodingOptions().maximumPixels
  ) {
    self.onnx = onnx
    self.grid = grid
    self.input = input
    self.cache = cache
    self.maximumPixels = maximumPixels
  }

  private var fingerprint: SHA256Digest {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let rule = (try? encoder.encode(input)) ?? Data()
    return SHA256Digest(of: SHA256Digest(of: onnx).bytes + SHA256Digest(of: rule).bytes + Array("patches1".utf8))
  }

  private struct Found: Sendable {
    var hash: SHA256Digest?
    var width = 0
    var height = 0
    var error: ImageError?
    var computed = 0
  }

  /// - Parameter progress: called with (done, total) images, from worker threads.
  /// - Throws: ``RuntimeError`` when the network cannot run or there is no room on disk. Unusable files are reported.
  public func patches(
    of paths: [String], symmetries: [Symmetry] = [.identity],
    progress: @escaping @Sendable (Int, Int) -> Void = { _, _ in }
  ) throws(RuntimeError) -> PatchStore {
    let temporary = cache == nil ? TemporaryFolder() : nil
    let used = cache ?? FeatureCache(folder: temporary?.path ?? "", limit: 0)
    let store = used.patches(fingerprint, bytes: grid.count * 2)
    let known = store.snapshot()
    let found = Mutex([Found](repeating: Found(), count: paths.count))
    let done = Mutex(0)
    let rule = input.preprocessing
    let model = onnx
    // Compiled when the first image needs it: never, when all are known.
    let network = Lazy { () throws(RuntimeError) in
      try Network(onnx: model, inputShape: [1, 3, rule.height, rule.width], mode: .throughput)
    }
    let failure = Mutex<RuntimeError?>(nil)
    let next = Atomic<Int>(0)
    @Sendable func work() {
      let resampler = Resampler()
      var request: InferenceRequest?
      while failure.withLock({ $0 == nil }) {
        let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard index < paths.count else { return }
        var own = Found()
        do throws(ImageError) {
          let bytes = try ImageFile.contents(path: paths[index], maximumPixels: maximumPixels)
          let hash = SHA256Digest(of: bytes)
          own.hash = hash
          let header = try ImageFile.header(of: bytes, name: paths[index], maximumPixels: maximumPixels)
          (own.width, own.height) = (header.width, header.height)
          let pieces = pieces(hash, header.width, header.height, symmetries)
          if !pieces.allSatisfy({ known.contains($0.key) }) {
            let image = try ImageFile.decode(
              bytes, name: paths[index], options: input.decodingOptions(maximumPixels: maximumPixels))
            do throws(RuntimeError) {
              if request == nil { request = try network.get().makeRequest() }
              guard let run = request else { return }
              for piece in pieces where !known.contains(piece.key) {
                run.withInput { buffer in
                  if let tile = piece.tile, let tiling = input.tiling {
                    tiling.cut(tile, of: image, white: input.preprocessing.white(of: image), into: buffer)
                  } else {
                    input.preprocessing.apply(to: image, into: buffer, using: resampler)
                  }
                  piece.symmetry.apply(to: buffer, side: input.preprocessing.width)
                }
                try run.run()
                let isFinite = try run.withOutput("patches") { (values: UnsafeBufferPointer<Float>) -> Bool in
                  guard values.areFinite else { return false }
                  withUnsafeTemporaryAllocation(of: UInt16.self, capacity: values.count) { halves in
                    HalfPrecision.encode(values, into: halves)
                    store.append(piece.key, UnsafeRawBufferPointer(halves))
                  }
                  return true
                }
                guard isFinite else { throw .notFinite("patches", of: paths[index]) }
                own.computed += 1
              }
            } catch {
              failure.withLock { $0 = $0 ?? error }
            }
          }
        } catch {
          own.error = error
          own.hash = nil
        }
        let result = own
        found.withLock { $0[index] = result }
        done.withLock {
          $0 += 1
          progress($0, paths.count)
        }
      }
    }
    WorkerThreads.run(count: min(Machine.coreCount + 1, max(1, paths.count)), work)
    if let error = failure.withLock({ $0 }) { throw error }
    store.flush()
    return try opened(store, found.withLock { $0 }, symmetries, temporary)
  }

  /// The items of a photograph and their keys in the store.
  private func pieces(
    _ hash: SHA256Digest, _ width: Int, _ height: Int, _ symmetries: [Symmetry]
  ) -> [(key: SHA256Digest, tile: Tiling.Tile?, symmetry: Symmetry)] {
    let tiles: [Tiling.Tile?] = input.tiling?.tiles(width: width, height: height) ?? [nil]
    return tiles.enumerated().flatMap { index, tile in
      symmetries.map { symmetry in
        let key =
          tile == nil && symmetry == .identity
          ? hash : SHA256Digest(of: hash.bytes + Array("\(index)/\(tiles.count)/\(symmetry.rawValue)".utf8))
        return (key, tile, symmetry)
      }
    }
  }

  private func opened(
    _ store: RecordStore, _ found: [Found], _ symmetries: [Symmetry], _ temporary: TemporaryFolder?
  ) throws(RuntimeError) -> PatchStore {
    let snapshot = store.snapshot()
    var items: [PatchStore.Item] = []
    var keys: [SHA256Digest] = []
    for (index, image) in found.enumerated() {
      guard let hash = image.hash else { continue }
      for piece in pieces(hash, image.width, image.height, symmetries) {
        guard snapshot.contains(piece.key) else {
          throw RuntimeError(
            operation: "keep patches in \(store.path)",
            cause: store.failure ?? "they are not there after writing",
            remedy: "free about \(found.count * grid.count * 2 >> 20) MiB there, or name another folder with --cache")
        }
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

/// Something that is made once, by the first thread that asks for it.
private final class Lazy<Value: Sendable>: Sendable {
  private let made = Mutex<Result<Value, RuntimeError>?>(nil)
  private let make: @Sendable () throws(RuntimeError) -> Value

  init(_ make: @escaping @Sendable () throws(RuntimeError) -> Value) { self.make = make }

  func get() throws(RuntimeError) -> Value {
    let result = made.withLock { made in
      let own = made ?? Result { () throws(RuntimeError) in try make() }
      made = own
      return own
    }
    return try result.get()
  }
}

/// Threads of their own for blocking work, which must not hold Swift's cooperative pool.
public enum WorkerThreads {
  /// Runs the work on so many threads, the calling one among them, and waits.
  public static func run(count: Int, _ work: @escaping @Sendable () -> Void) {
    let group = DispatchGroup()
    for _ in 1..<max(count, 1) {
      group.enter()
      let thread = Thread {
        work()
        group.leave()
      }
      thread.stackSize = 8 << 20
      thread.start()
    }
    work()
    group.wait()
  }
}

extension Symmetry {
  /// Turns a square planar picture in place, `[3, side, side]`.
  func apply(to buffer: UnsafeMutableBufferPointer<Float>, side: Int) {
    guard self != .identity else { return }
    let copy = Array(buffer)
    let last = side - 1
    for c in 0..<3 {
      for y in 0..<side {
        for x in 0..<side {
          let (sx, sy) = source(x, y, last)
          buffer[(c * side + y) * side + x] = copy[(c * side + sy) * side + sx]
        }
      }
    }
  }

  private func source(_ x: Int, _ y: Int, _ last: Int) -> (Int, Int) {
    switch self {
    case .identity: (x, y)
    case .turned90: (y, last - x)
    case .turned180: (last - x, last - y)
    case .turned270: (last - y, x)
    case .mirrored: (last - x, y)
    case .mirrored90: (y, x)
    case .mirrored180: (x, last - y)
    case .mirrored270: (last - y, last - x)
    }
  }
}
