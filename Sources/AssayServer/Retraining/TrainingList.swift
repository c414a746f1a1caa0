import AssayData
import AssayImage
import AssayModel
import AssayWorkflows
import Foundation

/// The data set of a retraining: the old images, the corrected parts, and which of both are held out from both bundles.
struct TrainingList {
  typealias Part = (path: String, label: String)

  /// With the corrected parts; each sample's split says whether it is held out.
  let dataset: Dataset
  let heldOut: [Part]
  /// Corrected parts that are to be learned from.
  let learned: [Part]
  /// Corrected parts among those held out.
  let heldOutCount: Int
  private let folder: String

  /// - Parameters:
  ///   - encoding: of texts that are not UTF-8; nil for the one that the bundle's own data set has.
  ///   - isStrict: leave nothing of the data set out.
  init(
    _ parts: [CorrectedParts.Part], data: String, _ manifest: Manifest, encoding: String?, isStrict: Bool,
    progress: ProgressHandler
  ) throws {
    let known = Set(manifest.training.images)
    var dataset = try Self.dataset(data, manifest, encoding ?? manifest.training.encoding)
    try dataset.take(
      data, for: manifest.kind.spec.knowsDataClasses ? .bundle : .goodParts, isStrict: isStrict, progress: progress)
    var unreadable: [ImageError] = []
    folder = NSTemporaryDirectory() + "assay-retrain-" + UUID().uuidString
    try FileManager.default.createDirectory(
      atPath: folder + "/corrected", withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    var samples: [Sample] = []
    var (heldOut, learned): ([Part], [Part]) = ([], [])
    var present: Set<String> = []
    let corrected = Dictionary(parts.map { ($0.hash, $0.label) }, uniquingKeysWith: { first, _ in first })
    for var sample in dataset.samples {
      guard let label = Self.label(of: sample, dataset, manifest) else { continue }
      let bytes: [UInt8]
      do throws(ImageError) { bytes = try ImageFile.contents(path: sample.path) } catch {
        unreadable.append(error)
        continue
      }
      let hash = ContentHash.of(bytes)
      present.insert(hash)
      // What an operator says of an image of the data set is newer than the data set.
      let own = corrected[hash] ?? label
      let isHeldOut = !known.contains(hash)
      // What was marked on it belongs to the label that it had.
      if own != sample.label { (sample.mask, sample.regions) = (nil, []) }
      sample.label = own
      sample.split = isHeldOut ? .test : .train
      samples.append(sample)
      if isHeldOut { heldOut.append((sample.path, own)) }
    }
    dataset.leaveOut(unreadable, of: data, progress: progress)
    if isStrict, let error = unreadable.first { throw error }
    let rule = SplitRule(seed: manifest.training.seed, validation: 0, test: Retrainer.heldOutShare)
    var heldOutCount = 0
    for part in parts where !present.contains(part.hash) {
      let path = "\(folder)/corrected/\(part.id)"
      try Data(part.bytes).write(to: URL(fileURLWithPath: path))
      let isHeldOut = !known.contains(part.hash) && rule.split(for: part.hash) == .test
      samples.append(
        Sample(
          path: path, name: "corrected/\(part.id)", label: part.label, split: isHeldOut ? .test : .train))
      if isHeldOut {
        heldOut.append((path, part.label))
        heldOutCount += 1
      } else {
        learned.append((path, part.label))
      }
    }
    self.heldOut = heldOut
    self.learned = learned
    self.heldOutCount = heldOutCount
    dataset.samples = samples
    dataset.classes = Set(samples.compactMap(\.label)).sorted()
    dataset.goodClass = manifest.goodClass.flatMap { dataset.classes.contains($0) ? $0 : nil }
    self.dataset = dataset
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

  func remove() { try? FileManager.default.removeItem(atPath: folder) }
}
