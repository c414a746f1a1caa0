package import AssayData

/// Which rows are trained on, validated with and tested on.
package struct TrainingSplit {
  package let training: [Int]
  package let validation: [Int]
  package let test: [Int]
  /// Rows behind the held-out predictions that calibration and threshold rest on.
  package let heldOutRows: [Int]
  package let heldOutBasis: String
  /// A test set was wanted, but it would have had too few images, or none of some class.
  package let isTooSmallToTest: Bool

  package init(_ data: ExtractedDataset, _ options: TrainingOptions) {
    self.init(samples: data.samples, hashes: data.hashes, labels: [data.labels], options)
  }

  /// - Parameter labels: for each task, the class of each sample; nil where it is not known.
  package init(samples: [Sample], hashes: [String], labels: [[Int?]], _ options: TrainingOptions) {
    let isAdam = options.solver != .lbfgs
    let (splits, isTooSmall) = options.splits(samples, hashes: hashes, labels: labels)
    isTooSmallToTest = isTooSmall
    func rows(_ split: Split) -> [Int] { splits.indices.filter { splits[$0] == split } }
    training = rows(.train)
    validation = rows(.validation)
    test = rows(.test)
    heldOutRows = isAdam ? validation : (training + validation).sorted()
    heldOutBasis = isAdam ? "validation" : "cross-validation"
  }

  /// A few chosen images to learn from.
  /// - Parameters:
  ///   - support: rows to train on.
  ///   - heldOut: those of them behind held-out predictions, judged by models fitted without them.
  package init(support: [Int], heldOut: [Int], basis: String, test: [Int]) {
    training = support
    validation = []
    self.test = test
    heldOutRows = heldOut
    heldOutBasis = basis
    isTooSmallToTest = false
  }

  /// Of some of the rows that another division is about.
  /// - Parameter rows: in the order in which they are counted here.
  package init(_ whole: TrainingSplit, of rows: [Int]) {
    let places = Dictionary(uniqueKeysWithValues: rows.enumerated().map { ($1, $0) })
    func own(_ others: [Int]) -> [Int] { others.compactMap { places[$0] } }
    training = own(whole.training)
    validation = own(whole.validation)
    test = own(whole.test)
    heldOutRows = own(whole.heldOutRows)
    heldOutBasis = whole.heldOutBasis
    isTooSmallToTest = whole.isTooSmallToTest
  }

  /// L-BFGS cross-validates, so validation images are trained on too.
  package func trained(_ solver: HeadSolver) -> [Int] {
    solver == .lbfgs ? (training + validation).sorted() : training
  }
}

extension TrainingOptions {
  /// Fewest test images, on the average of the classes, for which figures are worth a test set. One rare class does not cost
  /// the others theirs.
  package static let fewestTested = 5

  /// The split of each sample.
  /// - Parameter labels: for each task, the class of each sample; nil where it is not known.
  package func splits<Label: Hashable>(
    _ samples: [Sample], hashes: [String], labels: [[Label?]]
  ) -> (splits: [Split], isTooSmallToTest: Bool) {
    var rule = split
    rule.seed = seed
    let splits = rule.assign(samples: samples, hashes: hashes)
    let isGiven = samples.contains { $0.split == .test }
    guard !isGiven, rule.test > 0 else { return (splits, false) }
    let tested = splits.indices.filter { splits[$0] == .test }
    let isTooSmallFor = labels.map { own in
      let classes = Set(own.compactMap { $0 })
      let isMissing = classes.contains { label in
        rule.share(of: own.count { $0 == label }) > 0 && !tested.contains { own[$0] == label }
      }
      return isMissing || tested.count { own[$0] != nil } < Self.fewestTested * classes.count
    }
    guard isTooSmallFor.contains(true) || tested.count < Self.fewestTested else { return (splits, false) }
    rule.test = 0
    return (rule.assign(samples: samples, hashes: hashes), true)
  }
}
