/// Divides samples into train, validation and test.
///
/// Each sample is placed by a hash of its content (or its group) and the seed alone. So the same image has the same place
/// whatever is added or removed, and what belongs together (a group, copies of one photograph) has the place of its first
/// member: adding a copy can bring its set into the test, and never out of it. The price is that the shares are met on
/// average and not exactly. A class that is left short of test images takes its next hashes (see ``assign``).
public struct SplitRule: Sendable, Hashable {
  public var seed: UInt64
  /// Shares, 0..<1; their sum is below 1.
  public var validation: Double
  public var test: Double

  /// From so many test images on a class is not short, whatever its share: chance decides between 18 and 22 of 100, and
  /// leaves every image in its place.
  static let enough = 20
  /// From so many images on a class has at least one of them in the test.
  private static let fewestTested = 5
  private static let fewestTrained = 2

  public init(seed: UInt64 = 0, validation: Double = 0.15, test: Double = 0.2) {
    self.seed = seed
    self.validation = validation
    self.test = test
  }

  /// - Parameter key: the sample's group, else its content hash.
  public func split(for key: String) -> Split { split(at: position(key), test: test) }

  private func position(_ key: String) -> Double { KeyedHash.uniform(seed: seed, purpose: "split", key: key) }

  private func split(at position: Double, test: Double) -> Split {
    position < test ? .test : position < test + validation ? .validation : .train
  }

  /// Test images that a class of so many has at least.
  public func share(of count: Int) -> Int { Self.least(test, of: count) }

  private static func least(_ share: Double, of count: Int) -> Int {
    guard share > 0 else { return 0 }
    return max(min(Int((share * Double(count)).rounded(.down)), enough), count >= fewestTested ? 1 : 0)
  }

  /// Splits for all samples.
  ///
  /// - Splits that the data gives are kept; what belongs together with such a sample goes along. Where the data gives a
  ///   test set, no further test images are drawn; where it gives a validation set, no further validation images.
  /// - A class with fewer test images than its ``share(of:)`` takes those of its images whose hashes come next. These alone
  ///   depend on the other images: when so many are added that the class has its share without them, they may go back. So
  ///   it is with validation images, from what is not in the test.
  /// - Every class keeps at least two training images, if it has them: those that the hash puts nearest to the training
  ///   side.
  /// - Parameters:
  ///   - hashes: content hash of each sample.
  ///   - kept: content hashes of images that were in an earlier test and stay there.
  public func assign(samples: [Sample], hashes: [String], keeping kept: Set<String> = []) -> [Split] {
    precondition(samples.count == hashes.count)
    var rule = self
    if samples.contains(where: { $0.split == .test }) { rule.test = 0 }
    if samples.contains(where: { $0.split == .validation }) { rule.validation = 0 }
    var assignment = SplitAssignment(samples: samples, hashes: hashes) { index in
      position(samples[index].group.map { "group \($0)" } ?? hashes[index])
    }
    assignment.place(keeping: kept) { rule.split(at: $0, test: $1 ? rule.test : 0) }
    if rule.test > 0 { assignment.topUp(.test, rule.share) }
    if rule.validation > 0 { assignment.topUp(.validation) { Self.least(rule.validation, of: $0) } }
    assignment.keepTraining(Self.fewestTrained)
    return assignment.splits
  }
}
