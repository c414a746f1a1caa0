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

  /// - Parameter training: how the bundle is trained again; nil when it is taught.
  init(
    _ parts: [CorrectedParts.Part], data: String, _ manifest: Manifest, _ training: BundleTraining?
  ) throws {
    let known = Set(manifest.training.images)
    var dataset = try Self.dataset(data, manifest)
    folder = NSTemporaryDirectory() + "assay-retrain-" + UUID().uuidString
    try FileManager.default.createDirectory(
      atPath: folder + "/corrected", withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    var samples: [Sample] = []
    var (heldOut, learned): ([Part], [Part]) = ([], [])
    var present: Set<String> = []
    let corrected = Dictionary(parts.map { ($0.hash, $0.label) }, uniquingKeysWith: { first, _ in first })
    let old = dataset.samples.compactMap { sample -> (sample: Sample, label: String, hash: String)? in
      // What cannot be read took no part in the first training either.
      guard let label = Self.label(of: sample, dataset, manifest),
        let bytes = try? ImageFile.contents(path: sample.path)
      else { return nil }
      return (sample, label, ContentHash.of(bytes))
    }
    let validated = training?.validated(old.map(\.sample), hashes: old.map(\.hash)) ?? []
    for (index, (sample, label, hash)) in old.enumerated() {
      var sample = sample
      present.insert(hash)
      // What an operator says of an image of the data set is newer than the data set.
      let own = corrected[hash] ?? label
      let isValidated = !known.contains(hash) && validated.contains(index)
      let isHeldOut = !known.contains(hash) && !isValidated
      // What was marked on it belongs to the label that it had.
      if own != sample.label { (sample.mask, sample.regions) = (nil, []) }
      sample.label = own
      sample.split = isValidated ? .validation : isHeldOut ? .test : .train
      samples.append(sample)
      if isHeldOut { heldOut.append((sample.path, own)) }
    }
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
  private static func dataset(_ path: String, _ manifest: Manifest) throws -> Dataset {
    if !manifest.kind.spec.knowsDataClasses { return try DatasetReader.read(path) }
    // Each may be refused: there are no two classes where none is good, and the good one of two may be none of the data
    // set's own.
    var found: Dataset?
    for options in [DatasetOptions(goodClass: manifest.goodClass), DatasetOptions(labels: .binary)] {
      guard let dataset = try? DatasetReader.read(path, options: options) else { continue }
      if Set(dataset.classes).isSubset(of: manifest.classes) { return dataset }
      found = found ?? dataset
    }
    // What cannot be read at all says so by itself.
    let other = try found ?? DatasetReader.read(path)
    throw WorkflowError(
      .badData,
      "\(path): it has the classes \(other.classes.joined(separator: ", ")), the bundle "
        + "\(manifest.classes.joined(separator: ", ")); name the data set that the bundle was trained on")
  }

  func remove() { try? FileManager.default.removeItem(atPath: folder) }
}
