import AssayBase
public import AssayImage
import Foundation
import Synchronization

/// Finds the white level of a set of image files before anything is computed of them.
///
/// Files of 8 bits cost a look at their head, once. Those of 16 bits are decoded, unless they say themselves how far their samples
/// reach, and what was found is kept in the cache by their content.
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
      pictures(
        paths, needsLargest: given != nil, cache: cache, maximumPixels: maximumPixels, progress: progress
      ).map(\.picture), given: given)
  }

  /// What a person must know of how a model reads pictures: those of 16 bits with samples above its white level, or that it
  /// sees nearly black.
  public static func notes(
    _ paths: [String], _ rule: Preprocessing, cache: FeatureCache?,
    maximumPixels: Int = DecodingOptions().maximumPixels
  ) -> [String] {
    let isGiven = rule.whiteLevel?.origin == .given
    let notes = pictures(
      paths, needsLargest: isGiven, cache: cache, maximumPixels: maximumPixels
    ).compactMap { index, picture in
      rule.note(largest: picture.largest, picture.depth).map { "\(paths[index]): \($0)" }
    }
    guard let first = notes.first else { return [] }
    return [first + (notes.count > 1 ? " (and \(notes.count - 1) more pictures alike)" : "")]
  }

  /// What is known of a file before it is decoded.
  private enum Look: Sendable {
    /// 8 bits, or unusable.
    case other
    case known(WhiteLevelChoice.Picture)
    case open
  }

  /// Pictures of more than 8 bits among the files, in their order.
  /// - Parameter needsLargest: also of formats that hold no larger sample than white.
  private static func pictures(
    _ paths: [String], needsLargest: Bool, cache: FeatureCache?, maximumPixels: Int,
    progress: @escaping @Sendable (Int, Int) -> Void = { _, _ in }
  ) -> [(index: Int, picture: WhiteLevelChoice.Picture)] {
    let store = cache?.sampleRanges()
    let known = store?.snapshot()
    let files = cache.map(FileFingerprints.init)
    let looks = ParallelLoop.map(paths.count, chunk: 1) { index -> Look in
      let path = paths[index]
      let state = FileFingerprints.State(path)
      let hash = state.flatMap { files?.content(of: $0) }
      if let hash, let range = known?.range(hash) {
        return range.picture(path).map { .known($0) } ?? .other
      }
      // What cannot be read takes no part; who learns from it says so.
      guard let header = try? ImageFile.header(path: path, maximumPixels: maximumPixels) else { return .other }
      guard header.decodedBits == 16 else {
        // The header that was read is this content's only if the file has not changed meanwhile.
        if let hash, state == FileFingerprints.State(path) { store?.append(hash, .ofEightBits) }
        return .other
      }
      guard header.depth.full < 65_535, !needsLargest else { return .open }
      return .known(.init(name: path, depth: header.depth, largest: header.depth.full))
    }
    let open = paths.indices.filter { if case .open = looks[$0] { true } else { false } }
    let done = Mutex(0)
    let decoded = ParallelLoop.map(open.count, chunk: 1) { position -> WhiteLevelChoice.Picture? in
      let path = paths[open[position]]
      defer {
        done.withLock {
          $0 += 1
          progress($0, open.count)
        }
      }
      let state = FileFingerprints.State(path)
      guard let bytes = try? ImageFile.contents(path: path, maximumPixels: maximumPixels) else { return nil }
      let hash = SHA256Digest(of: bytes)
      files?.remember(path, state, content: hash)
      if let range = known?.range(hash) { return range.picture(path) }
      let options = DecodingOptions(maximumPixels: maximumPixels)
      guard let image = try? ImageFile.decode(bytes, name: path, options: options),
        let picture = WhiteLevelChoice.Picture(name: path, image)
      else { return nil }
      store?.append(hash, SampleRange(picture))
      return picture
    }
    store?.flush()
    files?.flush()
    let late = Dictionary(uniqueKeysWithValues: zip(open, decoded))
    return paths.indices.compactMap { index in
      if case .known(let picture) = looks[index] { return (index, picture) }
      return late[index]?.map { (index, $0) }
    }
  }

}

/// What the cache keeps of a file: 8 bytes.
private struct SampleRange {
  let bits: UInt64

  static let ofEightBits = SampleRange(stored: .max)

  init(_ picture: WhiteLevelChoice.Picture) {
    let depth = picture.depth
    bits =
      UInt64(picture.largest) | UInt64(depth.full) << 16 | UInt64(depth.white ?? 0) << 32
      | UInt64(depth.significantBits ?? 0) << 48
  }

  init(stored bits: UInt64) { self.bits = bits }

  /// nil for a file of 8 bits.
  func picture(_ name: String) -> WhiteLevelChoice.Picture? {
    guard bits != Self.ofEightBits.bits else { return nil }
    func part(_ shift: Int) -> Int { Int(bits >> shift & 0xFFFF) }
    func known(_ value: Int) -> Int? { value == 0 ? nil : value }
    return WhiteLevelChoice.Picture(
      name: name, depth: SampleDepth(full: part(16), white: known(part(32)), significantBits: known(part(48))),
      largest: part(0))
  }
}

extension RecordStore {
  fileprivate func append(_ hash: SHA256Digest, _ range: SampleRange) {
    withUnsafeBytes(of: range.bits) { append(hash, $0) }
  }
}

extension RecordSnapshot {
  fileprivate func range(_ hash: SHA256Digest) -> SampleRange? {
    withUnsafeTemporaryAllocation(byteCount: 8, alignment: 8) { buffer in
      copy(hash, into: buffer) ? SampleRange(stored: buffer.load(as: UInt64.self)) : nil
    }
  }
}
