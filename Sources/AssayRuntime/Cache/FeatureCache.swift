import AssayBase
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

  /// Asks for room on the disk before long work writes there; for it, what nobody uses is removed, the least recently used first.
  /// - Parameter fingerprint: of the store that will be written.
  /// - Throws: ``RuntimeError`` with what is needed and what there is.
  func checkRoom(for bytes: Int, of fingerprint: SHA256Digest) throws(RuntimeError) {
    // A little for what else is written on the way.
    let needed = bytes + bytes / 50 + (16 << 20)
    guard let free = DiskSpace.free(folder), free < needed else { return }
    evict(keeping: "\(fingerprint.hex.prefix(24)).features") { (DiskSpace.free(folder) ?? .max) < needed }
    let left = DiskSpace.free(folder) ?? .max
    guard left < needed else { return }
    throw RuntimeError(
      operation: "keep what the network computes in \(folder)",
      cause: "\(DiskSpace.text(needed)) are needed there and \(DiskSpace.text(left)) are free",
      remedy: "free room, or name a folder on another disk with --cache; nothing was computed yet")
  }

  /// Content hashes by path, size and times, so that a second run need not read the images.
  func fingerprints() -> RecordStore {
    RecordStore(path: "\(folder)/files.hashes", payloadSize: 32, limit: 256 << 20)
  }

  /// How far the samples of pictures reach, by content.
  func sampleRanges() -> RecordStore {
    RecordStore(path: "\(folder)/pictures.ranges", payloadSize: 8, limit: 64 << 20)
  }

  /// Removes the least recently used segments until the folder is within its limit.
  private func evict(keeping name: String) {
    var total = segments().reduce(0) { $0 + $1.size }
    evict(keeping: name, isFreed: { total -= $0 }, while: { total > limit })
  }

  /// Removes segments as long as that is wanted. One that this or another process has in use is passed over: it goes at the next
  /// occasion.
  private func evict(
    keeping name: String, isFreed: (Int) -> Void = { _ in }, while isWanted: () -> Bool
  ) {
    for segment in segments() where segment.name != name {
      guard isWanted() else { return }
      if CacheFile.removeUnused("\(folder)/\(segment.name)") { isFreed(segment.size) }
    }
  }

  /// The least recently used first.
  private func segments() -> [(name: String, size: Int, used: timespec)] {
    // No folder yet: no segments.
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.filter { $0.hasSuffix(".features") }.compactMap { name in
      var status = stat()
      guard lstat("\(folder)/\(name)", &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
      return (name: name, size: Int(status.st_size), used: status.st_mtim)
    }.sorted { ($0.used.tv_sec, $0.used.tv_nsec) < ($1.used.tv_sec, $1.used.tv_nsec) }
  }
}
