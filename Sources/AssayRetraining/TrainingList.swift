package import AssayBase
package import AssayBundle
package import AssayData
import AssayImage
package import AssayMethods
package import AssayRuntime
package import AssayStation
import Foundation

/// The data set of a retraining: the old images, the corrected parts, and which of both are held out from both bundles.
package struct TrainingList {
  package typealias Part = (path: String, label: String)

  /// With the corrected parts; each sample's split says whether it is held out.
  package let dataset: Dataset
  package let heldOut: [Part]
  /// Corrected parts that are to be learned from.
  package let learned: [Part]
  /// Corrected parts among those held out.
  package let heldOutCount: Int

  /// - Parameters:
  ///   - folder: where the corrected parts are put; of the retraining.
  ///   - training: how the bundle is trained again; nil when it is taught.
  ///   - cache: knows which images are near copies of one another.
  ///   - encoding: of texts that are not UTF-8; nil for the one that the bundle's own data set has.
  ///   - isStrict: leave nothing of the data set out.
  package init(
    _ parts: [CorrectedParts.Part], in folder: String, data: String, _ manifest: Manifest, _ training: BundleTraining?,
    cache: FeatureCache? = nil, encoding: String? = nil, isStrict: Bool = false,
    progress: ProgressHandler = { _ in }
  ) throws {
    var dataset = try Self.dataset(data, manifest, encoding ?? manifest.training.encoding)
    try dataset.take(
      data, for: manifest.kind.spec.knowsDataClasses ? .bundle : .goodParts, isStrict: isStrict, progress: progress)
    var unreadable: [ImageError] = []
    try FileManager.default.createDirectory(
      atPath: folder + "/corrected", withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
    let corrected = Dictionary(parts.map { ($0.hash, $0.label) }, uniquingKeysWith: { first, _ in first })
    var entries: [Entry] = []
    var first: [Sample] = []
    for sample in dataset.samples {
      guard let label = Self.label(of: sample, dataset, manifest) else { continue }
      let bytes: [UInt8]
      do throws(ImageError) { bytes = try ImageFile.contents(path: sample.path) } catch {
        unreadable.append(error)
        continue
      }
      let hash = ContentHash.of(bytes)
      first.append(sample)
      var own = sample
      // What an operator says of an image of the data set is newer than the data set.
      own.label = corrected[hash] ?? label
      // What was marked on it belongs to the label that it had.
      if own.label != sample.label { (own.mask, own.regions) = (nil, []) }
      entries.append(Entry(sample: own, hash: hash, isCorrected: false))
    }
    dataset.leaveOut(unreadable, of: data, progress: progress)
    if isStrict, let error = unreadable.first { throw error }
    // As the first training divided them: with the labels that they had.
    let validated =
      training.map { training in
        training.validated(Self.marked(first, entries, cache), hashes: entries.map(\.hash))
      } ?? []
    let present = Set(entries.map(\.hash))
    for part in parts where !present.contains(part.hash) {
      let path = "\(folder)/corrected/\(part.id)"
      try Data(part.bytes).write(to: URL(fileURLWithPath: path))
      entries.append(
        Entry(
          sample: Sample(path: path, name: "corrected/\(part.id)", label: part.label), hash: part.hash,
          isCorrected: true))
    }
    let marked = Self.marked(entries.map(\.sample), entries, cache)
    for index in entries.indices { entries[index].sample = marked[index] }
    let known = Set(manifest.training.images)
    let isValidated = entries.indices.map { validated.contains($0) && !known.contains(entries[$0].hash) }
    let isHeldOut = zip(Self.heldOut(entries, manifest.training), isValidated).map { $0 && !$1 }
    var samples: [Sample] = []
    var (heldOut, learned): ([Part], [Part]) = ([], [])
    for (index, entry) in entries.enumerated() {
      let isHeldOut = isHeldOut[index]
      var sample = entry.sample
      sample.split = isValidated[index] ? .validation : isHeldOut ? .test : .train
      samples.append(sample)
      let part = (sample.path, sample.label ?? "")
      if isHeldOut { heldOut.append(part) } else if entry.isCorrected { learned.append(part) }
    }
    self.heldOut = heldOut
    self.learned = learned
    heldOutCount = zip(entries, isHeldOut).count { $0.isCorrected && $1 }
    dataset.samples = samples
    dataset.classes = Set(samples.compactMap(\.label)).sorted()
    dataset.goodClass = manifest.goodClass.flatMap { dataset.classes.contains($0) ? $0 : nil }
    self.dataset = dataset
  }

  /// With near copies in one group.
  private static func marked(_ samples: [Sample], _ entries: [Entry], _ cache: FeatureCache?) -> [Sample] {
    CopyMarks.marked(
      samples, hashes: entries.map(\.hash), maximumPixels: DecodingOptions().maximumPixels, cache: cache)
  }

  private struct Entry {
    var sample: Sample
    let hash: String
    /// A part of the record, and not of the data set.
    let isCorrected: Bool
  }

  /// Which entries neither bundle learns from.
  ///
  /// The bundle's test images stay in the test, and what it was trained on in the training. Images that came to the data
  /// set since have the place of their hash, corrected parts too with a larger share; near copies go with the images that
  /// have a place already. A bundle that does not list its test images has in it whatever it was not trained on.
  private static func heldOut(_ entries: [Entry], _ training: Manifest.Training) -> [Bool] {
    let known = Set(training.images)
    let tested = training.testImages.map(Set.init)
    let new = SplitRule(seed: training.seed, validation: 0)
    let record = SplitRule(seed: training.seed, validation: 0, test: RetrainingRules.heldOutShare)
    let units = SplitUnits.of(entries.map(\.sample), hashes: entries.map(\.hash))
    var result = [Bool](repeating: false, count: entries.count)
    for members in units {
      func isTested(_ index: Int) -> Bool {
        let hash = entries[index].hash
        guard !known.contains(hash) else { return false }
        return tested?.contains(hash) ?? !entries[index].isCorrected
      }
      let hasTested = members.contains(where: isTested)
      let hasKnown = members.contains { known.contains(entries[$0].hash) }
      for index in members where !known.contains(entries[index].hash) {
        let rule = entries[index].isCorrected ? record : new
        result[index] =
          hasTested
          ? tested == nil || isTested(index) || !hasKnown
          : !hasKnown && rule.split(for: members.map { entries[$0].hash }.min() ?? entries[index].hash) == .test
      }
    }
    return result
  }

  /// The bundle's class of a sample. An anomaly detector knows good parts and others; without labels all are good.
  private static func label(of sample: Sample, _ dataset: Dataset, _ manifest: Manifest) -> String? {
    guard !manifest.kind.spec.knowsDataClasses else { return sample.label }
    guard let label = sample.label else { return dataset.layout == .unlabelled ? AnomalySpec.goodName : nil }
    return label == dataset.goodClass ? AnomalySpec.goodName : AnomalySpec.defectName
  }

  /// With the labels that the bundle was trained on: the data set's own, or good and defective.
  private static func dataset(_ path: String, _ manifest: Manifest, _ encoding: String?) throws -> Dataset {
    let plain = DatasetOptions(encoding: encoding)
    if !manifest.kind.spec.knowsDataClasses { return try DatasetReader.read(path, options: plain) }
    // Each may be refused: there are no two classes where none is good, and the good one of two may be none of the data
    // set's own.
    var found: Dataset?
    for options in [
      DatasetOptions(goodClass: manifest.goodClass, encoding: encoding),
      DatasetOptions(labels: .binary, encoding: encoding),
    ] {
      guard let dataset = try? DatasetReader.read(path, options: options) else { continue }
      if Set(dataset.classes).isSubset(of: manifest.classes) { return dataset }
      found = found ?? dataset
    }
    // What cannot be read at all says so by itself.
    let other = try found ?? DatasetReader.read(path, options: plain)
    throw WorkflowError(
      .badData,
      "\(path): it has the classes \(other.classes.joined(separator: ", ")), the bundle "
        + "\(manifest.classes.joined(separator: ", ")); name the data set that the bundle was trained on")
  }
}
