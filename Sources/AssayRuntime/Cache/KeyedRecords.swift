public import AssayBase

/// Small records of one size in the feature cache's folder, for whatever else is worth knowing of an image.
public struct KeyedRecords: Sendable {
  private let store: RecordStore
  private let known: RecordSnapshot

  /// - Parameters:
  ///   - name: of the file; another one for each meaning.
  ///   - payloadSize: bytes of a record.
  ///   - limit: the file grows no larger than this many bytes.
  public init(_ cache: FeatureCache, name: String, payloadSize: Int, limit: Int) {
    store = RecordStore(path: "\(cache.folder)/\(name)", payloadSize: payloadSize, limit: limit)
    known = store.snapshot()
  }

  /// What was kept before this value was made.
  public func value(_ key: SHA256Digest) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: store.payloadSize)
    return bytes.withUnsafeMutableBytes { known.copy(key, into: $0) } ? bytes : nil
  }

  public func keep(_ bytes: [UInt8], _ key: SHA256Digest) { bytes.withUnsafeBytes { store.append(key, $0) } }

  /// Writes out what was kept.
  public func flush() { store.flush() }
}
