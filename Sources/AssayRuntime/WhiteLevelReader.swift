import AssayImage
import Foundation
import Synchronization

/// Finds the white level of a set of image files before anything is computed of them.
///
/// Files of 8 bits cost a look at their head. Those of 16 bits are decoded, unless they say themselves how far their samples
/// reach, and their largest sample is kept in the cache by their content.
public enum WhiteLevelReader {
  /// - Parameters:
  ///   - given: what a person says the level is; nil to find it.
  ///   - cache: nil to keep nothing on disk.
  ///   - progress: called with (done, total) pictures of 16 bits, from worker threads, one call at a time.
  /// - Returns: what was chosen; files that cannot be read take no part.
  public static func choice(
    _ paths: [String], given: Int? = nil, cache: FeatureCache?, maximumPixels: Int = DecodingOptions().maximumPixels,
    progress: @escaping @Sendable (Int, Int) -> Void = { _, _ in }
  ) -> WhiteLevelChoice {
    WhiteLevelChoice(
      pictures(paths, cache: cache, maximumPixels: maximumPixels, progress: progress).map(\.picture), given: given)
  }

  /// What a person must know of how a model reads pictures: those of 16 bits with samples above its white level, or that it
  /// sees nearly black.
  public static func notes(
    _ paths: [String], _ rule: Preprocessing, cache: FeatureCache?,
    maximumPixels: Int = DecodingOptions().maximumPixels
  ) -> [String] {
    let notes = pictures(paths, cache: cache, maximumPixels: maximumPixels).compactMap { index, picture in
      rule.note(largest: picture.largest, picture.depth).map { "\(paths[index]): \($0)" }
    }
    guard let first = notes.first else { return [] }
    return [first + (notes.count > 1 ? " (and \(notes.count - 1) more pictures alike)" : "")]
  }

  /// Pictures of more than 8 bits among the files, in their order.
  private static func pictures(
    _ paths: [String], cache: FeatureCache?, maximumPixels: Int,
    progress: @escaping @Sendable (Int, Int) -> Void = { _, _ in }
  ) -> [(index: Int, picture: WhiteLevelChoice.Picture)] {
    let depths = each(paths.indices) { index -> SampleDepth? in
      guard let header = try? ImageFile.header(path: paths[index], maximumPixels: maximumPixels) else { return nil }
      return header.decodedBits == 16 ? header.depth : nil
    }
    let deep = paths.indices.filter { depths[$0] != nil }
    guard !deep.isEmpty else { return [] }
    let store = cache?.largestSamples()
    let known = store?.snapshot()
    let files = cache.map { FileFingerprints($0.fingerprints()) }
    let done = Mutex(0)
    let found = each(deep) { index -> WhiteLevelChoice.Picture? in
      defer {
        done.withLock {
          $0 += 1
          progress($0, deep.count)
        }
      }
      guard let depth = depths[index] else { return nil }
      // A format of so many bits holds no larger sample.
      guard depth.full == 65_535 else { return .init(name: paths[index], depth: depth, largest: depth.full) }
      if let hash = files?.content(of: paths[index]), let largest = known?.largest(hash) {
        return .init(name: paths[index], depth: depth, largest: largest)
      }
      guard let bytes = try? ImageFile.contents(path: paths[index]) else { return nil }
      let hash = SHA256Digest(of: bytes)
      files?.remember(paths[index], content: hash)
      if let largest = known?.largest(hash) { return .init(name: paths[index], depth: depth, largest: largest) }
      let options = DecodingOptions(maximumPixels: maximumPixels)
      guard let image = try? ImageFile.decode(bytes, name: paths[index], options: options),
        let picture = WhiteLevelChoice.Picture(name: paths[index], image)
      else { return nil }
      withUnsafeBytes(of: UInt64(picture.largest)) { store?.append(hash, $0) }
      return picture
    }
    store?.flush()
    files?.flush()
    return zip(deep, found).compactMap { index, picture in picture.map { (index, $0) } }
  }

  /// One result an item, made on all cores.
  private static func each<Items: RandomAccessCollection<Int> & Sendable, Result: Sendable>(
    _ items: Items, _ make: @escaping @Sendable (Int) -> Result?
  ) -> [Result?] {
    let results = Mutex([Result?](repeating: nil, count: items.count))
    DispatchQueue.concurrentPerform(iterations: items.count) { position in
      let result = make(items[items.index(items.startIndex, offsetBy: position)])
      results.withLock { $0[position] = result }
    }
    return results.withLock { $0 }
  }
}

extension RecordSnapshot {
  fileprivate func largest(_ hash: SHA256Digest) -> Int? {
    withUnsafeTemporaryAllocation(byteCount: 8, alignment: 8) { buffer in
      copy(hash, into: buffer) ? Int(exactly: buffer.load(as: UInt64.self)) : nil
    }
  }
}
