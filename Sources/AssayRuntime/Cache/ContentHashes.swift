public import AssayBase
import AssayImage
import Foundation
import Synchronization

/// What files hold, by hash.
public enum ContentHashes {
  /// - Parameters:
  ///   - cache: knows the hashes of files that have not changed; the others are read.
  ///   - progress: called with (done, total), one call at a time.
  /// - Returns: one hash a path; nil for a file that cannot be read. Who reads it to learn from it says so.
  public static func of(
    _ paths: [String], cache: FeatureCache?, progress: @escaping @Sendable (Int, Int) -> Void = { _, _ in }
  ) -> [SHA256Digest?] {
    let files = cache.map(FileFingerprints.init)
    let results = Mutex((hashes: [SHA256Digest?](repeating: nil, count: paths.count), done: 0))
    DispatchQueue.concurrentPerform(iterations: paths.count) { index in
      let state = FileFingerprints.State(paths[index])
      var hash = state.flatMap { files?.content(of: $0) }
      if hash == nil, let bytes = try? ImageFile.contents(path: paths[index], maximumPixels: .max) {
        let found = SHA256Digest(of: bytes)
        files?.remember(paths[index], state, content: found)
        hash = found
      }
      let known = hash
      results.withLock { state in
        state.hashes[index] = known
        state.done += 1
        progress(state.done, paths.count)
      }
    }
    files?.flush()
    return results.withLock { $0.hashes }
  }
}
