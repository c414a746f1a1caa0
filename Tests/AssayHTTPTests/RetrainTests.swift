import AssayBase
import AssayBundle
import AssayData
import AssayHTTP
import AssayImage
import AssayInspection
import AssayLearning
import AssayMethods
import AssayRecord
import AssayRetraining
import AssayStation
import AssayStationSupport
import AssayTestSupport
import AssayTraining
import Foundation
import Testing

@Suite struct RetrainTests {
  @Test func succession() throws {
    let folder = TemporaryFolder()
    let path = try TestParts.bundle(in: folder.path)
    let succession = BundleSuccession(path)
    #expect(throws: BundleError.self) { try succession.rollBack() }
    #expect(throws: BundleError.self) { try succession.promote() }
    try FileManager.default.copyItem(atPath: path, toPath: succession.candidate)
    var candidate = try ModelBundle(path: succession.candidate)
    try candidate.replaceManifest { $0.kind.spec.decision.threshold?.value = 0.123 }
    let first = try ModelBundle(path: path).identity
    try succession.promote()
    #expect(try ModelBundle(path: path).identity == candidate.identity)
    #expect(try ModelBundle(path: succession.previous).identity == first)
    #expect(!FileManager.default.fileExists(atPath: succession.candidate))
    try succession.rollBack()
    #expect(try ModelBundle(path: path).identity == first)
    try succession.rollBack()
    #expect(try ModelBundle(path: path).identity == candidate.identity, "twice is as before")
  }

  /// Corrected parts are learned from or held out, and both bundles are compared on parts of which neither has learned.
  @Test func correctedPartsAreUsed() async throws {
    try await TestStation.run {
      $0.images = .all
    } _: { (station: TestStation) async throws -> Void in
      for index in 0..<12 {
        let isScratched = index % 2 == 0
        let answer = try await station.inspect(7000 + index, isScratched: isScratched).json
        let id = try #require(answer["id"] as? Int)
        let body = Array("{\"class\":\"\(isScratched ? "scratch" : "good")\"}".utf8)
        #expect(try await station.call("POST", "/v1/records/\(id)/correction", body: body).status == 201)
      }
      let before = try ModelBundle(path: station.bundle)
      let folder = station.folder.path
      let bundle = station.bundle
      // The same data set, and a file in it that cannot be read.
      let data = folder + "/data"
      try FileManager.default.copyItem(atPath: TestParts.data, toPath: data)
      try Data("no picture".utf8).write(to: URL(fileURLWithPath: data + "/good/photo.heic"))
      let report = try await Task.detached {
        try Retrainer.run(
          bundle: bundle, name: "part", data: data, record: folder + "/record", promotes: false, cache: nil)
      }.value
      #expect(report.reading?.leftOut.map(\.names) == [["good/photo.heic"]])
      let strict = #expect(throws: WorkflowError.self) {
        try Retrainer.run(
          bundle: bundle, name: "part", data: data, record: folder + "/record", isStrict: true, promotes: false,
          cache: nil)
      }
      #expect(strict?.kind == .badData && strict?.description.contains("photo.heic") == true)
      #expect(report.corrected == 12 && report.used == 12 && report.learned + report.heldOut == 12)
      #expect(report.learned > 0 && report.old.parts == report.new.parts && report.old.parts >= report.heldOut)
      #expect(!report.isPromoted)
      let comparison = try #require(report.comparison)
      let changed = try #require(report.changed)
      #expect(comparison.gained == changed.count { $0.isRightNow && !$0.wasRight })
      #expect(comparison.lost == changed.count { $0.wasRight && !$0.isRightNow })
      #expect(report.new.wrong == report.old.wrong - comparison.gained + comparison.lost)
      #expect(report.isBetter == (comparison.answer == .better) && report.oldHash == before.identity)
      #expect(RetrainingLog.last(of: bundle)?.newHash == report.newHash, "it is kept beside the bundle")
      let state = try await station.get("/v1/models/part/retraining").json
      let collected = try #require(state["collected"] as? [String: Any])
      #expect(collected["found"] as? Int == 12 && collected["usable"] as? Int == 12)
      #expect(collected["classes"] as? [String: Int] == ["good": 6, "scratch": 6])
      #expect((state["last"] as? [String: Any])?["newHash"] as? String == report.newHash)
      // None was judged wrongly or some were: five of a third must change sides.
      let wrong = try #require(collected["disagreed"] as? Int)
      #expect(state["partsNeeded"] as? Int == max(0, 15 - wrong))
      #expect(
        state["canRetrain"] as? Bool == false && (state["whyNot"] as? String)?.contains("--training-data") == true)
      #expect(try ModelBundle(path: bundle).identity == before.identity)
      let candidate = try ModelBundle(path: BundleSuccession(bundle).candidate).manifest
      #expect(candidate.training.leftOut == ["imageNotRead": 1])
      #expect(candidate.classes == before.manifest.classes)
      let tested = Set(try #require(before.manifest.training.testImages))
      #expect(!tested.isEmpty && tested.isDisjoint(with: candidate.training.images), "nothing tested is learned from")
      #expect(tested.isSubset(of: candidate.training.testImages ?? []), "and it stays in the test")
      #expect(candidate.training.images.count == before.manifest.training.images.count + report.learned)
      #expect(throws: WorkflowError.self) {
        try Retrainer.run(bundle: bundle, name: "other", data: TestParts.data, record: folder + "/record", cache: nil)
      }
    }
  }

  /// What was trained by Adam is trained by Adam again, in the same way. The validation images, by which the old bundle's
  /// epoch, probabilities and threshold were chosen, choose the new one's, and neither is judged on them.
  private func sameAdam(_ old: Manifest, _ new: Manifest, _ report: RetrainReport) throws {
    let first = try old.training.recipe.decoded(as: LinearRecipe.self)
    let second = try new.training.recipe.decoded(as: LinearRecipe.self)
    guard case .adam(let was, _) = first.solver, case .adam(let settings, _) = second.solver else {
      Issue.record("\(second)")
      return
    }
    #expect(settings == was && settings.epochs == 7 && settings.learningRate == 2e-3)
    #expect(second.classWeights == .balanced && second.split == first.split && first.split.validation == 0.25)
    #expect(new.threshold?.rule == "max-overkill" && new.threshold?.rate == 0.5)
    let samples = try DatasetReader.read(TestParts.data).samples
    let hashes = try samples.map { ContentHash.of(try ImageFile.contents(path: $0.path)) }
    let splits = SplitRule(seed: 0, validation: 0.25, test: 0.25).assign(samples: samples, hashes: hashes)
    #expect(splits.contains(.validation) && splits.contains(.test))
    #expect(old.training.images.count == splits.count { $0 == .train })
    #expect(report.old.parts == splits.count { $0 == .test } + report.heldOut)
    let reference = splits.count { $0 == .validation }
    #expect((new.threshold?.goods ?? 0) + (new.threshold?.defects ?? 0) == reference)
  }

  /// Bundles that learn without training are taught a copy of themselves; a fine-tuned one is trained by its own recipe.
  @Test(arguments: ["patchcore", "fewshot", "finetune", "adam", "no good class"]) func correctedPartsAreTaught(
    _ method: String
  )
    throws
  {
    let folder = TemporaryFolder()
    let path = folder.path + "/part.assay"
    let features = FeatureOptions(inputSize: 96, cache: nil)
    var data = TestParts.data
    let good = method == "no good class" ? "matt" : "good"
    if method == "no good class" {
      data = folder.path + "/parts.csv"
      let rows = try DatasetReader.read(TestParts.data).samples.map { sample in
        "\(sample.path),\(sample.label == "good" ? good : sample.label ?? "")"
      }
      folder.write("parts.csv", Array((["path,label"] + rows).joined(separator: "\n").utf8))
    }
    switch method {
    case "patchcore":
      _ = try AnomalyTrainer.train(TestParts.data, output: path, options: AnomalyOptions(features: features))
    case "finetune":
      var settings = FineTuneSettings()
      (settings.epochs, settings.batchSize) = (1, 8)
      _ = try FineTuneTrainer.train(
        TestParts.data, output: path,
        options: FineTuneOptions(
          base: TrainingOptions(features: features), settings: settings, freezeTo: "stage6", views: 2, folds: 2,
          isForced: true))
    case "adam":
      let adam = AdamProbe.Settings(learningRate: 2e-3, batchSize: 16, epochs: 7, weightDecay: 0.01)
      _ = try Trainer.train(
        data, output: path,
        options: TrainingOptions(
          features: features, solver: .adam(adam), classWeights: .balanced, thresholdRule: .maximumOverkill(0.5),
          split: SplitRule(validation: 0.25, test: 0.25)))
    case "no good class":
      _ = try Trainer.train(data, output: path, options: TrainingOptions(features: features))
    default:
      _ = try FewShotTrainer.train(TestParts.data, output: path, options: TrainingOptions(features: features), shots: 4)
    }
    let before = try ModelBundle(path: path)
    for index in 0..<12 {
      folder.write("in/\(index).pgm", Pictures.brushedMetal(seed: 7100 + index, isScratched: index % 2 == 0))
    }
    do {
      let watcher = try FolderWatcher(
        bundle: path, folder: folder.path + "/in",
        recording: WatchRecording(folder: folder.path + "/record", images: .all, retention: RetentionPolicy()))
      for _ in 0..<2 { _ = try watcher.look { _ in } }
    }
    func retrain() throws -> RetrainReport {
      try Retrainer.run(
        bundle: path, name: "part", data: data, record: folder.path + "/record", promotes: false, cache: nil)
    }
    #expect(throws: WorkflowError.self, "nothing is corrected") { try retrain() }
    let record = try InspectionRecord(folder: folder.path + "/record")
    let found = try record.search(RecordQuery())
    #expect(found.count == 12)
    for part in found {
      let isScratched = (Int(part.serial?.dropLast(4) ?? "") ?? 0) % 2 == 0
      let bad = method == "patchcore" ? "defect" : "scratch"
      let correction = Correction(
        time: 1, verdict: isScratched ? "defect" : "good", class: isScratched ? bad : good)
      #expect(try record.correct(part.id, correction))
    }
    record.close()
    let report = try retrain()
    #expect(report.used == 12 && report.learned + report.heldOut == 12 && report.learned > 0 && report.heldOut > 0)
    #expect(report.old.parts == report.new.parts && report.old.parts > report.heldOut)
    #expect(good != "good" || report.old.goods > 0 && report.old.defects > 0)
    #expect(try ModelBundle(path: path).identity == before.identity)
    let candidate = try ModelBundle(path: BundleSuccession(path).candidate).manifest
    let taught = Set(candidate.training.images).subtracting(before.manifest.training.images)
    // A memory learns from good parts only.
    #expect(method != "patchcore" ? taught.count == report.learned : taught.count > 0 && taught.count < report.learned)
    #expect(Set(before.manifest.training.images).isSubset(of: candidate.training.images))
    if method == "adam" { try sameAdam(before.manifest, candidate, report) }
  }
}
