/// Samples that must stay together: those of one group or set of copies, and files with the same bytes.
struct SampleUnits {
  /// The smallest content hash of each, which does not depend on the order of the samples.
  private(set) var names: [String] = []
  /// Indices of the samples of each unit, ascending.
  private(set) var members: [[Int]] = []

  /// - Parameters:
  ///   - groups: nil where a sample stands alone.
  ///   - keys: content hash of each sample.
  init(groups: [String?], keys: [String]) {
    var sets = UnionFind<Int>()
    var first: [String: Int] = [:]
    for index in keys.indices {
      for name in ["key " + keys[index]] + (groups[index].map { ["group " + $0] } ?? []) {
        if let other = first[name] { sets.join(other, index) } else { first[name] = index }
      }
    }
    let found = Dictionary(grouping: keys.indices) { sets.root($0) }.values
    let sorted = found.map { members in (members.map { keys[$0] }.min() ?? "", members) }.sorted { $0.0 < $1.0 }
    names = sorted.map(\.0)
    members = sorted.map(\.1)
  }
}

/// For whoever divides samples by another rule than ``SplitRule``.
public enum SplitUnits {
  /// Indices of samples that must stay together, in an order that does not depend on theirs.
  public static func of(_ samples: [Sample], hashes: [String]) -> [[Int]] {
    SampleUnits(groups: samples.map(\.unit), keys: hashes).members
  }
}
