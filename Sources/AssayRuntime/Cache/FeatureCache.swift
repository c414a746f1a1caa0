import Foundation

/// Features on disk, so that a frozen backbone runs over an image once and never again.
///
/// Keyed by the image's content, the feature graph (backbone, weights, taps, size) and the preprocessing: whatever would
/// change a feature changes the key. Safe with several processes; bounded in size.
public struct FeatureCache: Sendable {
  /// `${XDG_CACHE_HOME:-~/.cache}/assay`
  public static var defaultFolder: String {
    let environment = ProcessInfo.processInfo.environment
    let base = environment["XDG_CACHE_HOME"].flatMap { $0.isEmpty ? nil : $0 }
    return (base ?? NSHomeDirectory() + "/.cache") + "/assay"
  }

  public let folder: String
  /// Bytes; the least recently used segments are removed first.
  public let limit: Int

  /// - Parameter folder: nil for the default, `features` in ``defaultFolder``.
  public init(folder: String? = nil, limit: Int = 4 << 30) {
    self.folder = folder ?? Self.defaultFolder + "/features"
    self.limit = limit
  }

  /// The store for one graph and preprocessing.
  func features(_ fingerprint: SHA256Digest, dimension: Int) -> RecordStore {
    let name = "\(fingerprint.hex.prefix(24)).features"
    evict(keeping: name)
    return RecordStore(path: "\(folder)/\(name)", payloadSize: dimension * 4, limit: limit)
  }

  /// The store for patches. They are needed in the same run, so that the limit does not keep them out; they go first when
  /// something else needs the room.
  func patches(_ fingerprint: SHA256Digest, bytes: Int) -> RecordStore {
    let name = "\(fingerprint.hex.prefix(24)).features"
    evict(keeping: name)
    return RecordStore(path: "\(folder)/\(name)", payloadSize: bytes, limit: .max)
  }

  /// Content hashes by path, size and times, so that a second run need not read the images.
  func fingerprints() -> RecordStore {
    RecordStore(path: "\(folder)/files.hashes", payloadSize: 32, limit: 256 << 20)
  }

  /// How far the samples of pictures reach, by content.
  func sampleRanges() -> RecordStore {
    RecordStore(path: "\(folder)/pictures.ranges", payloadSize: 8, limit: 64 << 20)
  }

  /// Removes the least recently used segments until the folder is within its limit. A segment that another process has
  /// open stays readable to it.
  private func evict(keeping name: String) {
    let files = FileManager.default
    let names = ((try? files.contentsOfDirectory(atPath: folder)) ?? []).filter { $0.hasSuffix(".features") }
    var segments = names.compactMap { name -> (name: String, size: Int, used: Int)? in
      var status = stat()
      return stat("\(folder)/\(name)", &status) == 0
        ? (name, Int(status.st_size), status.st_mtim.tv_sec) : nil
    }
    var total = segments.reduce(0) { $0 + $1.size }
    segments.sort { $0.used < $1.used }
    for segment in segments where total > limit && segment.name != name {
      unlink("\(folder)/\(segment.name)")
      total -= segment.size
    }
  }
}

/// Content hashes of files that have not changed since they were hashed.
struct FileFingerprints: Sendable {
  private let store: RecordStore
  private let known: RecordSnapshot

  init(_ store: RecordStore) {
    self.store = store
    known = store.snapshot()
  }

  /// What identifies a state of a file without reading it. A file changed less than two seconds ago is not trusted: the
  /// next change could fall into the same tick of the clock.
  private func key(_ path: String) -> SHA256Digest? {
    var status = stat()
    guard stat(path, &status) == 0, time(nil) - status.st_mtim.tv_sec > 2 else { return nil }
    let text =
      "\(path)\0\(status.st_dev)\0\(status.st_ino)\0\(status.st_size)\0\(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec)"
      + "\0\(status.st_ctim.tv_sec).\(status.st_ctim.tv_nsec)"
    return SHA256Digest(of: Array(text.utf8))
  }

  func content(of path: String) -> SHA256Digest? {
    guard let key = key(path) else { return nil }
    return withUnsafeTemporaryAllocation(byteCount: 32, alignment: 8) { buffer in
      known.copy(key, into: buffer) ? SHA256Digest(UnsafeRawBufferPointer(buffer)) : nil
    }
  }

  func remember(_ path: String, content: SHA256Digest) {
    guard let key = key(path) else { return }
    content.bytes.withUnsafeBytes { store.append(key, $0) }
  }

  func flush() { store.flush() }
}
