/// The splits of a data set's samples while they are decided, a unit (``SampleUnits``) at a time.
struct SplitAssignment {
  private(set) var splits: [Split]
  private let samples: [Sample]
  private let hashes: [String]
  private let units: [Unit]
  /// Classes that each sample counts for.
  private let labels: [Set<String>]
  private var isKept: [Bool]

  private struct Unit {
    let members: [Int]
    /// The least of its members' positions, 0..<1.
    let position: Double
    /// No member has a split that the data gives.
    let isFree: Bool
  }

  /// - Parameter position: of a sample, 0..<1.
  init(samples: [Sample], hashes: [String], position: (Int) -> Double) {
    self.samples = samples
    self.hashes = hashes
    splits = samples.map { $0.split ?? .train }
    labels = samples.map { Set($0.countedLabels).union($0.singleLabels) }
    let found = SampleUnits(groups: samples.map(\.unit), keys: hashes)
    units = found.members.map { members in
      Unit(
        members: members, position: members.map(position).min() ?? 1,
        isFree: members.allSatisfy { samples[$0].split == nil })
    }.sorted { $0.position < $1.position }
    isKept = [Bool](repeating: false, count: units.count)
  }

  /// By position; what belongs together with a sample that the data places goes along with it.
  /// - Parameter split: of a position, and whether it may be the test.
  mutating func place(keeping kept: Set<String>, _ split: (Double, Bool) -> Split) {
    for (number, unit) in units.enumerated() {
      let given = Set(unit.members.compactMap { samples[$0].split })
      isKept[number] = unit.isFree && unit.members.contains { kept.contains(hashes[$0]) }
      // Training images that the data gives may be drawn from for a missing validation set.
      let drawn = isKept[number] ? .test : split(unit.position, unit.isFree)
      for member in unit.members {
        switch samples[member].split {
        case .test, .validation: continue
        case .train: splits[member] = given == [.train] ? drawn : .train
        case nil: splits[member] = given.contains(.test) ? .test : given.contains(.validation) ? .validation : drawn
        }
      }
    }
  }

  /// Classes with too few images in a split take their next units into it; none is taken out of the test.
  mutating func topUp(_ split: Split, _ share: (Int) -> Int) {
    for label in Set(labels.joined()).sorted() {
      let own = units.indices.filter { units[$0].isFree && units[$0].members.contains { labels[$0].contains(label) } }
      func count(_ unit: Int) -> Int { units[unit].members.count { labels[$0].contains(label) } }
      let all = own.reduce(0) { $0 + count($1) }
      var missing = share(all) - own.filter { isIn(split, $0) }.reduce(0) { $0 + count($1) }
      for unit in own where missing > 0 && !isIn(split, unit) && !isIn(.test, unit) {
        move(unit, to: split)
        missing -= count(unit)
      }
    }
  }

  /// Classes with too few training images get some back, those last in the order of the test.
  mutating func keepTraining(_ fewest: Int) {
    for label in Set(labels.joined()).sorted() {
      let own = samples.indices.filter { labels[$0].contains(label) }
      var missing = min(fewest, own.count) - own.count { splits[$0] == .train }
      guard missing > 0 else { continue }
      for (number, unit) in units.enumerated().reversed() where missing > 0 && !isKept[number] {
        // Of a unit that the data divides, only what it does not place.
        let movable = unit.members.filter {
          splits[$0] != .train && (samples[$0].split == nil || samples[$0].split == .train)
        }
        guard movable.contains(where: { labels[$0].contains(label) }) else { continue }
        for member in movable {
          if labels[member].contains(label) { missing -= 1 }
          splits[member] = .train
        }
      }
    }
  }

  private func isIn(_ split: Split, _ unit: Int) -> Bool { units[unit].members.allSatisfy { splits[$0] == split } }

  private mutating func move(_ unit: Int, to split: Split) {
    for member in units[unit].members { splits[member] = split }
  }
}
