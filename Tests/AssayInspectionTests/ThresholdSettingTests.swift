import AssayBundle
import AssayInspection
import Foundation
import Synchronization
import Testing

@Suite struct ThresholdSettingTests {
  let folder = NSTemporaryDirectory() + "assay-setting-" + UUID().uuidString

  private func bundle(_ one: Specimen, _ files: [String: [UInt8]] = [:]) throws -> ModelBundle {
    try ModelBundle.write(
      to: folder + "/part.assay", manifest: one.manifest,
      files: [ModelBundle.modelName: [1], ModelBundle.reportName: [2]].merging(files) { $1 })
  }

  private func remove() { try? FileManager.default.removeItem(atPath: folder) }
  private let author = ThresholdSetting.Author(
    by: "Kim", reason: "new lamp", date: Date(timeIntervalSince1970: 1_767_225_600))

  /// A proof is of one threshold; another one has none, and areas keep their proportion.
  @Test func anomaly() throws {
    defer { remove() }
    let before = try bundle(.anomaly())
    var setting = ThresholdSetting(before, author)
    try setting.set(6)
    let manifest = try ModelBundle(path: before.path).manifest
    guard case .anomaly(let spec) = manifest.kind else { return #expect(Bool(false)) }
    #expect(manifest.threshold?.value == 6 && spec.model.guarantee == nil)
    #expect(spec.model.mapThreshold == 6 && manifest.network.mapScale == 6, "4 to 6 is half as much again")
    // Of the scores 1, 2, 3 of good parts and 8 of a bad one.
    #expect(manifest.threshold?.escapes == 0 && manifest.threshold?.overkills == 0 && manifest.threshold?.goods == 3)
    let change = try #require(manifest.changes.last)
    #expect(change.by == "Kim" && change.reason == "new lamp" && change.date == "2026-01-01T00:00:00Z")
    #expect(change.action == "threshold" && change.note == "4 to 6, set by hand")

    try setting.undo()
    let again = try ModelBundle(path: before.path).manifest
    #expect(again.kind == before.manifest.kind && again.network == before.manifest.network)
    #expect(again.changes.map(\.action) == ["threshold", "undo"])
    #expect(throws: DecisionError.nothingToUndo) { try setting.undo() }
  }

  /// Held-out scores are 1, 2 and 3 of good parts and 8 of a bad one: of four parts a fifth is the nearest one's distance.
  @Test func theBandFollowsTheThreshold() throws {
    defer { remove() }
    let before = try bundle(.anomaly())
    #expect(before.manifest.uncertainSentence.contains("rule of thumb"), "a bundle of an earlier version says so")
    var setting = ThresholdSetting(before, author)
    try setting.set(5)
    #expect(setting.bundle.manifest.rule.band == nil, "and keeps it")
    try setting.undo()
    try setting.setUncertain(0.2)
    var band = try #require(try ModelBundle(path: before.path).manifest.rule.band)
    #expect(abs((band.below ?? 0) - log(4.0 / 3)) < 1e-12 && band.budget == 0.2 && band.parts == 4)
    #expect(setting.bundle.manifest.changes.last?.note == "uncertain parts: a rule of thumb to 20 %")
    try setting.set(5)
    band = try #require(setting.bundle.manifest.rule.band)
    #expect(abs((band.below ?? 0) - log(8.0 / 5)) < 1e-12 && band.budget == 0.2)
    try setting.undo()
    #expect(abs((setting.bundle.manifest.rule.band?.below ?? 0) - log(4.0 / 3)) < 1e-12)
    #expect(setting.bundle.manifest.uncertainSentence.contains("the least certain 20 % of parts, by 4 held-out ones"))
    #expect(throws: DecisionError.noShare(1)) { try setting.setUncertain(1) }
    var values = ThresholdSetting(try bundle(.measurement()), author)
    #expect(throws: DecisionError.noHeldOutParts) { try values.setUncertain(0.1) }
  }

  @Test func undoTakesBackOneAfterAnother() throws {
    defer { remove() }
    let before = try bundle(.classifier())
    var setting = ThresholdSetting(before, author)
    for value in [0.4, 0.3, 0.2] { try setting.set(value) }
    try setting.undo()
    #expect(setting.bundle.manifest.threshold?.value == 0.3)
    try setting.set(0.1)
    for expected in [0.3, 0.4, 0.5] {
      try setting.undo()
      #expect(setting.bundle.manifest.threshold?.value == expected)
    }
    #expect(throws: DecisionError.nothingToUndo) { try setting.undo() }
  }

  @Test func eachClassHasItsOwn() throws {
    defer { remove() }
    let reference = BundleReference(
      basis: "validation", scores: [0.9, 0.2], isDefect: [true, false], features: nil,
      labels: [
        .init(name: "scratch", scores: [0.9, 0.2], isThere: [true, false]),
        .init(name: "stain", scores: [0.5, 0.1], isThere: [true, false]),
      ])
    let before = try bundle(.multiLabel(), [ModelBundle.referenceName: Array(try JSONEncoder().encode(reference))])
    var setting = ThresholdSetting(before, author)
    #expect(throws: DecisionError.classNeeded(["scratch", "stain"])) { try setting.set(0.4) }
    #expect(throws: DecisionError.unknownClass("dent", known: ["scratch", "stain"])) {
      try setting.set(0.4, for: "dent")
    }
    try setting.set(0.6, for: "stain")
    let thresholds = try #require(setting.bundle.manifest.kind.spec.decision.labelThresholds)
    #expect(thresholds.map(\.value) == [0.5, 0.6] && thresholds[1].escapes == 1 && thresholds[1].defects == 1)
    try setting.undo()
    #expect(setting.bundle.manifest.kind == before.manifest.kind)
  }

  @Test func refused() throws {
    defer { remove() }
    var setting = ThresholdSetting(try bundle(.classifier()), author)
    for odd in [-0.1, 1.1, .nan, .infinity] { #expect(throws: DecisionError.self) { try setting.set(odd) } }
    #expect(throws: DecisionError.noClassThresholds) { try setting.set(0.4, for: "scratch") }
    var plain = ThresholdSetting(try bundle(.named("no good class")), author)
    #expect { try plain.set(0.4) } throws: { "\($0)".contains("--good") }
    var measured = ThresholdSetting(try bundle(.measurement()), author)
    #expect(throws: DecisionError.self) { try measured.set(0.4) }
    var anomaly = ThresholdSetting(try bundle(.anomaly()), author)
    #expect(throws: DecisionError.self, "no part could ever be rejected") { try anomaly.set(1e308) }
    #expect(try ModelBundle(path: folder + "/part.assay").manifest.changes.isEmpty)
  }

  /// Of those who decide on the same bundle at the same time one is written, the others are told.
  @Test func together() throws {
    defer { remove() }
    let before = try bundle(.classifier())
    let outcomes = Mutex<(written: [Double], refused: Int)>(([], 0))
    let author = author
    DispatchQueue.concurrentPerform(iterations: 16) { index in
      let value = 0.1 + Double(index) * 0.05
      var setting = ThresholdSetting(before, author)
      do {
        try setting.set(value)
        outcomes.withLock { $0.written.append(value) }
      } catch let error as BundleError where error.reason == .changed {
        outcomes.withLock { $0.refused += 1 }
      } catch {
        Issue.record(error)
      }
    }
    let (written, refused) = outcomes.withLock { $0 }
    #expect(written.count == 1 && refused == 15)
    #expect(try ModelBundle(path: before.path).manifest.threshold?.value == written.first)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: before.path).sorted() == [
        "manifest.json", "model.onnx", "report.html",
      ], "nothing half-written stays behind")
  }
}
