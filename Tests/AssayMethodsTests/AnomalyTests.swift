import AssayBase
import AssayBundle
import AssayData
import AssayEvaluation
import AssayImage
import AssayInspection
import AssayLearning
import AssayMethods
import AssayMethodsSupport
import AssayRuntime
import AssayTestSupport
import Foundation
import Synchronization
import Testing

/// Trains on parts made by formula; nothing stays behind.
private final class Line {
  let parts: PartsFolder
  private var bundles: [String] = []

  init(good: Int, bad: Int, side: Int = 64) {
    parts = PartsFolder(each: 0)
    for index in 0..<good { parts.write("good/\(index).pgm", Pictures.brushedMetal(seed: index, isScratched: false)) }
    for index in 0..<bad {
      parts.write("scratch/\(index).pgm", Pictures.brushedMetal(seed: 900 + index, isScratched: true))
    }
  }

  deinit { for bundle in bundles { try? FileManager.default.removeItem(atPath: bundle) } }

  func bundle(_ name: String = "part") -> String {
    let path = "\(parts.path)-\(name).assay"
    bundles.append(path)
    return path
  }

  static func options(_ change: (inout AnomalyOptions) -> Void = { _ in }) -> AnomalyOptions {
    var options = AnomalyOptions(features: FeatureOptions(inputSize: 96, cache: nil))
    change(&options)
    return options
  }

  func train(_ name: String = "part", _ change: (inout AnomalyOptions) -> Void = { _ in }) throws
    -> AnomalyTrainingResult
  {
    try AnomalyTrainer.train(parts.path, output: bundle(name), options: Self.options(change))
  }
}

@Suite struct AnomalyTrainingTests {
  @Test(arguments: AnomalyOptions.Detector.allCases)
  func findsWhatNobodyHasLabelled(detector: AnomalyOptions.Detector) throws {
    let line = Line(good: 60, bad: 12)
    let result = try line.train { $0.detector = detector }
    let manifest = result.manifest
    #expect(manifest.task == .anomaly && manifest.anomaly?.method == detector.rawValue)
    #expect(try #require(result.evaluation?.metric("image AUROC")).value > 0.95)
    #expect(manifest.metrics == result.evaluation?.metrics)
    let recipe = try manifest.training.recipe.decoded(as: AnomalyRecipe.self)
    switch (detector, recipe.detector) {
    case (.patchcore, .patchCore), (.padim, .paDiM), (.subspace, .subspace): break
    default: Issue.record("\(recipe)")
    }
    #expect(!recipe.isTurned && recipe.split.test == 0.2)
    let report = try String(contentsOfFile: result.path + "/report.html", encoding: .utf8)
    #expect(report.contains("detector \(detector.rawValue);"))
    #expect(report.contains("What the threshold promises") && report.contains("id=\"decision\""))

    let station = try Inspector(path: result.path, mode: .latency).makeSession()
    let bad = try station.inspect(line.parts.path + "/scratch/3.pgm")
    #expect(bad.inspection.verdict == .defect && bad.inspection.probability == nil)
    let region = try #require(bad.inspection.regions?.first)
    #expect(bad.inspection.region == region.box && region.area > 0 && region.contour.count >= 3)
    // The scratch of seed 903 runs about column 12 + 903 % 40 = 35.
    #expect(region.box.x <= 35 && region.box.x + region.box.width >= 35)
    #expect(bad.inspection.pValue.map { $0 < 0.05 } == true)
    let canvas = try Overlay.draw(
      bad, preprocessing: manifest.preprocessing, mapScale: manifest.network.mapScale
    ).png()
    #expect(!canvas.isEmpty)
    try HeldOutReference.check(
      result.path, count: try #require(manifest.training.counts["good"]), picture: line.parts.path + "/good/3.pgm")
    // The scratch of one part is small: it changes the mean of its patches little.
    let reference = try #require(try ModelBundle(path: result.path).reference())
    #expect(!reference.scores.isEmpty)
  }

  /// The same images in another folder give the same graph and the same threshold, to the bit.
  @Test func reproducible() throws {
    let (first, second) = (Line(good: 24, bad: 4), Line(good: 24, bad: 4))
    let (one, other) = (try first.train(), try second.train())
    #expect(one.manifest.threshold == other.manifest.threshold && one.manifest.metrics == other.manifest.metrics)
    #expect(
      try ModelBundle(path: one.path).contents(ModelBundle.modelName)
        == ModelBundle(path: other.path).contents(ModelBundle.modelName))
  }

  /// The batch and the station give the same, in the order asked for.
  @Test func folderInOrder() throws {
    let line = Line(good: 30, bad: 4)
    let result = try line.train()
    let paths = FolderSearch.images(in: line.parts.path) + [line.parts.path + "/none.pgm"]
    let found = Mutex<[Int: Inspection]>([:])
    let failed = Mutex<[Int]>([])
    try Inspector(path: result.path, mode: .throughput).inspect(paths) { index, outcome in
      switch outcome {
      case .success(let finding): found.withLock { $0[index] = finding.inspection }
      case .failure: failed.withLock { $0.append(index) }
      }
    }
    #expect(failed.withLock { $0 } == [paths.count - 1])
    let station = try Inspector(path: result.path, mode: .latency).makeSession()
    for (index, path) in paths.dropLast().enumerated() {
      let alone = try station.inspect(path).inspection
      let together = try #require(found.withLock { $0[index] })
      #expect(together.file == path && abs((alone.score ?? 0) - (together.score ?? 0)) < 1e-4)
    }
  }

  /// A bank of all good patches: the graph's distance of a patch from itself is nothing, to half precision.
  @Test func knownPartsAreNear() throws {
    let line = Line(good: 12, bad: 0)
    let result = try line.train {
      $0.coreset = 1
      $0.split = SplitRule(validation: 0, test: 0)
    }
    #expect(result.evaluation == nil && result.manifest.anomaly?.memoryRows == 12 * 12 * 12)
    let known = try Inspector(path: result.path, mode: .latency).makeSession().inspect(
      line.parts.path + "/good/3.pgm")
    #expect(try #require(known.inspection.score) < 0.05 * (try #require(result.manifest.threshold).value))
  }

  @Test func thresholdsAreHonest() throws {
    let line = Line(good: 30, bad: 6)
    // 24 or so good parts cannot promise a hundredth.
    let error = #expect(throws: WorkflowError.self) {
      try line.train { $0.thresholdRule = .maximumOverkill(0.01) }
    }
    #expect(error?.kind == .badData && error?.description.contains("at least 99") == true)
    #expect(!FileManager.default.fileExists(atPath: line.parts.path + "-part.assay"))
    // Without a wish the lowest rate that they support is taken, and said.
    let result = try line.train()
    let anomaly = try #require(result.manifest.anomaly)
    let count = anomaly.calibration.goodScores.count
    #expect(count >= 5 && anomaly.calibration.folds == 5)
    #expect(abs(try #require(result.manifest.threshold?.rate) - 1 / Double(count + 1)) < 1e-12)
    #expect(result.manifest.threshold?.overkills == 0)
    #expect(result.warnings.contains { $0.contains("cannot support") })
    #expect(try #require(anomaly.guarantee) > 2 / Double(count + 1), "cross-fitting proves no more than that")
    // Defects set the threshold when asked to, and are then not tested on.
    let labelled = try line.train("best") { $0.thresholdRule = .bestF1 }
    let set = try #require(labelled.manifest.anomaly?.calibration)
    #expect(set.isDefect.contains(true))
    #expect(set.isDefect.count { $0 } + (try #require(labelled.evaluation).isDefect.count { $0 }) == 6)
  }

  @Test func tooFewForAnyThreshold() throws {
    let line = Line(good: 12, bad: 2)
    let result = try line.train { $0.shots = 2 }
    #expect(result.manifest.threshold == nil && result.manifest.anomaly?.mapThreshold == nil)
    let station = try Inspector(path: result.path, mode: .latency).makeSession()
    #expect(try station.inspect(line.parts.path + "/scratch/0.pgm").inspection.verdict == .unjudged)
    // Good parts that it has not seen set it later.
    let others = Line(good: 0, bad: 0)
    for index in 0..<25 {
      others.parts.write("\(index).pgm", Pictures.brushedMetal(seed: 4000 + index, isScratched: false))
    }
    let change = try ThresholdChange.run(
      bundle: result.path, rule: .maximumOverkill(0.05), data: others.parts.path, author: .tester)
    #expect(change.before == nil && change.scored == 25 && change.guarantee == 0.05)
    #expect(
      try Inspector(path: result.path, mode: .latency).makeSession()
        .inspect(line.parts.path + "/scratch/0.pgm").inspection.verdict == .defect)
  }

  @Test func thresholdWithoutTraining() throws {
    let line = Line(good: 150, bad: 4)
    let result = try line.train()
    let scores = try #require(result.manifest.anomaly).calibration.goodScores.sorted()
    let model = try ModelBundle(path: result.path).contents(ModelBundle.modelName)
    let change = try ThresholdChange.run(bundle: result.path, rule: .maximumOverkill(0.1), author: .tester)
    // The split-conformal quantile by definition: rank ceil((n + 1)(1 - rate)) among n scores, just above it.
    let rank = Int((Double(scores.count + 1) * 0.9 - 1e-9).rounded(.up))
    #expect(change.threshold.value == scores[rank - 1].nextUp && change.scored == 0)
    let bundle = try ModelBundle(path: result.path)
    #expect(bundle.manifest.threshold?.value == change.threshold.value)
    #expect(bundle.manifest.changes.map(\.action) == ["threshold"])
    #expect(try bundle.contents(ModelBundle.modelName) == model, "the graph is untouched")
    #expect(throws: WorkflowError.self) {
      try ThresholdChange.run(bundle: result.path, rule: .maximumOverkill(0.0001), author: .tester)
    }
    #expect(throws: WorkflowError.self, "no part that it has not seen") {
      let known = Line(good: 0, bad: 0)
      known.parts.write("a.pgm", Pictures.brushedMetal(seed: 0, isScratched: false))
      let trained = try AnomalyTrainer.train(
        known.parts.path, output: known.bundle(), options: Line.options())
      _ = try ThresholdChange.run(
        bundle: trained.path, rule: .maximumOverkill(0.5), data: known.parts.path, author: .tester)
    }
  }

  @Test func addAndForgetAreUndone() throws {
    let line = Line(good: 20, bad: 2)
    let result = try line.train { $0.split = SplitRule(validation: 0, test: 0) }
    func model() throws -> [UInt8] { try ModelBundle(path: result.path).contents(ModelBundle.modelName) }
    func score(_ path: String) throws -> Double {
      try #require(try Inspector(path: result.path, mode: .latency).makeSession().inspect(path).inspection.score)
    }
    let original = try model()
    let scratch = line.parts.path + "/scratch/0.pgm"
    let before = try score(scratch)

    let added = try MemoryTeaching.add(bundle: result.path, images: [scratch])
    #expect(added.rowsAfter > added.rowsBefore && added.images == [scratch])
    #expect(try score(scratch) < 0.5 * before, "what was taught is no longer strange")
    #expect(try ModelBundle(path: result.path).manifest.training.images.count == 21)
    #expect(try MemoryTeaching.add(bundle: result.path, images: [scratch]).images.isEmpty, "known already")

    let forgotten = try MemoryTeaching.forget(bundle: result.path, images: [scratch])
    #expect(forgotten.rowsAfter == added.rowsBefore)
    #expect(try model() == original, "the very graph from before")

    // A training image forgotten and taken back.
    let good = line.parts.path + "/good/4.pgm"
    let without = try MemoryTeaching.forget(bundle: result.path, images: [good])
    #expect(without.rowsAfter < without.rowsBefore)
    _ = try MemoryTeaching.add(bundle: result.path, images: [good])
    #expect(try model() == original)
    let manifest = try ModelBundle(path: result.path).manifest
    #expect(manifest.changes.map(\.action) == ["add", "forget", "forget", "add"])
    #expect(manifest.anomaly?.memoryRows == result.manifest.anomaly?.memoryRows)
    #expect(throws: WorkflowError.self) {
      try MemoryTeaching.forget(bundle: result.path, images: [line.parts.path + "/good"])
    }
    #expect(try model() == original, "nothing is forgotten when nothing would be left")
  }

  @Test func defectsAmongTheGoodAreListedAndTrimmed() throws {
    let line = Line(good: 40, bad: 0)
    line.parts.write("good/odd.pgm", Pictures.brushedMetal(seed: 77, isScratched: true))
    func names(_ result: AnomalyTrainingResult) -> [String] { result.isolated.map(\.name) }
    let all: (inout AnomalyOptions) -> Void = { $0.split = SplitRule(validation: 0, test: 0) }
    let listed = try line.train("listed", all)
    #expect(names(listed) == ["good/odd.pgm"] && listed.isolated[0].isDropped == false)
    #expect(listed.manifest.training.counts == ["good": 41])
    let trimmed = try line.train("trimmed") {
      all(&$0)
      $0.isTrimming = true
    }
    #expect(trimmed.isolated.map(\.isDropped) == [true])
    #expect(trimmed.manifest.training.counts == ["good": 40])
    let odd = line.parts.path + "/good/odd.pgm"
    #expect(try Inspector(path: trimmed.path, mode: .latency).makeSession().inspect(odd).inspection.verdict == .defect)
  }

  @Test func whatLiesOutsideOfTheRegionIsNotJudged() throws {
    let line = Line(good: 30, bad: 3)
    // The scratch runs between columns 12 and 52; only the left and right edge are judged.
    let edges = RegionOfInterest(
      width: 64, height: 64,
      ignore: [[(8.0, 0.0), (60.0, 0.0), (60.0, 64.0), (8.0, 64.0)].map { PixelPoint(x: $0.0, y: $0.1) }])
    let result = try line.train {
      $0.region = edges
      // A depth that does not see as far as the middle.
      $0.features.taps = ["stage2"]
    }
    let station = try Inspector(path: result.path, mode: .latency).makeSession()
    #expect(try station.inspect(line.parts.path + "/scratch/0.pgm").inspection.verdict == .good)
    let full = try line.train("full")
    #expect(
      try Inspector(path: full.path, mode: .latency).makeSession().inspect(line.parts.path + "/scratch/0.pgm")
        .inspection.verdict == .defect)
  }

  @Test func evaluatesAndRefusesWhatItKnows() throws {
    let line = Line(good: 40, bad: 8)
    let result = try line.train()
    let tested = try AnomalyEvaluator.evaluate(bundle: result.path, on: line.parts.path)
    #expect(tested.refused == result.manifest.training.images.count)
    #expect(tested.evaluation.scores.count == 48 - tested.refused)
    let own = try #require(tested.evaluation.metric("image AUROC")).value
    #expect(abs(own - (try #require(result.evaluation?.metric("image AUROC")).value)) < 1e-9)
    #expect(tested.evaluation.types.map(\.name) == ["scratch"])
  }

  @Test func errorsSayWhatToDo() throws {
    let line = Line(good: 0, bad: 3)
    #expect(throws: WorkflowError.self, "nothing good") { try line.train() }
    let broken = Line(good: 0, bad: 0)
    broken.parts.write("good/a.pgm", Array("P5 64 64 255\n".utf8))
    let error = #expect(throws: WorkflowError.self) { try broken.train() }
    #expect(error?.description.contains("a.pgm") == true)
    let few = Line(good: 3, bad: 0)
    #expect(throws: WorkflowError.self) { try few.train { $0.shots = 9 } }
    #expect(throws: WorkflowError.self) {
      try few.train {
        $0.detector = .padim
        $0.tiling = Tiling(size: 64, overlap: 16)
      }
    }
  }
}

@Suite struct AnomalyTilingTests {
  /// A large photograph of noise with one small dark spot, as PGM.
  private static func photograph(_ side: Int, seed: UInt64, spot: (x: Int, y: Int)?) -> [UInt8] {
    var generator = SplitMix64(seed: seed)
    var pixels = [UInt8](repeating: 0, count: side * side)
    for index in pixels.indices { pixels[index] = UInt8(Int.random(in: 120...136, using: &generator)) }
    if let spot {
      for y in spot.y..<spot.y + 12 { for x in spot.x..<spot.x + 12 { pixels[y * side + x] = 30 } }
    }
    return Array("P5 \(side) \(side) 255\n".utf8) + pixels
  }

  /// Spots of 12 pixels, inside of a tile and on the border between tiles, are found where they are.
  @Test func smallDefectsInLargePhotographs() throws {
    let folder = PartsFolder(each: 0)
    let bundle = folder.bundle
    defer { try? FileManager.default.removeItem(atPath: bundle) }
    for index in 0..<6 { folder.write("good/\(index).pgm", Self.photograph(500, seed: UInt64(index), spot: nil)) }
    let result = try AnomalyTrainer.train(
      folder.path, output: bundle,
      options: AnomalyOptions(
        features: FeatureOptions(cache: nil), tiling: Tiling(size: 128, overlap: 32),
        split: SplitRule(validation: 0, test: 0)))
    let new = PartsFolder(each: 0)
    let station = try Inspector(path: result.path, mode: .latency).makeSession()
    // Tiles begin at 0, 93, 186, ...: 110 and 200 lie on borders.
    for spot in [(x: 40, y: 50), (x: 110, y: 200), (x: 484, y: 484)] {
      new.write("bad.pgm", Self.photograph(500, seed: 99, spot: spot))
      let finding = try station.inspect(new.path + "/bad.pgm").inspection
      #expect(finding.verdict == .defect)
      let box = try #require(finding.regions?.first).box
      #expect(box.x < Double(spot.x + 12) && box.x + box.width > Double(spot.x))
      #expect(box.y < Double(spot.y + 12) && box.y + box.height > Double(spot.y))
      #expect(box.width < 80 && box.height < 80, "\(box)")
    }
    // No seams: on a good photograph neighbouring values across the tiles' borders differ no more than elsewhere.
    new.write("good.pgm", Self.photograph(500, seed: 123, spot: nil))
    let map = try #require(try station.inspect(new.path + "/good.pgm").reading).map
    #expect(map.width == 500 && map.height == 500)
    func steps(_ columns: [Int]) -> Float {
      columns.map { x in
        (0..<500).reduce(Float(0)) { $0 + abs(map.values[$1 * 500 + x] - map.values[$1 * 500 + x - 1]) } / 500
      }.max() ?? 0
    }
    let borders = Tiling(size: 128, overlap: 32).tiles(width: 500, height: 500).map(\.x).filter { $0 > 0 }
    let ends = borders.map { $0 + 128 }.filter { $0 < 500 }
    let elsewhere = (1..<500).filter { x in !(borders + ends).contains { abs($0 - x) < 2 } }
    #expect(steps(Array(Set(borders + ends))) <= steps(elsewhere))
  }
}
