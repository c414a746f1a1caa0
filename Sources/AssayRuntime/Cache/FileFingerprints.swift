package import AssayBase
import AssayImage
import Foundation

/// Content hashes of files that have not changed since they were hashed.
package struct FileFingerprints: Sendable {
  private let store: RecordStore
  private let known: RecordSnapshot

  package init(_ cache: FeatureCache) {
    store = cache.fingerprints()
    known = store.snapshot()
  }

  /// What identifies a state of a file without reading it.
  package struct State: Hashable, Sendable {
    fileprivate let key: SHA256Digest

    /// - Returns: nil for a file that is not there or changed less than two seconds ago: the next change could fall into the
    ///   same tick of the clock.
    package init?(_ path: String) {
      var status = stat()
      guard stat(path, &status) == 0, time(nil) - status.st_mtim.tv_sec > 2 else { return nil }
      let text =
        "\(path)\0\(status.st_dev)\0\(status.st_ino)\0\(status.st_size)\0\(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec)"
        + "\0\(status.st_ctim.tv_sec).\(status.st_ctim.tv_nsec)"
      key = SHA256Digest(of: Array(text.utf8))
    }
  }

  package func content(of path: String) -> SHA256Digest? { State(path).flatMap(content) }

  package func content(of state: State) -> SHA256Digest? {
    withUnsafeTemporaryAllocation(byteCount: 32, alignment: 8) { buffer in
      known.copy(state.key, into: buffer) ? SHA256Digest(UnsafeRawBufferPointer(buffer)) : nil
    }
  }

  /// - Parameter state: of before the file was read. Unless it is the present one, the content may be that of another state.
  package func remember(_ path: String, _ state: State?, content: SHA256Digest) {
    guard let state, state == State(path) else { return }
    content.bytes.withUnsafeBytes { store.append(state.key, $0) }
  }

  package func flush() { store.flush() }
}
