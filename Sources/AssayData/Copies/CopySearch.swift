import AssayBase
public import AssayImage
import Foundation
import Synchronization

/// Finds images that are copies of one photograph though their files differ (``NearCopies`` says how).
public struct CopySearch: Sendable {
  /// Bytes of a fingerprint in a ``CopyCache``.
  public static let fingerprintSize = Fingerprint.byteCount

  /// Content hash of each image; nil for one that takes no part.
  private let hashes: [String?]
  private let paths: [String]
  private let maximumPixels: Int
  private let cache: (any CopyCache)?

  /// - Parameters:
  ///   - hashes: content hash of each file; nil for one that cannot be read.
  ///   - maximumPixels: larger images take no part.
  public init(
    paths: [String], hashes: [String?], maximumPixels: Int = DecodingOptions().maximumPixels,
    cache: (any CopyCache)? = nil
  ) {
    precondition(paths.count == hashes.count)
    self.paths = paths
    self.maximumPixels = maximumPixels
    self.cache = cache
    // Files with the same bytes are found without being looked at.
    var seen: Set<String> = []
    self.hashes = hashes.map { hash in hash.flatMap { seen.insert($0).inserted ? $0 : nil } }
  }

  /// Decodes the images that the cache does not know, on all cores.
  /// - Parameter progress: called with (done, total), one call at a time.
  /// - Returns: verified pairs of indices, the first one smaller; enough of them to connect all copies of a photograph.
  public func pairs(progress: @escaping @Sendable (Int, Int) -> Void = { _, _ in }) -> [(Int, Int)] {
    let store = Mutex(FingerprintStore(count: paths.count))
    let done = Mutex(0)
    ParallelLoop.run((paths.count + 15) / 16) { part in
      var maker = Fingerprint.Maker()
      for index in part * 16..<min(paths.count, part * 16 + 16) {
        if let hash = hashes[index], let found = fingerprint(index, hash, &maker) {
          store.withLock { $0.set(found, at: index) }
        }
        done.withLock { done in
          done += 1
          progress(done, paths.count)
        }
      }
    }
    return pairs(store.withLock { $0 })
  }

  private func fingerprint(_ index: Int, _ hash: String, _ maker: inout Fingerprint.Maker) -> Fingerprint? {
    if let known = cache?.fingerprint(of: hash).flatMap(Fingerprint.init(bytes:)) { return known }
    guard let image = read(index)?.image else { return nil }
    let made = maker.fingerprint(image)
    cache?.keep(made.bytes, of: hash)
    return made
  }

  /// - Parameter store: fingerprints of the images, by index; those of further copies of a file are passed over.
  func pairs(_ store: consuming FingerprintStore) -> [(Int, Int)] {
    for index in hashes.indices where hashes[index] == nil { store.remove(index) }
    let known = NearCopies.Verdicts { pair in
      guard let cache, let first = hashes[pair.a], let second = hashes[pair.b] else { return nil }
      return cache.verdict(first, second)
    } keep: { pair, verdict in
      guard let cache, let first = hashes[pair.a], let second = hashes[pair.b] else { return }
      cache.keep(verdict, first, second)
    }
    return NearCopies.pairs(store, verdicts: known) { index, reduction, resampler in
      guard let (image, step) = read(index) else { return nil }
      return FinePicture(image, step: step, reduction: reduction, resampler)
    }.map { ($0.a, $0.b) }
  }

  /// What cannot be read takes no part, nor does a file that holds something else since it was hashed: the cache would keep what
  /// was found under the wrong content. Who reads it to learn from it says so.
  private func read(_ index: Int) -> (image: Image, step: Float)? {
    guard let bytes = try? ImageFile.contents(path: paths[index], maximumPixels: maximumPixels),
      ContentHash.of(bytes) == hashes[index],
      let image = try? ImageFile.decode(
        bytes, name: paths[index], options: DecodingOptions(maximumPixels: maximumPixels))
    else { return nil }
    return (image, CompressionLoss.step(bytes))
  }
}
