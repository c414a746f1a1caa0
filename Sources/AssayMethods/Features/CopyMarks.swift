public import AssayBase
public import AssayData
public import AssayRuntime

/// Marks samples that are near copies of one another, so that splits and folds keep them together.
public enum CopyMarks {
  /// - Parameters:
  ///   - hashes: content hash of each sample; nil for one that cannot be read.
  ///   - cache: remembers what was found, so that a second run decodes nothing.
  ///   - progress: called with the images looked at.
  /// - Returns: the samples with their `copies`.
  public static func marked(
    _ samples: [Sample], hashes: [String?], maximumPixels: Int, cache: FeatureCache?,
    progress: @escaping ProgressHandler = { _ in }
  ) -> [Sample] {
    let records = cache.map(CopyRecords.init)
    let search = CopySearch(
      paths: samples.map(\.path), hashes: hashes, maximumPixels: maximumPixels, cache: records)
    let pairs = search.pairs { progress(WorkProgress("copies", $0, $1)) }
    records?.flush()
    return CopySets.marked(samples, hashes: hashes, pairs: pairs)
  }
}

/// What is known of copies, in the feature cache's folder.
private struct CopyRecords: CopyCache {
  private let fingerprints: KeyedRecords
  private let verdicts: KeyedRecords

  init(_ cache: FeatureCache) {
    fingerprints = KeyedRecords(
      cache, name: "copies.fingerprints", payloadSize: CopySearch.fingerprintSize, limit: 512 << 20)
    verdicts = KeyedRecords(cache, name: "copies.verdicts", payloadSize: 1, limit: 64 << 20)
  }

  func fingerprint(of hash: String) -> [UInt8]? { SHA256Digest(hex: hash).flatMap(fingerprints.value) }

  func keep(_ fingerprint: [UInt8], of hash: String) {
    if let key = SHA256Digest(hex: hash) { fingerprints.keep(fingerprint, key) }
  }

  func verdict(_ first: String, _ second: String) -> Bool? {
    verdicts.value(key(first, second)).map { $0 == [1] }
  }

  func keep(_ verdict: Bool, _ first: String, _ second: String) { verdicts.keep([verdict ? 1 : 0], key(first, second)) }

  func flush() {
    fingerprints.flush()
    verdicts.flush()
  }

  /// The version stands for how copies are told.
  private func key(_ first: String, _ second: String) -> SHA256Digest {
    SHA256Digest(of: Array("1 \(min(first, second)) \(max(first, second))".utf8))
  }
}
