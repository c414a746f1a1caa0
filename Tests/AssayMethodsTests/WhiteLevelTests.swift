import AssayBase
import AssayBundle
import AssayData
import AssayEvaluation
import AssayImage
import AssayInspection
import AssayLearning
import AssayMethods
import AssayMethodsSupport
import AssayMetrics
import AssayRuntime
import AssayTestSupport
import Foundation
import Testing

/// One data set in the forms that cameras and programs write it in.
enum PictureForm: String, CaseIterable, CustomTestStringConvertible {
  case eightBits, spread, twelveBits, leftAligned, tenBits, tenBitsDeclared, twelveBitsOfPNM

  var testDescription: String { rawValue }

  /// What an 8-bit sample is multiplied by.
  private var factor: Int {
    switch self {
    case .eightBits: 1
    case .spread: 257
    case .twelveBits, .twelveBitsOfPNM: 16
    case .leftAligned: 256
    case .tenBits, .tenBitsDeclared: 4
    }
  }

  var level: WhiteLevel? {
    switch self {
    case .eightBits: nil
    case .spread, .leftAligned: WhiteLevel(65_535, .samples)
    case .twelveBits: WhiteLevel(4095, .samples)
    case .tenBits: WhiteLevel(1023, .samples)
    case .tenBitsDeclared: WhiteLevel(1023, .declared)
    case .twelveBitsOfPNM: WhiteLevel(4095, .declared)
    }
  }

  /// - Parameter bytes: 64 x 64 pixels of 8 bits as a PGM, with a head of 13 bytes.
  func file(_ bytes: [UInt8]) -> [UInt8] {
    let values = bytes.dropFirst(13).map { Int($0) * factor }
    func big(_ maxval: Int) -> [UInt8] {
      Array("P5 64 64 \(maxval)\n".utf8) + values.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
    }
    switch self {
    case .eightBits: return bytes
    case .spread, .twelveBits, .leftAligned, .tenBits: return big(65_535)
    case .twelveBitsOfPNM: return big(4095)
    case .tenBitsDeclared: return tiff(values, largest: 1023)
    }
  }

  /// An uncompressed TIFF of 16 bits with SMaxSampleValue (tag 341).
  private func tiff(_ values: [Int], largest: Int) -> [UInt8] {
    func short(_ value: Int) -> [UInt8] { [UInt8(value & 0xFF), UInt8(value >> 8 & 0xFF)] }
    func long(_ value: Int) -> [UInt8] { short(value & 0xFFFF) + short(value >> 16) }
    let entries = [
      (256, 64), (257, 64), (258, 16), (259, 1), (262, 1), (273, 8), (277, 1), (278, 64), (279, 2 * values.count),
      (341, largest),
    ]
    return Array("II".utf8) + short(42) + long(8 + 2 * values.count) + values.flatMap(short) + short(entries.count)
      + entries.flatMap { tag, value in
        // Of type short, but for the number of bytes.
        short(tag) + short(tag == 279 ? 4 : 3) + long(1) + long(value)
      } + long(0)
  }

  /// 24 parts of each class to learn from and 8 to test on, the same in every form.
  func write(to parts: PartsFolder) {
    for index in 0..<32 {
      let split = index < 24 ? "train" : "test"
      for (name, seed) in [("good", index), ("scratch", 1000 + index)] {
        parts.write(
          "\(split)/\(name)/\(index).pgm", file(Pictures.brushedMetal(seed: seed, isScratched: name != "good")))
      }
    }
  }
}

@Suite struct WhiteLevelWorkflowTests {
  private static let features = FeatureOptions(inputSize: 96, cache: nil)

  /// Every form of the data set gives the same inspector, and each inspector the same answer on its form of a part.
  @Test func everyFormGivesTheSame() throws {
    var answers: [PictureForm: [Double]] = [:]
    var accuracies: Set<Double> = []
    for form in PictureForm.allCases {
      let parts = PartsFolder(each: 0)
      defer { try? FileManager.default.removeItem(atPath: parts.bundle) }
      form.write(to: parts)
      let survey = DataSurvey.run(try DatasetReader.read(parts.path))
      #expect(survey.whiteLevel?.level == form.level, "the survey agrees")
      #expect(survey.text.contains("white is") == (form.level != nil))
      let result = try Trainer.train(parts.path, output: parts.bundle, options: .init(features: Self.features))
      #expect(result.manifest.preprocessing.whiteLevel == form.level)
      accuracies.insert(result.evaluation.confusion.accuracy)
      let report = try String(contentsOfFile: result.path + "/report.html", encoding: .utf8)
      #expect(report.contains("pictures of more than 8 bits") == (form.level != nil))
      let station = try Inspector(path: result.path, mode: .latency).makeSession()
      answers[form] = try (0..<8).map { index in
        let picture = Pictures.brushedMetal(seed: 5000 + index, isScratched: index % 2 == 1)
        let inspection = try station.inspect(form.file(picture), name: "part").inspection
        #expect(inspection.note == nil)
        return try #require(inspection.score)
      }
    }
    #expect(accuracies.count == 1)
    let expected = try #require(answers[.eightBits])
    #expect(expected.enumerated().allSatisfy { ($1 > 0.5) == ($0 % 2 == 1) })
    for (form, found) in answers {
      let worst = zip(found, expected).map { abs($0 - $1) }.max() ?? 1
      #expect(worst < 0.05, "\(form.rawValue): \(worst)")
    }
  }

  /// Distances from good parts are on one scale, whole and in tiles: calibration and graph see the same picture.
  @Test(arguments: [nil, Tiling(size: 64, overlap: 0)] as [Tiling?])
  func anomalyScoresAgree(tiling: Tiling?) throws {
    var scores: [PictureForm: [Double]] = [:]
    for form in [PictureForm.eightBits, .twelveBits, .tenBits, .tenBitsDeclared] {
      let parts = PartsFolder(each: 0)
      defer { try? FileManager.default.removeItem(atPath: parts.bundle) }
      form.write(to: parts)
      let result = try AnomalyTrainer.train(
        parts.path, output: parts.bundle,
        options: AnomalyOptions(
          features: tiling == nil ? Self.features : FeatureOptions(cache: nil), tiling: tiling))
      #expect(result.manifest.preprocessing.whiteLevel == form.level)
      #expect(try #require(result.evaluation?.metric("image AUROC")).value > 0.95)
      let station = try Inspector(path: result.path, mode: .latency).makeSession()
      scores[form] = try (0..<4).map { index in
        let picture = Pictures.brushedMetal(seed: 5000 + index, isScratched: index % 2 == 1)
        return try #require(try station.inspect(form.file(picture), name: "part").inspection.score)
      }
    }
    let expected = try #require(scores[.eightBits])
    for (form, found) in scores {
      for (a, b) in zip(found, expected) { #expect(abs(a / b - 1) < 0.15, "\(form.rawValue): \(a), not \(b)") }
    }
  }

  /// 10 bits of which one test image alone uses more than a quarter: the whole set is looked at before any feature.
  @Test func theLastImageAloneUsesTheRange() throws {
    let parts = PartsFolder(each: 0)
    defer { try? FileManager.default.removeItem(atPath: parts.bundle) }
    PictureForm.tenBits.write(to: parts)
    let bright = Pictures.brushedMetal(seed: 99, isScratched: false).dropFirst(13).map { UInt16($0) * 16 }
    parts.write(
      "test/good/zz.pgm",
      Array("P5 64 64 65535\n".utf8) + bright.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] })
    let result = try Trainer.train(parts.path, output: parts.bundle, options: .init(features: Self.features))
    #expect(result.manifest.preprocessing.whiteLevel == WhiteLevel(4095, .samples))
    #expect(result.warnings.contains { $0.contains("Only 1 of 65") && $0.contains("--white-level 1023") })
    // A person knows better.
    var options = Self.features
    options.whiteLevel = .given(1023)
    let given = try Trainer.train(parts.path, output: parts.bundle, options: .init(features: options))
    #expect(given.manifest.preprocessing.whiteLevel == WhiteLevel(1023, .given))
    #expect(given.warnings.contains { $0.contains("1 picture has samples above the given white level of 1,023") })
    options.whiteLevel = .given(12)
    #expect(throws: WorkflowError.self) {
      try Trainer.train(parts.path, output: parts.bundle, options: .init(features: options))
    }
  }

  /// What is inspected above the level is judged, and said; a bundle of 8-bit parts says what it cannot see.
  @Test func pictureAboveTheLevel() throws {
    let parts = PartsFolder(each: 0)
    defer { try? FileManager.default.removeItem(atPath: parts.bundle) }
    PictureForm.tenBits.write(to: parts)
    _ = try Trainer.train(parts.path, output: parts.bundle, options: .init(features: Self.features))
    parts.write("new/a.pgm", PictureForm.twelveBits.file(Pictures.brushedMetal(seed: 7000, isScratched: false)))
    let path = parts.path + "/new/a.pgm"
    let inspection = try Inspector(path: parts.bundle, mode: .latency).makeSession().inspect(path).inspection
    #expect(try #require(inspection.note).contains("above the bundle's white level of 1,023"))
    let document = try JSONSerialization.jsonObject(with: JSONEncoder().encode(inspection)) as? [String: Any]
    #expect(document?["note"] as? String == inspection.note)
    let notes = BundleTest.pictureNotes(bundle: parts.bundle, on: parts.path + "/new", cache: nil)
    #expect(notes.count == 1 && notes[0].contains("a.pgm"))
  }

  /// A few-shot bundle is taught with the level that its examples were read with, whatever the new ones would ask for.
  @Test func teachingKeepsTheLevel() throws {
    let parts = PartsFolder(each: 0)
    defer { try? FileManager.default.removeItem(atPath: parts.bundle) }
    PictureForm.tenBits.write(to: parts)
    _ = try FewShotTrainer.train(
      parts.path, output: parts.bundle, options: .init(features: Self.features), shots: 4)
    parts.write("new/a.pgm", PictureForm.twelveBits.file(Pictures.brushedMetal(seed: 7000, isScratched: false)))
    let result = try FewShotTeaching.add(
      bundle: parts.bundle, images: [parts.path + "/new/a.pgm"], class: "good", cache: nil)
    #expect(result.notes.contains { $0.contains("above the bundle's white level of 1,023") })
    let manifest = try ModelBundle(path: parts.bundle).manifest
    #expect(manifest.preprocessing.whiteLevel == WhiteLevel(1023, .samples))
  }

  @Test func whatARetrainingTakesOver() {
    #expect(WhiteLevelRule(replacing: nil) == .found)
    #expect(WhiteLevelRule(replacing: WhiteLevel(1023, .samples)) == .found)
    #expect(WhiteLevelRule(replacing: WhiteLevel(1023, .declared)) == .found)
    #expect(WhiteLevelRule(replacing: WhiteLevel(2000, .given)) == .given(2000))
  }

  /// A mask of 10 bits in 16 is as good as one of 8.
  @Test func masksOfTenBits() throws {
    let parts = PartsFolder(each: 0)
    let bright = (0..<64 * 64).map { $0 % 64 < 20 }
    for (name, white, head) in [("eight", 255, 255), ("ten", 1023, 65_535), ("sixteen", 65_535, 65_535)] {
      let bytes = bright.flatMap { isBright -> [UInt8] in
        let value = isBright ? white : 0
        return head == 255 ? [UInt8(value)] : [UInt8(value >> 8), UInt8(value & 0xFF)]
      }
      parts.write("\(name).pgm", Array("P5 64 64 \(head)\n".utf8) + bytes)
      let region = try #require(try RegionFile.read(roi: "\(parts.path)/\(name).pgm", ignore: nil))
      #expect(region.mask() == bright, "\(name)")
    }
  }

  /// Polygons for a photograph that there cannot be are refused before memory is taken for their mask.
  @Test(arguments: [
    #"{"width": 9223372036854775807, "height": 2, "include": [[[0, 0], [1, 0], [1, 1]]]}"#,
    #"{"width": 65535, "height": 65535, "include": [[[0, 0], [1, 0], [1, 1]]]}"#,
  ])
  func regionsOfImpossiblePhotographs(_ text: String) throws {
    let parts = PartsFolder(each: 0)
    parts.write("region.json", Array(text.utf8))
    let error = #expect(throws: WorkflowError.self) {
      try RegionFile.read(roi: "\(parts.path)/region.json", ignore: nil)
    }
    #expect(error?.kind == .badData && error?.description.contains("region.json") == true)
  }
}

/// One to three good parts are enough to begin with, wherever their hashes would put them.
@Suite struct FewGoodPartsTests {
  @Test(arguments: 1...3) func alwaysABundleWithoutAThreshold(count: Int) throws {
    for start in 0..<12 {
      let parts = PartsFolder(each: 0)
      defer { try? FileManager.default.removeItem(atPath: parts.bundle) }
      for index in 0..<count {
        parts.write("good/\(index).pgm", Pictures.brushedMetal(seed: 100 * start + index, isScratched: false))
      }
      for index in 0..<2 {
        parts.write("scratch/\(index).pgm", Pictures.brushedMetal(seed: 900 + index, isScratched: true))
      }
      let result = try AnomalyTrainer.train(
        parts.path, output: parts.bundle,
        options: AnomalyOptions(
          features: FeatureOptions(inputSize: 96, cache: nil), split: SplitRule(seed: UInt64(start), validation: 0),
          seed: UInt64(start)))
      #expect(result.manifest.threshold == nil && result.manifest.training.counts == ["good": count])
      #expect(result.evaluation?.isDefect == [true, true])
      #expect(result.warnings.contains { $0.contains("too few for a threshold") })
      let inspection = try Inspector(path: result.path, mode: .latency).makeSession()
        .inspect(parts.path + "/scratch/0.pgm").inspection
      #expect(inspection.verdict == .unjudged && inspection.score.map { $0 > 0 } == true)
    }
  }
}
