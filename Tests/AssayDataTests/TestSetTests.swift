import AssayData
import Testing

/// Which images are the test, and which of them may ever leave it.
@Suite struct TestSetTests {
  private func samples(_ names: [String], label: String = "a") -> [Sample] {
    names.map { Sample(path: "/\($0)", name: $0, label: label) }
  }

  private func keys(_ samples: [Sample]) -> [String] { samples.map { "hash of \($0.name)" } }

  /// The hash's number, by asking from which share on it is in the test.
  private func position(_ key: String, seed: UInt64) -> Double {
    var (low, high) = (0.0, 1.0)
    for _ in 0..<40 {
      let middle = (low + high) / 2
      if SplitRule(seed: seed, validation: 0, test: middle).split(for: key) == .test {
        high = middle
      } else {
        low = middle
      }
    }
    return high
  }

  private func tested(_ samples: [Sample], seed: UInt64, keeping kept: Set<String> = []) -> Set<String> {
    let keys = keys(samples)
    let splits = SplitRule(seed: seed).assign(samples: samples, hashes: keys, keeping: kept)
    return Set(zip(keys, splits).filter { $1 == .test }.map(\.0))
  }

  @Test func aShortClassTakesItsNextHashes() {
    var wasShort = 0
    for seed in UInt64(0)..<60 {
      let own = samples((0..<32).map { "rare\($0)" }, label: "rare") + samples((0..<300).map { "\($0)" })
      let rare = keys(own).prefix(32).sorted { position($0, seed: seed) < position($1, seed: seed) }
      let byHash = rare.count { position($0, seed: seed) < 0.2 }
      // A fifth of 32 is 6.4: six at least.
      wasShort += byHash < 6 ? 1 : 0
      #expect(tested(own, seed: seed).intersection(rare) == Set(rare.prefix(max(6, byHash))))
    }
    #expect(wasShort > 10, "chance leaves one in three short")
  }

  @Test(arguments: [(4, 0), (5, 1), (9, 1), (10, 2), (32, 6), (99, 19), (100, 20), (5000, 20)])
  func share(count: Int, least: Int) {
    #expect(SplitRule().share(of: count) == least)
  }

  @Test func noClassIsLeftShort() {
    for seed in UInt64(0)..<20 {
      let sizes = [5, 8, 14, 32, 60, 100, 400]
      let own = sizes.flatMap { size in samples((0..<size).map { "\(size) \($0)" }, label: "\(size)") }
      let splits = SplitRule(seed: seed).assign(samples: own, hashes: keys(own))
      for size in sizes {
        let test = zip(own, splits).count { $0.label == "\(size)" && $1 == .test }
        #expect(test >= min(size / 5, 20))
        let validation = zip(own, splits).count { $0.label == "\(size)" && $1 == .validation }
        // Of five, chance may leave training and test no more than they need.
        if size > 5 { #expect(validation >= max(1, min(size * 15 / 100, 20)), "the test takes none of them away") }
        #expect(zip(own, splits).count { $0.label == "\(size)" && $1 == .train } >= 2)
      }
    }
  }

  /// The documented rule: whoever is in the test by its own hash stays whatever is added; of those that filled up a short
  /// class, some may go back when it has enough without them.
  @Test func onlyWhatFilledUpMayGoBack() {
    for seed in UInt64(0)..<40 {
      let first = samples((0..<40).map { "a\($0)" }) + samples((0..<150).map { "b\($0)" }, label: "b")
      var before = tested(first, seed: seed)
      for more in [5, 20, 60, 200] {
        let later = first + samples((0..<more).map { "new\($0)" }) + samples((0..<more).map { "x\($0)" }, label: "b")
        let after = tested(later, seed: seed)
        for left in before.subtracting(after) { #expect(position(left, seed: seed) >= 0.2) }
        before = after
      }
    }
  }

  @Test func whatIsKeptStays() {
    for seed in UInt64(0)..<20 {
      let first = samples((0..<40).map { "a\($0)" })
      let before = tested(first, seed: seed)
      let later = first + samples((0..<60).map { "new\($0)" })
      #expect(tested(later, seed: seed, keeping: before).isSuperset(of: before))
    }
  }

  @Test func aCopyNeverTakesItsSetOutOfTheTest() {
    for seed in UInt64(0)..<40 {
      let first = samples((0..<100).map { "\($0)" })
      let later = first + samples(["copy of 3", "copy of 50", "link of 4", "link of 60"])
      let all = keys(later)
      // The last two are copies of one another too: they join two photographs.
      let marked = CopySets.marked(
        later, hashes: all, pairs: [(3, 100), (50, 101), (4, 102), (60, 103), (102, 103)])
      let splits = SplitRule(seed: seed).assign(samples: marked, hashes: all)
      for left in tested(first, seed: seed).subtracting(zip(all, splits).filter { $1 == .test }.map(\.0)) {
        #expect(position(left, seed: seed) >= 0.2)
      }
      for set in [[3, 100], [50, 101], [4, 60, 102, 103]] { #expect(Set(set.map { splits[$0] }).count == 1) }
    }
  }
}
