import AssayData

/// Which rows are trained on, validated with and tested on.
struct Division {
  let training: [Int]
  let validation: [Int]
  let test: [Int]
  /// Rows behind the held-out predictions that calibration and threshold rest on.
  let heldOutRows: [Int]
  let heldOutBasis: String
  /// A test set was wanted, but it would have had too few images, or none of some class.
  let isTooSmallToTest: Bool

  init(_ data: ExtractedDataset, _ options: TrainingOptions) {
    self.init(samples: data.samples, hashes: data.hashes, labels: [data.labels], options)
  }

  /// - Parameter labels: for each task, the class of each sample; nil where it is not known.
  init(samples: [Sample], hashes: [String], labels: [[Int?]], _ options: TrainingOptions) {
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
  init(support: [Int], heldOut: [Int], basis: String, test: [Int]) {
    training = support
    validation = []
    self.test = test
    heldOutRows = heldOut
    heldOutBasis = basis
    isTooSmallToTest = false
  }

  /// Of some of the rows that another division is about.
  /// - Parameter rows: in the order in which they are counted here.
  init(_ whole: Division, of rows: [Int]) {
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
  func trained(_ solver: HeadSolver) -> [Int] {
    solver == .lbfgs ? (training + validation).sorted() : training
  }
}

extension TrainingOptions {
  /// Fewest test images, on the average of the classes, for which figures are worth a test set. One rare class does not cost
  /// the others theirs.
  static let fewestTested = 5

  /// The split of each sample.
  /// - Parameter labels: for each task, the class of each sample; nil where it is not known.
  func splits<Label: Hashable>(
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

/// Sentences that a user should read before trusting a bundle.
enum TrainingWarnings {
  static func list(_ data: ExtractedDataset, _ division: Division) -> [String] {
    var warnings: [String] = []
    warnings += data.notes
    if division.isTooSmallToTest {
      warnings.append(
        "There are too few images of some classes to set a test set aside. All were trained on, and the figures come from "
          + "cross-validation: each image was judged by a model that had not seen it.")
    }
    let hashes = data.hashes
    let tested = Set(division.test)
    if !tested.isEmpty {
      let few = data.dataset.classes.indices.compactMap { label -> String? in
        let count = tested.count { data.labels[$0] == label }
        return count < TrainingOptions.fewestTested ? "\(data.dataset.classes[label]) (\(count))" : nil
      }
      if !few.isEmpty {
        warnings.append(
          "The test has few images of \(few.joined(separator: ", ")); figures of these classes say little.")
      }
    }
    let trainedHashes = Set(hashes.indices.filter { !tested.contains($0) }.map { hashes[$0] })
    let leaks = division.test.count { trainedHashes.contains(hashes[$0]) }
    if leaks > 0 {
      warnings.append(
        "Leak: \(leaks) test images are exact copies of training images, so the figures are too good. Remove the copies."
      )
    }
    let sets = Dictionary(grouping: data.samples.indices.filter { data.samples[$0].copies != nil }) {
      data.samples[$0].copies
    }
    let divided = sets.values.count { members in Set(members.map(tested.contains)).count > 1 }
    if divided > 0 {
      warnings.append(
        "Leak: near copies of \(divided) photographs are on both sides of the test set that the data gives, so the figures "
          + "are too good. `assay data` names them.")
    }
    let byHash = Dictionary(grouping: hashes.indices) { hashes[$0] }
    let conflicts = byHash.values.count { Set($0.map { data.labels[$0] }).count > 1 }
    if conflicts > 0 {
      warnings.append("\(conflicts) images occur twice with different labels. Decide which label is right.")
    }
    for (label, name) in data.dataset.classes.enumerated() {
      let count = data.labels.count { $0 == label }
      if count < 10 { warnings.append("Class \(name) has only \(count) images; its figures say little.") }
    }
    if let warning = data.features.cacheWarning {
      warnings.append("\(warning); the next run computes the features again.")
    }
    return warnings
  }
}
