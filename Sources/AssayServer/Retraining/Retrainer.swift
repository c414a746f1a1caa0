import AssayData
import AssayImage
import AssayLearning
import AssayModel
import AssayRecord
import AssayRuntime
import AssayWorkflows
import Foundation
import Synchronization

/// Trains a bundle again with the parts that operators have corrected, compares, and promotes what is better.
public enum Retrainer {
  /// Share of the corrected parts that is held out for the comparison.
  public static let heldOutShare = 1.0 / 3

  /// - Parameters:
  ///   - bundle: a classifier of the linear method.
  ///   - name: of the bundle in the record.
  ///   - data: the data set it was trained on.
  ///   - record: folder of the record.
  ///   - promotes: puts a better bundle in the old one's place.
  /// - Throws: when nothing can be learned: no corrected part whose image was kept, another method.
  public static func run(
    bundle path: String, name: String, data: String, record folder: String, promotes: Bool = true,
    cache: FeatureCache? = FeatureCache(), progress: @escaping ProgressHandler = { _ in }
  ) throws(WorkflowError) -> RetrainReport {
    do {
      return try retrain(
        path, name: name, data: data, record: folder, promotes: promotes, cache: cache, progress: progress)
    } catch let error as RecordError {
      throw WorkflowError(.inputOutput, error.description)
    } catch {
      throw WorkflowError(error)
    }
  }

  private static func retrain(
    _ path: String, name: String, data: String, record folder: String, promotes: Bool, cache: FeatureCache?,
    progress: @escaping ProgressHandler
  ) throws -> RetrainReport {
    let succession = BundleSuccession(path)
    let old = try ModelBundle(path: succession.current)
    let manifest = old.manifest
    guard manifest.task == .classification, manifest.tasks == nil, manifest.training.method == "linear" else {
      throw WorkflowError(
        .usage,
        "\(path): only classifiers of the linear method are retrained from the record; teach an anomaly detector with "
          + "`assay add`, and train others again with `assay train`")
    }
    guard manifest.adaptation == nil else {
      throw WorkflowError(
        .usage,
        "\(path): it was adapted to another line; retrain the bundle that it was made of, and adapt that again")
    }
    guard FileManager.default.fileExists(atPath: folder + "/record.sqlite") else {
      throw WorkflowError(.noInput, "\(folder): there is no record; name the folder that `assay serve` records to")
    }
    let record = try InspectionRecord(folder: folder)
    defer { record.close() }
    let corrected = try CorrectedParts(record, bundle: name, manifest)
    guard !corrected.parts.isEmpty else {
      throw WorkflowError(
        .badData,
        "\(folder): no corrected part of \(name) can be learned from (\(corrected.found) corrected); correct parts on the "
          + "page, and keep their images: --keep-images")
    }
    let staging = try TrainingList(corrected.parts, data: data, manifest)
    defer { staging.remove() }
    var options = TrainingOptions(features: features(old, cache: cache))
    options.goodClass = manifest.goodClass
    options.classWeights = manifest.training.solver["class weights"].flatMap(ClassWeights.init) ?? .none
    options.thresholdRule = rule(manifest.threshold)
    options.seed = manifest.training.seed
    options.commandLine = "assay retrain --from-record"
    let result = try Trainer.train(
      staging.file, output: succession.candidate, options: options, progress: progress)
    guard result.manifest.classes == manifest.classes else {
      throw WorkflowError(
        .badData,
        "\(data): it has the classes \(result.manifest.classes.joined(separator: ", ")), the bundle "
          + "\(manifest.classes.joined(separator: ", ")); name the data set that the bundle was trained on")
    }
    let before = try outcome(of: succession.current, staging.heldOut, manifest)
    let after = try outcome(of: succession.candidate, staging.heldOut, manifest)
    var report = RetrainReport(
      bundle: path, corrected: corrected.found, used: corrected.parts.count, learned: staging.learnedCount,
      heldOut: staging.heldOutCount, old: before, new: after, isBetter: after.isBetter(than: before), isPromoted: false,
      warnings: corrected.warnings)
    if before.parts == 0 { report.warnings.append("no part is left to compare on, so nothing is promoted") }
    if report.isBetter, promotes {
      try succession.promote()
      report.isPromoted = true
    }
    return report
  }

  private static func features(_ bundle: ModelBundle, cache: FeatureCache?) -> FeatureOptions {
    let manifest = bundle.manifest
    let network = manifest.network
    return FeatureOptions(
      backbone: BundleBackbones.name(for: bundle), inputSize: manifest.preprocessing.width,
      taps: network.features?.taps,
      statistics: network.features?.statistics ?? [.mean, .deviation], policy: manifest.preprocessing.policy,
      filter: manifest.preprocessing.filter, cache: cache)
  }

  /// The rule that the old threshold was chosen by; one that an operator set by hand is not a rule.
  private static func rule(_ threshold: Manifest.Threshold?) -> ThresholdRule {
    switch (threshold?.rule, threshold?.rate) {
    case ("max-escape", let rate?): .maximumEscape(rate)
    case ("max-overkill", let rate?): .maximumOverkill(rate)
    default: .bestF1
    }
  }

  private static func outcome(
    of path: String, _ parts: [(path: String, label: String)], _ manifest: Manifest
  ) throws -> RetrainReport.Outcome {
    guard !parts.isEmpty else { return .init() }
    let inspector = try Inspector(path: path, mode: .throughput)
    let total = Mutex(RetrainReport.Outcome())
    try inspector.inspect(parts.map(\.path)) { index, result in
      guard case .success(let finding) = result else { return }
      let label = parts[index].label
      total.withLock { total in
        total.parts += 1
        if finding.inspection.class != label { total.wrong += 1 }
        guard let good = manifest.goodClass else { return }
        let isRejected = finding.inspection.verdict == .defect
        if label == good {
          total.goods += 1
          total.overkills += isRejected ? 1 : 0
        } else {
          total.defects += 1
          total.escapes += isRejected ? 0 : 1
        }
      }
    }
    return total.withLock { $0 }
  }
}

/// Corrected parts that can be learned from: their image was kept, and their class is the bundle's.
struct CorrectedParts {
  struct Part {
    let id: Int64
    let label: String
    let hash: String
    let bytes: [UInt8]
  }

  /// With a correction, whether usable or not.
  let found: Int
  let parts: [Part]
  let warnings: [String]

  init(_ record: InspectionRecord, bundle: String, _ manifest: Manifest) throws {
    var query = RecordQuery()
    query.bundle = bundle
    query.review = .corrected
    query.limit = 500
    var parts: [Part] = []
    var seen: Set<String> = []
    var (found, withoutImage, otherClass) = (0, 0, 0)
    while true {
      let page = try record.search(query)
      for inspection in page {
        found += 1
        guard let correction = inspection.correction, manifest.classes.contains(correction.class) else {
          otherClass += 1
          continue
        }
        guard inspection.hasImage, let bytes = try record.image(inspection.id) else {
          withoutImage += 1
          continue
        }
        // The newest correction of an image counts.
        guard seen.insert(inspection.imageHash).inserted else { continue }
        parts.append(
          Part(id: inspection.id, label: correction.class, hash: inspection.imageHash, bytes: bytes))
      }
      guard page.count == query.limit, let last = page.last else { break }
      query.before = last.id
    }
    self.found = found
    self.parts = parts
    var warnings: [String] = []
    if withoutImage > 0 { warnings.append("the images of \(withoutImage) corrected parts were not kept") }
    if otherClass > 0 { warnings.append("\(otherClass) corrected parts are of classes that the bundle does not know") }
    self.warnings = warnings
  }
}

/// The data set of a retraining: the old images, the corrected parts, and which of both are held out from both bundles.
struct TrainingList {
  /// A CSV file.
  let file: String
  let heldOut: [(path: String, label: String)]
  /// Corrected parts to learn from, and held out.
  let learnedCount: Int
  let heldOutCount: Int
  private let folder: String

  init(_ parts: [CorrectedParts.Part], data: String, _ manifest: Manifest) throws {
    let known = Set(manifest.training.images)
    let dataset = try Self.dataset(data, manifest)
    folder = NSTemporaryDirectory() + "assay-retrain-" + UUID().uuidString
    try FileManager.default.createDirectory(
      atPath: folder + "/corrected", withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    var rows = ["path,label,split,group"]
    var heldOut: [(path: String, label: String)] = []
    var present: Set<String> = []
    let corrected = Dictionary(parts.map { ($0.hash, $0.label) }, uniquingKeysWith: { first, _ in first })
    for sample in dataset.samples {
      guard let label = sample.label, let bytes = try? ImageFile.contents(path: sample.path) else { continue }
      let hash = ContentHash.of(bytes)
      present.insert(hash)
      // What an operator says of an image of the data set is newer than the data set.
      let own = corrected[hash] ?? label
      let isHeldOut = !known.contains(hash)
      rows.append(Self.row(sample.path, own, isHeldOut ? "test" : "train", sample.group ?? ""))
      if isHeldOut { heldOut.append((sample.path, own)) }
    }
    let rule = SplitRule(seed: manifest.training.seed, validation: 0, test: Retrainer.heldOutShare)
    var counts = (learned: 0, heldOut: 0)
    for part in parts where !present.contains(part.hash) {
      let path = "\(folder)/corrected/\(part.id)"
      try Data(part.bytes).write(to: URL(fileURLWithPath: path))
      let isHeldOut = !known.contains(part.hash) && rule.split(for: part.hash) == .test
      rows.append(Self.row(path, part.label, isHeldOut ? "test" : "train", ""))
      if isHeldOut {
        heldOut.append((path, part.label))
        counts.heldOut += 1
      } else {
        counts.learned += 1
      }
    }
    self.heldOut = heldOut
    learnedCount = counts.learned
    heldOutCount = counts.heldOut
    file = folder + "/parts.csv"
    try Data((rows.joined(separator: "\n") + "\n").utf8).write(to: URL(fileURLWithPath: file))
  }

  /// With the labels that the bundle was trained on: the data set's own, or good and defective.
  private static func dataset(_ path: String, _ manifest: Manifest) throws -> Dataset {
    let own = try? DatasetReader.read(path, options: DatasetOptions(goodClass: manifest.goodClass))
    let both = try DatasetReader.read(path, options: DatasetOptions(labels: .binary))
    guard let found = [own, both].compactMap({ $0 }).first(where: { Set($0.classes).isSubset(of: manifest.classes) })
    else {
      throw WorkflowError(
        .badData,
        "\(path): it has the classes \((own ?? both).classes.joined(separator: ", ")), the bundle "
          + "\(manifest.classes.joined(separator: ", ")); name the data set that the bundle was trained on")
    }
    return found
  }

  func remove() { try? FileManager.default.removeItem(atPath: folder) }

  private static func row(_ fields: String...) -> String {
    fields.map { "\"" + $0.replacing("\"", with: "\"\"") + "\"" }.joined(separator: ",")
  }
}
