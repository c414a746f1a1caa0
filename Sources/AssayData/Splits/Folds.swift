public import AssayBase

/// Stratified folds for cross-validation.
public enum Folds {
  public struct Impossible: Error, Sendable, Equatable, CustomStringConvertible {
    public let folds: Int
    public let units: Int

    public var description: String {
      folds < 2
        ? "\(folds) folds: cross-validation needs at least 2"
        : "\(folds) folds cannot be made of \(units) separate images; use fewer folds or add images"
    }
  }

  /// Fold of each sample, 0..<folds.
  ///
  /// Images are dealt out class by class in the order of a keyed hash, so that the counts of a class differ by at most
  /// one between folds, and so do the folds' sizes. The result depends on the seed and the images, not on their order.
  /// A group, or the copies of one image, stay together; then the counts are as even as a greedy choice makes them
  /// (largest group first, into the fold that has the fewest of its classes). A class with fewer images than folds is in
  /// as many folds as it has images.
  /// - Parameters:
  ///   - labels: class of each sample.
  ///   - groups: ``Sample/unit`` of each sample; nil where it stands alone.
  ///   - keys: content hash of each sample.
  public static func stratified(
    labels: [Int], groups: [String?], keys: [String], folds: Int, seed: UInt64
  ) throws(Impossible) -> [Int] {
    precondition(labels.count == groups.count && labels.count == keys.count)
    let units = SampleUnits(groups: groups, keys: keys)
    guard folds >= 2, units.members.count >= folds else { throw Impossible(folds: folds, units: units.members.count) }
    let classCount = (labels.max() ?? 0) + 1
    var counts = [[Int]](repeating: [Int](repeating: 0, count: classCount), count: folds)
    var sizes = [Int](repeating: 0, count: folds)
    var result = [Int](repeating: 0, count: labels.count)
    let order = units.members.indices.map { unit in
      (
        unit: unit, size: units.members[unit].count, label: labels[units.members[unit][0]],
        position: KeyedHash.uniform(seed: seed, purpose: "fold", key: units.names[unit])
      )
    }.sorted { a, b in (-a.size, a.label, a.position) < (-b.size, b.label, b.position) }
    for (unit, _, _, _) in order {
      let own = units.members[unit].map { labels[$0] }
      // Fewest of the unit's classes first, then the smallest fold, then the first.
      let best = (0..<folds).min { a, b in
        let (ca, cb) = (own.reduce(0) { $0 + counts[a][$1] }, own.reduce(0) { $0 + counts[b][$1] })
        return (ca, sizes[a], a) < (cb, sizes[b], b)
      }
      guard let fold = best else { continue }
      for member in units.members[unit] {
        result[member] = fold
        counts[fold][labels[member]] += 1
        sizes[fold] += 1
      }
    }
    return result
  }
}

extension Folds.Impossible: WorkflowFailure {
  public var workflowError: WorkflowError { WorkflowError(.badData, description) }
}
