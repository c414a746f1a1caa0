package import AssayBase
package import AssayData
import AssayImage
import AssayInspection
package import AssayLearning
package import AssayRuntime
import Foundation

/// Which images anomaly detection learns from, sets its threshold by, and is tested on.
package struct AnomalySplit {
  /// Without whatever could not be used.
  package var dataset: Dataset
  package let goodClass: String
  /// Good images to learn from (and to cross-fit the threshold on, when few).
  package let training: [Sample]
  /// Good images that only set the threshold; empty for cross-fitting.
  package let calibration: [Sample]
  /// Defective images that set the threshold, when the rule wants some.
  package let defects: [Sample]
  package let test: [Sample]
  /// The rule in use: the one asked for, or the default for so many good parts; nil when they are too few for any.
  package let rule: ThresholdRule?
  /// What the user must know.
  package let notes: [String]

  /// Content hashes by path.
  private let hashes: [String: String]
  /// Models of the cross-fitting, when ``calibration`` is empty; 0 when there are too few images for it.
  package let folds: Int

  private static let defaultOverkill = 0.01
  /// Share of the good images that may be set aside for the threshold.
  private static let calibrationShare = 0.2
  private static let maximumFolds = 5

  package init(_ path: String, _ options: AnomalyOptions, progress: ProgressHandler) throws {
    var dataset = try DatasetReader.read(
      path, options: DatasetOptions(goodClass: options.goodClass, encoding: options.features.encoding))
    try dataset.take(path, for: .goodParts, isStrict: options.features.isStrict, progress: progress)
    var notes: [String] = []
    if dataset.layout == .unlabelled {
      for index in dataset.samples.indices { dataset.samples[index].label = "good" }
      dataset.classes = ["good"]
      dataset.goodClass = "good"
      notes.append("The images have no labels; all are taken for good parts.")
    }
    guard let good = dataset.goodClass else { throw dataset.noGoodClass(path) }
    goodClass = good
    let hashes = Self.hashes(dataset.samples, options.features.cache)
    dataset.samples = CopyMarks.marked(
      dataset.samples, hashes: dataset.samples.map { hashes[$0.path] }, maximumPixels: options.features.maximumPixels,
      cache: options.features.cache)
    self.hashes = hashes
    var chosen = Self.assigned(dataset, hashes, options, good: good)
    guard !chosen.training.isEmpty else {
      throw WorkflowError(
        .badData,
        "\(path): there are no good images to learn from; put some into a folder called good, or name the "
          + "good class with --good")
    }
    if let shots = options.shots {
      guard shots <= chosen.training.count else {
        throw WorkflowError(
          .badData, "\(path): --shots \(shots) of \(chosen.training.count) good images; use fewer shots")
      }
      chosen.training = Array(chosen.training.prefix(shots))
    }
    let plan = try Self.plan(path, good: chosen.training.count, given: chosen.calibration.count, options, &notes)
    rule = plan.rule
    folds = plan.folds
    if plan.setAside > 0 {
      // What belongs together lies together in this order, and is not cut.
      var first = chosen.training.count - plan.setAside
      while first > 1, Self.areTogether(chosen.training[first - 1], chosen.training[first], hashes) { first -= 1 }
      chosen.calibration = Array(chosen.training[first...])
      chosen.training.removeLast(chosen.training.count - first)
    } else if plan.folds > 0 {
      // Cross-fitting uses all good images for both.
      chosen.training += chosen.calibration
      chosen.calibration = []
    }
    var defects: [Sample] = []
    switch rule {
    case .maximumEscape, .bestF1:
      let bad = chosen.test.filter { $0.label != good }
      guard bad.count >= 2 else {
        throw WorkflowError(
          .badData,
          "\(path): --\(plan.rule?.name ?? "max-escape") needs labelled defects, and there are \(bad.count); "
            + "use --max-overkill, which needs good parts only")
      }
      let other = SplitRule(seed: options.seed &+ 1, validation: 0, test: 0.5)
      defects = bad.filter { other.split(for: Self.unit($0, hashes)) == .test }
      let taken = Set(defects.map(\.path))
      chosen.test.removeAll { taken.contains($0.path) }
    case .maximumOverkill, nil: break
    }
    self.defects = defects
    self.dataset = dataset
    training = chosen.training
    calibration = chosen.calibration
    test = chosen.test
    self.notes = notes
  }

  /// Files that cannot be read have none: they are left out by who reads them, with the reason.
  private static func hashes(_ samples: [Sample], _ cache: FeatureCache?) -> [String: String] {
    let found = ContentHashes.of(samples.map(\.path), cache: cache)
    return Dictionary(
      zip(samples, found).compactMap { sample, hash in hash.map { (sample.path, $0.hex) } },
      uniquingKeysWith: { first, _ in first })
  }

  /// A sample's file, to be read again; nil for one that could not be read.
  package func picture(_ sample: Sample) -> KnownPicture? {
    hashes[sample.path].flatMap(SHA256Digest.init(hex:)).map { KnownPicture(path: sample.path, hash: $0) }
  }

  /// Fewer good images than this set no threshold, so that none of them is needed to test it.
  package static let fewestJudged = 5

  /// Good images in the order of a keyed hash, so that "the last fifth" is a random one that does not depend on names.
  private static func assigned(
    _ dataset: Dataset, _ hashes: [String: String], _ options: AnomalyOptions, good: String
  ) -> (training: [Sample], calibration: [Sample], test: [Sample]) {
    let labelled = dataset.samples.filter { $0.label != nil }
    let names = Dictionary(labelled.map { (unit($0, hashes), $0.name) }, uniquingKeysWith: min)
    let order = Dictionary(
      labelled.map { sample in
        let unit = unit(sample, hashes)
        return (sample.path, ContentHash.of(Array("\(options.seed) order \(unit) \(names[unit] ?? "")".utf8)))
      }, uniquingKeysWith: { first, _ in first })
    let splits = splits(labelled, hashes, options, good: good)
    var training: [Sample] = []
    var calibration: [Sample] = []
    var test: [Sample] = []
    for (sample, split) in zip(labelled, splits) {
      switch split {
      case .test: test.append(sample)
      case .validation: calibration.append(sample)
      case .train: training.append(sample)
      }
    }
    func sorted(_ samples: [Sample]) -> [Sample] {
      samples.sorted { (order[$0.path] ?? "", $0.name) < (order[$1.path] ?? "", $1.name) }
    }
    return (sorted(training), sorted(calibration), test)
  }

  /// Defects are never learned from; good images as the data says, else by the rule, copies of a test image with it.
  private static func splits(
    _ labelled: [Sample], _ hashes: [String: String], _ options: AnomalyOptions, good: String
  ) -> [Split] {
    let isDivided = labelled.contains { $0.split == .test }
    var rule = options.split
    rule.validation = 0
    if isDivided { rule.test = 0 }
    let goods = labelled.filter { $0.label == good }
    let drawn = rule.assign(samples: goods, hashes: goods.map { hashes[$0.path] ?? $0.path })
    var places = Dictionary(zip(goods.map(\.path), drawn), uniquingKeysWith: { first, _ in first })
    // Hashes may send the few that there are to the test, all of them: then nothing would be left to learn from.
    let open = isDivided ? [] : goods.filter { $0.split == nil }
    if open.count < fewestJudged || !drawn.contains(.train) {
      for sample in open { places[sample.path] = .train }
    }
    let splits = labelled.map { sample in sample.label == good ? places[sample.path] ?? .train : .test }
    let tested = Set(zip(labelled, splits).filter { $1 == .test }.map { unit($0.0, hashes) })
    return zip(labelled, splits).map { sample, split in
      sample.split == nil && tested.contains(unit(sample, hashes)) ? .test : split
    }
  }

  /// What keeps a sample together with others: its set of copies or its group, else its content.
  private static func unit(_ sample: Sample, _ hashes: [String: String]) -> String {
    sample.unit.map { "group \($0)" } ?? hashes[sample.path] ?? sample.path
  }

  private static func areTogether(_ a: Sample, _ b: Sample, _ hashes: [String: String]) -> Bool {
    unit(a, hashes) == unit(b, hashes)
  }

  /// SHA-256 of the test images, sorted.
  package var testHashes: [String] { Set(test.compactMap { hashes[$0.path] }).sorted() }

  /// How many of the samples can be held out one without another.
  package func units(of samples: [Sample]) -> Int { Set(samples.map { Self.unit($0, hashes) }).count }

  /// Fold of each sample, dealt out in their order; what belongs together has one.
  package func folds(of samples: [Sample], count: Int) -> [Int] {
    var known: [String: Int] = [:]
    return samples.map { sample in
      let unit = Self.unit(sample, hashes)
      let fold = known[unit] ?? known.count % count
      known[unit] = fold
      return fold
    }
  }

  /// How the threshold is set: by good images set aside when a fifth of them is enough for the rate, else by
  /// cross-fitting on all.
  private static func plan(
    _ path: String, good count: Int, given: Int, _ options: AnomalyOptions, _ notes: inout [String]
  ) throws -> (rule: ThresholdRule?, setAside: Int, folds: Int) {
    let folds = count >= 2 ? min(maximumFolds, count) : 0
    let needed = DecisionThreshold.needed
    let aside = Int(calibrationShare * Double(count))
    switch options.thresholdRule {
    case .maximumEscape, .bestF1:
      return (options.thresholdRule, aside >= 20 ? aside : 0, aside >= 20 ? 0 : folds)
    case .maximumOverkill(let rate):
      if given >= needed(rate) { return (.maximumOverkill(rate), 0, 0) }
      if aside >= needed(rate) { return (.maximumOverkill(rate), aside, 0) }
      guard count >= needed(rate), folds > 0 else {
        let supported = count > 1 ? ShareText.rate(1 / Double(count + 1)) : nil
        throw WorkflowError(
          .badData,
          "\(path): \(count) good parts are too few to promise --max-overkill \(ShareText.rate(rate)): it needs at "
            + "least \(needed(rate) == .max ? "infinitely many" : String(needed(rate))); "
            + (supported.map { "ask for \($0) or more, or " } ?? "") + "add good parts")
      }
      return (.maximumOverkill(rate), 0, folds)
    case nil:
      let rate = defaultOverkill
      if given >= needed(rate) { return (.maximumOverkill(rate), 0, 0) }
      if aside >= needed(rate) { return (.maximumOverkill(rate), aside, 0) }
      if count >= needed(rate) { return (.maximumOverkill(rate), 0, folds) }
      guard count >= fewestJudged else {
        notes.append(
          "\(count) good \(count == 1 ? "part is" : "parts are") too few for a threshold: parts are scored but not judged. "
            + "Set one with `assay threshold BUNDLE --max-overkill RATE GOOD_PARTS`.")
        return (nil, 0, 0)
      }
      let lowest = 1 / Double(count + 1)
      notes.append(
        "\(count) good parts cannot support a false-alarm rate of \(ShareText.rate(rate)), which needs \(needed(rate)); "
          + "the threshold is set for \(ShareText.rate(lowest)), the lowest that they support.")
      return (.maximumOverkill(lowest), 0, folds)
    }
  }
}
