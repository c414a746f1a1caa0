import AssayData

/// Which rows are trained on, validated with and tested on.
struct Division {
  let training: [Int]
  let validation: [Int]
  let test: [Int]
  /// Rows behind the held-out predictions that calibration and threshold rest on.
  let heldOutRows: [Int]
  let heldOutBasis: String
  /// A test set was wanted, but a class would have had too few images in it.
  let isTooSmallToTest: Bool

  /// Fewest test images of a class for which a figure is worth a test set.
  private static let fewestTested = 5

  init(_ data: ExtractedDataset, _ options: TrainingOptions) {
    self.init(samples: data.samples, hashes: data.hashes, labels: [data.labels], options)
  }

  /// - Parameter labels: for each task, the class of each sample; nil where it is not known.
  init(samples: [Sample], hashes: [String], labels: [[Int?]], _ options: TrainingOptions) {
    let isAdam = options.solver != .lbfgs
    var rule = options.split
    rule.seed = options.seed
    var splits = rule.assign(samples: samples, hashes: hashes)
    let isGiven = samples.contains { $0.split == .test }
    var isTooSmall = false
    if !isGiven, rule.test > 0 {
      let tested = splits.indices.filter { splits[$0] == .test }
      let fewest =
        labels.flatMap { own in Set(own.compactMap { $0 }).map { label in tested.count { own[$0] == label } } }.min()
        ?? tested.count
      if fewest < Self.fewestTested {
        isTooSmall = true
        rule.test = 0
        splits = rule.assign(samples: samples, hashes: hashes)
      }
    }
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

/// Sentences that a user should read before trusting a bundle.
enum TrainingWarnings {
  static func list(_ data: ExtractedDataset, _ division: Division) -> [String] {
    var warnings: [String] = []
    if !data.unreadable.isEmpty {
      warnings.append("\(data.unreadable.count) images could not be read and took no part; they are listed below.")
    }
    if !data.dataset.problems.isEmpty {
      warnings.append(
        "\(data.dataset.problems.count) entries of the data set could not be used; they are listed below.")
    }
    warnings += data.notes
    if division.isTooSmallToTest {
      warnings.append(
        "There are too few images of some classes to set a test set aside. All were trained on, and the figures come from "
          + "cross-validation: each image was judged by a model that had not seen it.")
    }
    let hashes = data.hashes
    let tested = Set(division.test)
    let trainedHashes = Set(hashes.indices.filter { !tested.contains($0) }.map { hashes[$0] })
    let leaks = division.test.count { trainedHashes.contains(hashes[$0]) }
    if leaks > 0 {
      warnings.append(
        "Leak: \(leaks) test images are exact copies of training images, so the figures are too good. Remove the copies."
      )
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
