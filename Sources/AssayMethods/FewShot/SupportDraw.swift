import AssayBase
import AssayData
import AssayLearning

/// Which images a few-shot classifier may learn from, and those drawn of them.
package struct SupportDraw {
  /// Rows to learn from, ascending.
  package let support: [Int]
  /// Rows to test on: none of a copy or a group that is learned from.
  package let test: [Int]

  /// - Parameters:
  ///   - candidates: rows that may be learned from.
  ///   - tested: rows to test on; nil for all candidates that are not drawn.
  ///   - shots: different images of each class, or all where there are fewer; nil for all of all classes.
  ///   - seed: the draw depends on it and on the images' contents, not on their order.
  package init(_ data: ExtractedDataset, among candidates: [Int], tested: [Int]?, shots: Int?, seed: UInt64) {
    let hashes = data.hashes
    let drawn =
      if let shots {
        data.dataset.classes.indices.flatMap { label in
          var generator = SplitMix64(seed: seed &* 0x9E37_79B9_7F4A_7C15 &+ UInt64(label))
          var seen = Set<String>()
          let own = candidates.filter { data.labels[$0] == label }.sorted { (hashes[$0], $0) < (hashes[$1], $1) }
            .filter { seen.insert(hashes[$0]).inserted }
          return Array(own.shuffled(using: &generator).prefix(shots))
        }
      } else { candidates }
    support = drawn.sorted()
    let known = Set(drawn.map { hashes[$0] })
    let groups = Set(drawn.compactMap { data.samples[$0].unit })
    let rows = Set(drawn)
    test = (tested ?? candidates).filter { row in
      !rows.contains(row) && !known.contains(hashes[row])
        && data.samples[row].unit.map { !groups.contains($0) } ?? true
    }
  }
}
