import AssayBase

/// For each keypoint of a data set the most similar ones of other pictures.
///
/// Multi-index hashing (Norouzi, Punjani and Fleet 2012): descriptors that differ in few of 64 bits are likely to agree in
/// one of four words of 16 bits, so only those with a word in common are compared. Where a word is common to very many, as
/// it is at a place that all photographs of one part share, they are compared along the order of their other bits only: the
/// work grows with the number of pictures and not with its square, whatever the pictures show.
struct DescriptorIndex {
  /// Rows of the store, ``FingerprintStore/descriptors``; ``none`` where there is nothing similar.
  private(set) var nearest: [UInt32]
  private var distances: [UInt8]

  static let kept = 2
  static let none = UInt32.max
  private static let words = 4
  /// Bits that may differ.
  private static let limit: UInt8 = 16
  /// Rows that a row is compared with in one word, at most.
  private static let window = 128

  init(_ store: FingerprintStore) {
    nearest = [UInt32](repeating: Self.none, count: store.descriptors.count * Self.kept)
    distances = [UInt8](repeating: Self.limit + 1, count: store.descriptors.count * Self.kept)
    for word in 0..<Self.words { search(store, word) }
  }

  private mutating func search(_ store: FingerprintStore, _ word: Int) {
    let shift = UInt64(word * 16)
    var starts = [UInt32](repeating: 0, count: 65_537)
    for picture in 0..<store.count {
      for row in store.range(picture) { starts[Int(store.descriptors[row] >> shift & 0xFFFF) + 1] += 1 }
    }
    for key in 0..<65_536 { starts[key + 1] += starts[key] }
    var rows = [UInt32](repeating: 0, count: Int(starts[65_536]))
    var next = starts
    for picture in 0..<store.count {
      for row in store.range(picture) {
        let key = Int(store.descriptors[row] >> shift & 0xFFFF)
        rows[Int(next[key])] = UInt32(row)
        next[key] += 1
      }
    }
    // A row is in one bucket of a word, so buckets can be searched side by side.
    store.descriptors.withUnsafeBufferPointer { descriptors in
      rows.withUnsafeMutableBufferPointer { rows in
        nearest.withUnsafeMutableBufferPointer { nearest in
          distances.withUnsafeMutableBufferPointer { distances in
            let bucket = Bucket(
              descriptors: descriptors, rows: rows, nearest: nearest, distances: distances, shift: shift)
            let starts = starts
            ParallelLoop.run(256) { part in
              for key in part * 256..<part * 256 + 256 { bucket.search(Int(starts[key])..<Int(starts[key + 1])) }
            }
          }
        }
      }
    }
  }

  /// Rows with one word in common. Unchecked, since ranges of different buckets are searched at once: they share no row.
  private struct Bucket: @unchecked Sendable {
    let descriptors: UnsafeBufferPointer<UInt64>
    let rows: UnsafeMutableBufferPointer<UInt32>
    let nearest: UnsafeMutableBufferPointer<UInt32>
    let distances: UnsafeMutableBufferPointer<UInt8>
    let shift: UInt64

    func search(_ range: Range<Int>) {
      guard range.count > 1 else { return }
      if range.count > DescriptorIndex.window {
        // The order of the other words, from the next one on.
        func rest(_ row: UInt32) -> UInt64 {
          let bits = descriptors[Int(row)]
          return bits >> shift | bits << ((64 - shift) & 63)
        }
        var own = UnsafeMutableBufferPointer(rebasing: rows[range])
        own.sort { (rest($0), $0) < (rest($1), $1) }
      }
      for at in range {
        let row = Int(rows[at])
        let bits = descriptors[row]
        for other in at + 1..<max(at + 1, min(range.upperBound, at + 1 + DescriptorIndex.window)) {
          let distance = (bits ^ descriptors[Int(rows[other])]).nonzeroBitCount
          guard distance <= DescriptorIndex.limit else { continue }
          let found = Int(rows[other])
          guard row / Fingerprint.capacity != found / Fingerprint.capacity else { continue }
          note(row, found, UInt8(distance))
          note(found, row, UInt8(distance))
        }
      }
    }

    /// Keeps the nearest, and of equally near ones the first, so that the order of the search does not matter.
    private func note(_ row: Int, _ found: Int, _ distance: UInt8) {
      let first = row * DescriptorIndex.kept
      let new = (distance, UInt32(found))
      guard new < (distances[first + 1], nearest[first + 1]), new.1 != nearest[first] else { return }
      if new < (distances[first], nearest[first]) {
        (distances[first + 1], nearest[first + 1]) = (distances[first], nearest[first])
        (distances[first], nearest[first]) = new
      } else {
        (distances[first + 1], nearest[first + 1]) = new
      }
    }
  }
}
