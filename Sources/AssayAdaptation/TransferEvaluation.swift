public import AssayBase
import AssayBundle
public import AssayData
public import AssayImage
import AssayLearning
import AssayMethods
public import AssayMetrics
public import AssayRuntime

/// A share of images named rightly.
public struct TransferAccuracy: Encodable, Sendable {
  public let right: Int
  public let images: Int
  public let accuracy: Double
  /// Wilson's 95 % interval.
  public let interval: Interval?

  package init(_ hits: [Bool]) {
    right = hits.count { $0 }
    images = hits.count
    accuracy = Double(right) / Double(max(1, images))
    interval = Proportion.wilson(right, of: images)
  }
}

/// One target after one adaptation.
public struct TransferRow: Encodable, Sendable {
  /// For people: the method, and what it was given.
  public let name: String
  /// nil when the method could not be used.
  public let after: TransferAccuracy?
  /// Points of accuracy gained, with the 95 % interval of a paired bootstrap over the target's images.
  public let gain: Double?
  public let gainInterval: Interval?
  /// Share of the loss that came back; nil where there was no loss to speak of.
  public let recovered: Double?
  /// Of the difference to before, McNemar.
  public let pValue: Double?
  public let note: String
}

/// What a classifier loses on another line, and what adaptation brings back.
public struct TransferTarget: Encodable, Sendable {
  public let path: String
  public let before: TransferAccuracy
  /// Points of accuracy lost against the source.
  public let loss: Double
  /// Newcombe's 95 % interval of the loss, of two independent shares.
  public let lossInterval: Interval?
  public let rows: [TransferRow]
}

public struct TransferEvaluation: Encodable, Sendable {
  public let bundle: String
  public let sourcePath: String
  public let source: TransferAccuracy
  /// Images of the source left out because the bundle was trained on them.
  public let refused: Int
  public let targets: [TransferTarget]
  public let unreadable: [String]
  /// How each data set was read, and what was left out.
  public var readings: [DataReading] { sets.map { DataReading($0) } }
  /// Without whatever could not be used.
  package let sets: [Dataset]

  private enum CodingKeys: String, CodingKey {
    case bundle, sourcePath, source, refused, targets, unreadable, readings
  }

  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(bundle, forKey: .bundle)
    try values.encode(sourcePath, forKey: .sourcePath)
    try values.encode(source, forKey: .source)
    try values.encode(refused, forKey: .refused)
    try values.encode(targets, forKey: .targets)
    try values.encode(unreadable, forKey: .unreadable)
    try values.encode(readings, forKey: .readings)
  }
}

/// Tests a bundle on its own line and on others, before and after each adaptation.
///
/// Of each target a half is adapted to without its labels and the other half is judged, both ways, so that every image is
/// judged by a bundle that had not seen it.
public enum TransferEvaluator {
  /// Good parts of the new line that the subspace method is given.
  private static let goodParts = 10

  /// - Parameters:
  ///   - source, targets: labelled data sets with the bundle's classes.
  ///   - encoding: of texts that are not UTF-8; nil for the one that the bundle's own data set has.
  public static func evaluate(
    bundle path: String, source: String, targets: [String], seed: UInt64 = 0, allowsTrained: Bool = false,
    isStrict: Bool = false, encoding: String? = nil, maximumPixels: Int = DecodingOptions().maximumPixels,
    cache: FeatureCache? = FeatureCache(), engines: Engines = .automatic,
    progress: @escaping ProgressHandler = { _ in }
  ) throws(WorkflowError) -> TransferEvaluation {
    do {
      let reading = PartsReading(
        encoding: encoding, isStrict: isStrict, maximumPixels: maximumPixels, engines: engines)
      let subject = try opened(path, source, reading, cache, progress)
      var unreadable: [String] = []
      var set = try AdaptableBundle.labelled(source, subject.manifest, reading, progress)
      let (samples, labels) = (set.samples, set.labels)
      let own = try subject.features(of: samples.map(\.path), isStrict: isStrict, step: "source", progress: progress)
      unreadable += own.failures.map(\.error.description)
      set.dataset.leaveOut(own.failures.map(\.error), of: source, progress: progress)
      var sets = [set.dataset]
      let known = Set(subject.manifest.training.images)
      let unseen = own.rows.indices.filter { allowsTrained || !known.contains(own.hashes[$0].hex) }
      guard !unseen.isEmpty else {
        throw WorkflowError(
          .badData,
          "\(source): the bundle was trained on all \(own.rows.count) images; name others as the source, or say "
            + "--allow-trained if you know what the figures are worth")
      }
      let plain = subject.adaptationCase(target: subject.standardised(own.selecting(unseen)), good: nil)
      let sourceAccuracy = TransferAccuracy(plain.hits(plain.target, unseen.map { labels[own.rows[$0]] }))
      let images = own.pictures(of: samples.map(\.path))
      var results: [TransferTarget] = []
      for target in targets {
        let found = try Target(subject, target, reading, progress)
        unreadable += found.unreadable
        sets.append(found.set)
        results.append(
          try evaluate(subject, found, sourceAccuracy, sourceImages: images, seed, maximumPixels, progress))
      }
      return TransferEvaluation(
        bundle: path, sourcePath: source, source: sourceAccuracy, refused: own.rows.count - unseen.count,
        targets: results, unreadable: unreadable, sets: sets)
    } catch {
      throw WorkflowError(error)
    }
  }

  /// With what the bundle keeps of its line, else with the images of `source`.
  private static func opened(
    _ path: String, _ source: String, _ reading: PartsReading, _ cache: FeatureCache?,
    _ progress: @escaping ProgressHandler
  ) throws -> AdaptableBundle {
    let keeps = try ModelBundle(path: path).manifest.files[SourceFile.indexName] != nil
    return try AdaptableBundle(
      path: path, sourcePath: keeps ? nil : source, reading: reading, cache: cache,
      // The source is read again to be tested on, and what there is to say of it is said then.
      progress: { if $0.notices.isEmpty { progress($0) } })
  }

  private struct Target {
    let path: String
    let pictures: [KnownPicture]
    let rows: FeatureMatrix
    let labels: [Int]
    let unreadable: [String]
    let set: Dataset

    init(
      _ subject: AdaptableBundle, _ path: String, _ reading: PartsReading, _ progress: @escaping ProgressHandler
    ) throws {
      var found = try AdaptableBundle.labelled(path, subject.manifest, reading, progress)
      let (samples, labels) = (found.samples, found.labels)
      let set = try subject.features(
        of: samples.map(\.path), isStrict: reading.isStrict, step: "target", progress: progress)
      found.dataset.leaveOut(set.failures.map(\.error), of: path, progress: progress)
      self.set = found.dataset
      guard set.rows.count >= 2 * AdaptationTrial.fewestImages else {
        throw WorkflowError(
          .badData,
          "\(path): \(set.rows.count) labelled images can be used, at least \(2 * AdaptationTrial.fewestImages) are needed, "
            + "since one half is adapted to and the other judged")
      }
      self.path = path
      pictures = set.pictures(of: samples.map(\.path))
      rows = subject.standardised(set)
      self.labels = set.rows.map { labels[$0] }
      unreadable = set.failures.map(\.error.description)
    }
  }

  /// What one half says about the other.
  private struct Half {
    var hits: [Bool]
    var note: String
  }

  private static func evaluate(
    _ subject: AdaptableBundle, _ target: Target, _ source: TransferAccuracy, sourceImages: [KnownPicture],
    _ seed: UInt64,
    _ maximumPixels: Int, _ progress: @escaping ProgressHandler
  ) throws -> TransferTarget {
    let whole = subject.adaptationCase(target: target.rows, good: nil)
    let before = whole.hits(target.rows, target.labels)
    let accuracy = TransferAccuracy(before)
    let parts = AdaptationTrial.halves(target.labels.count, seed: seed &+ 1)
    let loss = source.accuracy - accuracy.accuracy
    var rows: [TransferRow] = []
    func add(_ name: String, _ judge: (Int) throws -> Half?) throws {
      var after = before
      var notes: [String] = []
      for side in 0..<2 {
        guard let half = try judge(side) else { return }
        for (position, row) in parts[1 - side].enumerated() { after[row] = half.hits[position] }
        if !notes.contains(half.note) { notes.append(half.note) }
      }
      rows.append(row(name, before, after, loss, note: notes.filter { !$0.isEmpty }.joined(separator: "; ")))
    }
    func hits(_ map: FeatureMap?, _ side: Int) -> [Bool] {
      let held = target.rows.selecting(parts[1 - side])
      return whole.hits(map?.applied(to: held) ?? held, parts[1 - side].map { target.labels[$0] })
    }
    let methods: [AdaptationMethod] = [.statistics, .coral]
    for (number, method) in methods.enumerated() {
      progress(WorkProgress("adapting", number, methods.count + 3))
      try add(method.rawValue) { side in
        let own = subject.adaptationCase(target: target.rows.selecting(parts[side]), good: nil)
        let trial = AdaptationTrial(own, methods: [method], labelled: nil, seed: seed)
        return trial.map.map { Half(hits: hits($0, side), note: trial.chosen.map { "took \($0.belief)" } ?? "") }
      }
    }
    if let good = subject.goodIndex {
      for method in [AdaptationMethod.subspace, .statistics] {
        try add("\(method.rawValue), \(goodParts) good parts named") { side in
          let chosen = parts[side].filter { target.labels[$0] == good }.prefix(goodParts)
          guard !chosen.isEmpty else { return nil }
          let known = target.rows.selecting(Array(chosen))
          let own = subject.adaptationCase(target: target.rows.selecting(parts[side]), good: known)
          return own.fit(method, own.mixes()[0], known).map { Half(hits: hits($0, side), note: "") }
        }
      }
    }
    progress(WorkProgress("adapting", methods.count + 2, methods.count + 3))
    try add("auto, as `assay adapt` decides") { side in
      let own = subject.adaptationCase(target: target.rows.selecting(parts[side]), good: nil)
      let trial = AdaptationTrial(own, methods: methods, labelled: nil, seed: seed)
      guard trial.isRecommended, let map = trial.map, let chosen = trial.chosen else {
        return Half(hits: hits(nil, side), note: "left as it is: \(trial.findings.last ?? "")")
      }
      return Half(hits: hits(map, side), note: "took \(chosen.method.rawValue), \(chosen.belief)")
    }
    progress(WorkProgress("adapting", methods.count + 3, methods.count + 3))
    try addBatchStatistics(subject, target, parts, sourceImages, maximumPixels, progress, add)
    return TransferTarget(
      path: target.path, before: accuracy, loss: loss,
      lossInterval: Proportion.newcombe(source.right, of: source.images, minus: accuracy.right, of: accuracy.images),
      rows: rows)
  }

  private static func addBatchStatistics(
    _ subject: AdaptableBundle, _ target: Target, _ parts: [[Int]], _ sourceImages: [KnownPicture],
    _ maximumPixels: Int,
    _ progress: @escaping ProgressHandler, _ add: (String, (Int) throws -> Half?) throws -> Void
  ) throws {
    guard min(parts[0].count, sourceImages.count) >= AdaptationTrial.fewestImages else { return }
    let statistics: BatchStatistics
    do {
      statistics = try BatchStatistics(
        subject.backbone, subject.manifest.preprocessing, images: sourceImages, maximumPixels: maximumPixels,
        engines: subject.engines, progress: progress)
    } catch let error as WorkflowError where error.kind == .usage {
      // A network without places to normalise; the other rows say what can be had.
      return
    }
    let plain = subject.adaptationCase(target: target.rows, good: nil)
    try add(AdaptationMethod.batchStatistics.rawValue) { side in
      let backbone = try statistics.adapted(to: parts[side].map { target.pictures[$0] }, progress: progress)
      let held = parts[1 - side]
      let set = try BatchAdaptation.features(
        subject, backbone, held.map { target.pictures[$0] }, maximumPixels, progress)
      return Half(hits: plain.hits(subject.standardised(set), held.map { target.labels[$0] }), note: "")
    }
  }

  private static func row(_ name: String, _ before: [Bool], _ after: [Bool], _ loss: Double, note: String)
    -> TransferRow
  {
    let pairs = Array(zip(before, after))
    let (lost, won) = (pairs.count { $0.0 && !$0.1 }, pairs.count { !$0.0 && $0.1 })
    let both = pairs.count { $0.0 && $0.1 }
    let gain = Double(won - lost) / Double(max(1, pairs.count))
    return TransferRow(
      name: name, after: TransferAccuracy(after), gain: gain,
      gainInterval: Proportion.pairedDifference(
        both: both, onlyFirst: lost, onlySecond: won, neither: pairs.count - both - lost - won),
      recovered: loss > 0.005 ? gain / loss : nil, pValue: Proportion.mcNemar(onlyFirst: lost, onlySecond: won),
      note: note)
  }
}
