package import AssayBase
import AssayBundle
import AssayData
import AssayInspection
import AssayMethods
import AssayRecord
package import AssayRuntime
package import AssayStation
import Foundation

/// Lets a bundle learn from the parts that operators have corrected, compares, and promotes what is better beyond chance
/// (``RetrainComparison``).
///
/// A classifier of the linear method or a fine-tuned one is trained again with them, the latter from the published backbone
/// by the recipe in its manifest; a few-shot classifier and an anomaly detector with a memory are taught them as `assay add`
/// does, without training.
package enum Retrainer {
  /// - Parameters:
  ///   - bundle: one that ``accepts(_:)``.
  ///   - name: of the bundle in the record.
  ///   - data: the data set it was trained on.
  ///   - record: folder of the record.
  ///   - encoding: of the data set's texts that are not UTF-8; nil for the one that the bundle was trained with.
  ///   - isStrict: leave nothing of the data set out.
  ///   - promotes: puts a better bundle in the old one's place, and leaves no other; else the new one stays
  ///     `part.candidate.assay`.
  /// - Throws: when nothing can be learned: no corrected part whose image was kept, another method.
  package static func run(
    bundle path: String, name: String, data: String, record folder: String, encoding: String? = nil,
    isStrict: Bool = false, promotes: Bool = true, cache: FeatureCache? = FeatureCache(),
    progress: @escaping ProgressHandler = { _ in }
  ) throws(WorkflowError) -> RetrainReport {
    do {
      return try retrain(
        path, name: name, data: data, record: folder, encoding: encoding, isStrict: isStrict, promotes: promotes,
        cache: cache, progress: progress)
    } catch let error as RecordError {
      throw WorkflowError(.inputOutput, error.description)
    } catch let error as RetrainingPlace.Taken {
      throw WorkflowError(.unavailable, error.description)
    } catch let error as RetrainingPlace.Failure {
      throw WorkflowError(.inputOutput, error.description)
    } catch {
      throw WorkflowError(error)
    }
  }

  /// What was collected and what is still needed; nothing is trained.
  /// - Parameters:
  ///   - name: of the bundle in the record.
  ///   - record: folder of the record.
  package static func state(
    bundle path: String, name: String, record folder: String
  ) throws(WorkflowError) -> RetrainingState {
    do {
      let manifest = try ModelBundle(path: path).manifest
      let record = try open(folder)
      defer { record.close() }
      return RetrainingState(
        manifest, collected: try CorrectionCollection(record, bundle: name, manifest),
        last: RetrainingLog.last(of: path))
    } catch let error as RecordError {
      throw WorkflowError(.inputOutput, error.description)
    } catch {
      throw WorkflowError(error)
    }
  }

  private static func open(_ folder: String) throws -> InspectionRecord {
    guard FileManager.default.fileExists(atPath: folder + "/record.sqlite") else {
      throw WorkflowError(.noInput, "\(folder): there is no record; name the folder that `assay serve` records to")
    }
    return try InspectionRecord(folder: folder)
  }

  private static func retrain(
    _ path: String, name: String, data: String, record folder: String, encoding: String?, isStrict: Bool,
    promotes: Bool, cache: FeatureCache?, progress: @escaping ProgressHandler
  ) throws -> RetrainReport {
    let succession = BundleSuccession(path)
    let old = try ModelBundle(path: succession.current)
    let manifest = old.manifest
    if let reason = RetrainingRules.refusal(manifest) { throw WorkflowError(.usage, "\(path): \(reason)") }
    let record = try open(folder)
    defer { record.close() }
    let corrected = try CorrectedParts(record, bundle: name, manifest)
    guard !corrected.parts.isEmpty else {
      throw WorkflowError(
        .badData,
        "\(folder): no corrected part of \(name) can be learned from (\(corrected.found) corrected); correct parts on the "
          + "page, and keep their images: --keep-images")
    }
    let place = try RetrainingPlace(succession)
    defer { place.remove() }
    let training =
      manifest.training.method.isTaught
      ? nil : try BundleTraining(of: old, cache: cache, commandLine: "assay retrain --from-record")
    let staging = try TrainingList(
      corrected.parts, in: place.folder, data: data, manifest, training, cache: cache, encoding: encoding,
      isStrict: isStrict, progress: progress)
    if let training {
      try train(training, staging, data, manifest, output: place.candidate, progress: progress)
    } else {
      try teach(staging, old, output: place.candidate, cache: cache, progress: progress)
    }
    let trials = RetrainTrials(
      parts: staging.heldOut,
      old: try RetrainTrial(of: succession.current, staging.heldOut, goodClass: manifest.goodClass),
      new: try RetrainTrial(of: place.candidate, staging.heldOut, goodClass: manifest.goodClass),
      goodClass: manifest.goodClass, corrected: place.folder + "/corrected")
    let (comparison, outcomes) = (trials.comparison, trials.outcomes)
    var report = RetrainReport(
      bundle: path, corrected: corrected.found, used: corrected.parts.count, learned: staging.learned.count,
      heldOut: staging.heldOutCount, old: outcomes.old, new: outcomes.new, isBetter: comparison.isBetter,
      isPromoted: false, comparison: comparison, changed: trials.changed, oldHash: old.identity,
      newHash: try ModelBundle(path: place.candidate).identity, date: Timestamp.text(),
      warnings: corrected.warnings, reading: DataReading(staging.dataset, path: data))
    if outcomes.old.parts == 0 {
      report.warnings.append("no part is left to compare on, so nothing is promoted")
    }
    if !promotes {
      try place.publish()
    } else if report.isBetter {
      try place.promote()
      report.isPromoted = true
    }
    do { try RetrainingLog.write(report, beside: succession) } catch {
      report.warnings.append("the report is not kept beside the bundle: \(error.localizedDescription)")
    }
    return report
  }

  /// Trains the candidate on the data set and the corrected parts.
  private static func train(
    _ training: BundleTraining, _ staging: TrainingList, _ data: String, _ manifest: Manifest,
    output: String, progress: @escaping ProgressHandler
  ) throws {
    guard !training.needsValidation || staging.dataset.samples.contains(where: { $0.split == .validation }) else {
      throw WorkflowError(
        .badData,
        "\(data): it has none of the images that the bundle was validated with, by which Adam chooses the epoch to keep; "
          + "name the data set that the bundle was trained on")
    }
    let result = try training.train(staging.dataset, output: output, progress: progress)
    guard result.manifest.classes == manifest.classes else {
      throw WorkflowError(
        .badData,
        "\(data): it has the classes \(result.manifest.classes.joined(separator: ", ")), the bundle "
          + "\(manifest.classes.joined(separator: ", ")); name the data set that the bundle was trained on")
    }
  }

  /// Teaches a copy of the bundle the corrected parts.
  private static func teach(
    _ staging: TrainingList, _ old: ModelBundle, output: String, cache: FeatureCache?,
    progress: @escaping ProgressHandler
  ) throws {
    let manifest = old.manifest
    // A memory holds good parts only; the others are for the comparison.
    let isMemory = !manifest.kind.spec.knowsDataClasses
    let classes = isMemory ? [AnomalySpec.goodName] : manifest.classes
    let lessons = classes.map { name in (name: name, images: staging.learned.filter { $0.label == name }.map(\.path)) }
      .filter { !$0.images.isEmpty }
    guard !lessons.isEmpty else {
      throw WorkflowError(
        .badData,
        "no corrected part can be learned from: this bundle learns from \(classes.joined(separator: ", ")) parts; correct "
          + "more parts on the page")
    }
    try FileManager.default.copyItem(atPath: old.path, toPath: output)
    for lesson in lessons {
      if isMemory {
        _ = try MemoryTeaching.add(bundle: output, images: lesson.images, progress: progress)
      } else {
        _ = try FewShotTeaching.add(
          bundle: output, images: lesson.images, class: lesson.name, cache: cache,
          commandLine: "assay retrain --from-record", progress: progress)
      }
    }
  }
}
