/// Divides samples into train, validation and test.
///
/// Each sample is placed by a hash of its content (or its group) and the seed alone. So the same image lands in the same
/// split whatever is added or removed, and exact copies land together. The price is that the shares are met on average,
/// for each class, and not exactly; a class that would be left without training images gets some (see ``assign``).
public struct SplitRule: Sendable, Hashable {
  public var seed: UInt64
  /// Shares, 0..<1; their sum is below 1.
  public var validation: Double
  public var test: Double

  public init(seed: UInt64 = 0, validation: Double = 0.15, test: Double = 0.2) {
    self.seed = seed
    self.validation = validation
    self.test = test
  }

  /// - Parameter key: the sample's group, else its content hash.
  public func split(for key: String) -> Split {
    split(at: position(key), validation: validation, test: test)
  }

  private func position(_ key: String) -> Double { KeyedHash.uniform(seed: seed, purpose: "split", key: key) }

  private func split(at position: Double, validation: Double, test: Double) -> Split {
    position < test ? .test : position < test + validation ? .validation : .train
  }

  /// Splits for all samples.
  ///
  /// Splits that the data gives are kept. Where the data gives a test set, no further test images are drawn; where it
  /// gives a validation set, no further validation images. Every class keeps at least two training images, if it has
  /// them: those that the hash puts nearest to the training side.
  /// - Parameter hashes: content hash of each sample.
  public func assign(samples: [Sample], hashes: [String]) -> [Split] {
    precondition(samples.count == hashes.count)
    let hasTest = samples.contains { $0.split == .test }
    let hasValidation = samples.contains { $0.split == .validation }
    let positions = zip(samples, hashes).map { position($0.group.map { "group \($0)" } ?? $1) }
    var result = samples.indices.map { index in
      if let given = samples[index].split, given != .train { return given }
      return split(
        at: positions[index], validation: hasValidation ? 0 : validation,
        test: hasTest || samples[index].split == .train ? 0 : test)
    }
    for label in Set(samples.compactMap(\.label)).sorted() {
      let own = samples.indices.filter { samples[$0].label == label }
      var missing = min(2, own.count) - own.count { result[$0] == .train }
      // Whole groups and copies move together, since they share a position.
      let candidates = own.filter { samples[$0].split == nil || samples[$0].split == .train }
        .filter { result[$0] != .train }.sorted { positions[$0] > positions[$1] }
      for index in candidates where missing > 0 && result[index] != .train {
        for other in samples.indices where positions[other] == positions[index] {
          if result[other] != .train, samples[other].label == label { missing -= 1 }
          if samples[other].split == nil || samples[other].split == .train { result[other] = .train }
        }
      }
    }
    return result
  }
}
