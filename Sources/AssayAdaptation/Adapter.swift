public import AssayBase
import AssayBundle
public import AssayData
public import AssayImage
package import AssayLearning
package import AssayMethods
import AssayReport
public import AssayRuntime
import Foundation

/// Everything that `assay adapt` can be told.
public struct AdaptationOptions: Sendable {
  /// nil to choose among all that can be used.
  public var method: AdaptationMethod?
  /// Parts of the new line that are known to be good: images or a folder.
  public var good: String?
  /// A few labelled images of the new line to test on.
  public var labelled: String?
  /// Labelled images of the line that the bundle was trained on; nil for what the bundle keeps.
  public var source: String?
  /// Write the bundle even where the test says that it does not help.
  public var isForced: Bool
  public var seed: UInt64
  public var maximumPixels: Int
  public var isStrict: Bool
  /// Of texts that are not UTF-8; nil for the one that the bundle's own data set has.
  public var encoding: String?
  public var cache: FeatureCache?
  /// What runs networks.
  public var engines: Engines
  /// As typed, for the report.
  public var commandLine: String

  /// How data sets are read.
  package var reading: PartsReading {
    PartsReading(encoding: encoding, isStrict: isStrict, maximumPixels: maximumPixels, engines: engines)
  }

  public init(
    method: AdaptationMethod? = nil, good: String? = nil, labelled: String? = nil, source: String? = nil,
    isForced: Bool = false, seed: UInt64 = 0, maximumPixels: Int = DecodingOptions().maximumPixels,
    isStrict: Bool = false, encoding: String? = nil, cache: FeatureCache? = FeatureCache(), commandLine: String = "",
    engines: Engines = .automatic
  ) {
    self.method = method
    self.good = good
    self.labelled = labelled
    self.source = source
    self.isForced = isForced
    self.seed = seed
    self.maximumPixels = maximumPixels
    self.isStrict = isStrict
    self.encoding = encoding
    self.cache = cache
    self.commandLine = commandLine
    self.engines = engines
  }
}

/// What `assay adapt` found and did.
public struct AdaptationResult: Encodable, Sendable {
  public let bundle: String
  /// The adapted bundle; nil when none was written.
  public let output: String?
  public let isRecommended: Bool
  /// Of the correction that came out best; nil when none could be used.
  public let method: AdaptationMethod?
  /// Sentence by sentence.
  public let findings: [String]
  public let candidates: [AdaptationCandidate]
  public let images: Int
  public let goodImages: Int
  public let labelledImages: Int
  public let unreadable: [String]
  /// How each folder and data set was read, and what was left out.
  public let readings: [DataReading]
}

/// Fits a classifier's bundle to another line or plant without labels.
public enum Adapter {
  /// - Parameters:
  ///   - path: the bundle.
  ///   - images: of the new line: images or folders.
  ///   - output: the adapted bundle; written only when the test says that it helps, or by force.
  /// - Throws: when the bundle cannot be adapted, or there are too few images.
  public static func adapt(
    bundle path: String, images inputs: [String], output: String, options: AdaptationOptions,
    progress: @escaping ProgressHandler = { _ in }
  ) throws(WorkflowError) -> AdaptationResult {
    do {
      try ModelBundle.checkReplaceable(output)
      let subject = try AdaptableBundle(
        path: path, sourcePath: options.source, reading: options.reading, cache: options.cache, progress: progress)
      let new = try NewLine(subject, inputs, options, progress: progress)
      return try adapt(subject, new, output: output, options, progress)
    } catch {
      throw WorkflowError(error)
    }
  }

  private static func adapt(
    _ subject: AdaptableBundle, _ new: NewLine, output: String, _ options: AdaptationOptions,
    _ progress: @escaping ProgressHandler
  ) throws -> AdaptationResult {
    let own = subject.adaptationCase(target: new.target, good: new.good)
    let methods = options.method.map { [$0] } ?? AdaptationMethod.allCases
    // Known good parts say nothing of the others' channels.
    let fewest = AdaptationTrial.fewestImages
    let usesBatch =
      methods.contains(.batchStatistics) && subject.sourceImages.count >= fewest && new.good == nil
      && new.pictures.count >= 2 * fewest
    let batch =
      usesBatch
      ? try BatchAdaptation(
        subject, source: subject.sourceImages, pictures: new.pictures, labelled: new.labelledPictures,
        seed: options.seed,
        maximumPixels: options.maximumPixels, progress: progress) : nil
    progress(WorkProgress("testing", 0, 1))
    let trial = AdaptationTrial(own, methods: methods, labelled: new.labelled, batch: batch, seed: options.seed)
    progress(WorkProgress("testing", 1, 1))
    var written: String?
    if let chosen = trial.chosen, let map = trial.map, trial.isRecommended || options.isForced {
      written = try AdaptedBundle(subject, new, trial, chosen, map, batch, options).write(
        to: output, progress: progress)
    }
    return AdaptationResult(
      bundle: subject.bundle.path, output: written, isRecommended: trial.isRecommended, method: trial.chosen?.method,
      findings: trial.findings, candidates: trial.candidates, images: new.targetSet.rows.count,
      goodImages: new.goodHashes.count, labelledImages: new.labelledHashes.count, unreadable: new.unreadable,
      readings: (subject.sets + new.sets).map { DataReading($0) })
  }
}

/// The new line's images and their features.
package struct NewLine {
  package let pictures: [KnownPicture]
  package let targetSet: FeatureSet
  package let target: FeatureMatrix
  package let good: FeatureMatrix?
  package let goodPictures: [KnownPicture]
  package let goodHashes: [String]
  package let labelled: AdaptationTrial.Labelled?
  package let labelledPictures: [KnownPicture]?
  package let labelledHashes: [String]
  package let unreadable: [String]
  /// What was read, without whatever could not be used.
  package let sets: [Dataset]

  package init(
    _ subject: AdaptableBundle, _ inputs: [String], _ options: AdaptationOptions, progress: @escaping ProgressHandler
  ) throws {
    var unreadable: [String] = []
    var sets: [Dataset] = []
    func features(_ paths: [String], _ step: String, of read: [Dataset]) throws -> FeatureSet {
      let set = try subject.features(of: paths, isStrict: options.isStrict, step: step, progress: progress)
      unreadable += set.failures.map(\.error.description)
      sets += read.map { dataset in
        var dataset = dataset
        dataset.leaveOut(set.failures.map(\.error), of: dataset.root, progress: progress)
        return dataset
      }
      return set
    }
    var labelledHashes: [String] = []
    var labelledPictures: [KnownPicture]?
    var labelled: AdaptationTrial.Labelled?
    if let path = options.labelled {
      let found = try AdaptableBundle.labelled(path, subject.manifest, options.reading, progress)
      let (samples, labels) = (found.samples, found.labels)
      let set = try features(samples.map(\.path), "labelled", of: [found.dataset])
      labelled = AdaptationTrial.Labelled(rows: subject.standardised(set), labels: set.rows.map { labels[$0] })
      labelledHashes = set.hashes.map(\.hex)
      labelledPictures = set.pictures(of: samples.map(\.path))
    }
    var goodSet: FeatureSet?
    var goodPaths: [String] = []
    if let path = options.good {
      guard subject.goodIndex != nil else {
        throw WorkflowError(
          .usage, "\(subject.bundle.path): none of its classes is good, so that --good says nothing; leave it out")
      }
      let found = try Self.images([path], options, progress)
      goodPaths = found.flatMap { $0.samples.map(\.path) }
      goodSet = try features(goodPaths, "good", of: found)
    }
    let found = try Self.images(inputs, options, progress)
    let paths = found.flatMap { $0.samples.map(\.path) }
    // Images that the result is tested on are not learned from.
    let tested = Set(labelledHashes)
    let all = try features(paths, "features", of: found)
    var seen: Set<String> = []
    let kept = all.hashes.indices.filter { index in
      let hash = all.hashes[index].hex
      return !tested.contains(hash) && seen.insert(hash).inserted
    }
    let set = all.selecting(kept)
    guard set.rows.count >= AdaptationTrial.fewestImages else {
      throw WorkflowError(
        .badData,
        "\(inputs.joined(separator: ", ")): \(set.rows.count) different images can be used, at least "
          + "\(AdaptationTrial.fewestImages) are needed to try a correction on images that it was not made from"
          + (unreadable.first.map { "; the first that cannot be read: \($0)" } ?? ""))
    }
    pictures = set.pictures(of: paths)
    targetSet = set
    target = subject.standardised(set)
    good = goodSet.map(subject.standardised)
    goodPictures = goodSet.map { $0.pictures(of: goodPaths) } ?? []
    goodHashes = goodSet?.hashes.map(\.hex) ?? []
    self.labelled = labelled
    self.labelledHashes = labelledHashes
    self.labelledPictures = labelledPictures
    self.unreadable = unreadable
    self.sets = sets
    if let goodSet, goodSet.rows.isEmpty {
      throw WorkflowError(.badData, "\(options.good ?? ""): no image of a good part can be read")
    }
  }

  private static func images(
    _ inputs: [String], _ options: AdaptationOptions, _ progress: ProgressHandler
  ) throws -> [Dataset] {
    try inputs.map { input in
      var found = FolderSearch.unlabelled(in: input)
      try found.take(input, for: .bundle, isStrict: options.isStrict, progress: progress)
      guard !found.samples.isEmpty else {
        throw WorkflowError(.noInput, "\(input): no image was found; check the path")
      }
      return found
    }
  }
}
