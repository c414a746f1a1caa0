/// Sets of images that belong together because some of them are copies of one photograph.
public enum CopySets {
  /// Names the set of each sample that is a near copy of another one.
  ///
  /// A set grows over everything that keeps its members together: near copies, files with the same bytes, and groups that the
  /// data gives. Its name is the smallest content hash in it, so it depends on the images and not on their order.
  /// - Parameters:
  ///   - hashes: content hash of each sample; nil for one that cannot be read.
  ///   - pairs: near copies, by index.
  /// - Returns: the samples with their ``Sample/copies``.
  public static func marked(_ samples: [Sample], hashes: [String?], pairs: [(Int, Int)]) -> [Sample] {
    precondition(samples.count == hashes.count)
    guard !pairs.isEmpty else { return samples }
    var sets = UnionFind<Int>()
    var first: [String: Int] = [:]
    for index in samples.indices {
      for name in [hashes[index].map { "key " + $0 }, samples[index].group.map { "group " + $0 }].compactMap({ $0 }) {
        if let other = first[name] { sets.join(other, index) } else { first[name] = index }
      }
    }
    for (a, b) in pairs { sets.join(a, b) }
    var names: [Int: String] = [:]
    for (a, _) in pairs { names[sets.root(a)] = "" }
    for index in samples.indices {
      let root = sets.root(index)
      guard let known = names[root], let hash = hashes[index] else { continue }
      names[root] = known.isEmpty ? hash : min(known, hash)
    }
    return samples.indices.map { index in
      var sample = samples[index]
      sample.copies = names[sets.root(index)]
      return sample
    }
  }
}
