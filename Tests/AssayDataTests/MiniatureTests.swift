import AssayData
import AssayImage
import AssayTestSupport
import Foundation
import Testing

/// Every layout, as published: labels, splits, and what is marked on each pixel.
@Suite struct MiniatureTests {
  private static let layouts: [Miniature: Layout] = [
    .severstal: .severstal, .severstalOld: .severstal, .loco: .mvtecLOCO, .neuCLS: .neuCLS, .neuDET: .neuDET,
    .neuDETDivided: .neuDET, .gc10: .gc10DET, .deepPCB: .deepPCB, .casting: .casting, .aitex: .aitex, .coco: .coco,
    .yolo: .yolo, .labelStudio: .labelStudio, .cvat: .cvat, .pascalVOC: .pascalVOC, .mvtec: .mvtec, .mvtec2: .mvtec2,
    .visa: .visa, .kolektor: .kolektor, .kolektor2: .kolektor2, .dagm: .dagm, .xsdd: .xsdd,
    .magneticTile: .magneticTile, .elpv: .elpv, .classFolders: .classFolders, .manifest: .manifest,
  ]

  /// Names of classes of the kinds 1 and 2.
  private static let classes: [Miniature: [Int: String]] = [
    .severstal: [1: "1", 2: "2"], .severstalOld: [1: "1", 2: "2"], .neuCLS: [1: "scratches", 2: "patches"],
    .loco: [1: "structural_anomalies", 2: "logical_anomalies"],
    .neuDET: [1: "scratches", 2: "patches"], .neuDETDivided: [1: "scratches", 2: "patches"],
    .gc10: [1: "welding_line", 2: "waist_folding"], .deepPCB: [1: "open", 2: "short"],
    .casting: [1: "def_front", 2: "def_front"], .aitex: [1: "broken end", 2: "nep"],
    .kolektor: [1: "defect", 2: "defect"], .kolektor2: [1: "defect", 2: "defect"], .dagm: [1: "defect", 2: "defect"],
    .visa: [1: "anomaly", 2: "anomaly"], .mvtec2: [1: "bad", 2: "bad"], .xsdd: [1: "red iron", 2: "iron sheet ash"],
    .magneticTile: [1: "MT_Crack", 2: "MT_Blowhole"], .elpv: [1: "3 defective", 2: "2 likely defective"],
  ]

  /// By its bytes, the part of every picture that the miniatures can hold.
  private static let drawn: [[UInt8]: Miniature.Part] = {
    let parts = (0..<600).flatMap { number in
      [[], [1], [2], [1, 2]].map { Miniature.Part(number: number, kinds: $0) }
    }
    return Dictionary(uniqueKeysWithValues: parts.map { ($0.picture, $0) })
  }()

  /// What was drawn is known, and what the reader says must be the same.
  @Test(arguments: Miniature.allCases) func saysWhatWasDrawn(_ miniature: Miniature) throws {
    let folder = TemporaryFolder()
    miniature.write(to: folder.path, count: 5)
    let dataset = try DatasetReader.read(folder.path)
    #expect(dataset.layout == Self.layouts[miniature])
    #expect(dataset.problems == [], "nothing is wrong with it")
    #expect(dataset.samples.count >= 10)
    let names = Self.classes[miniature] ?? Miniature.names
    var marked = 0
    for sample in dataset.samples {
      let bytes = try ImageFile.contents(path: sample.path)
      let drawn = try #require(Self.drawn[bytes])
      let kinds = drawn.kinds
      let expected = Set(kinds.compactMap { names[$0] })
      #expect(sample.defects(goodClass: dataset.goodClass) == expected || dataset.goodClass == nil, "\(sample.name)")
      if dataset.goodClass == nil { #expect(sample.label.map { [$0] } == expected.sorted() || miniature == .xsdd) }
      if expected.isEmpty, dataset.goodClass != nil { #expect(sample.label == dataset.goodClass) }
      guard !kinds.isEmpty, sample.hasPixelTruth else { continue }
      marked += 1
      let part = drawn
      for kind in kinds {
        let own = try sample.markedPixels(of: names[kind], width: 64, height: 64)
        let truth = (0..<64 * 64).map { part.contains(kind, $0) }
        #expect(own == truth, "\(sample.name) \(names[kind] ?? "")")
      }
    }
    let withoutMarks: Set<Miniature> = [.neuCLS, .casting, .xsdd, .elpv, .classFolders, .manifest]
    #expect((marked > 0) != withoutMarks.contains(miniature))
  }

  @Test func splitsAreGiven() throws {
    for (miniature, expected) in [
      (Miniature.neuDETDivided, Set([Split.train, .validation])), (.pascalVOC, [.train, .test]),
      (.deepPCB, [.train, .test]),
      (.casting, [.train, .test]), (.coco, [.train, .validation]), (.yolo, [.train, .validation]),
      (.loco, [.train, .validation, .test]),
    ] {
      let folder = TemporaryFolder()
      miniature.write(to: folder.path, count: 5)
      let dataset = try DatasetReader.read(folder.path)
      #expect(Set(dataset.samples.map(\.split)) == Set(expected.map(Optional.init)), "\(miniature)")
    }
  }

  @Test func pairsStayTogether() throws {
    let folder = TemporaryFolder()
    Miniature.deepPCB.write(to: folder.path, count: 3)
    let groups = Dictionary(grouping: try DatasetReader.read(folder.path).samples, by: \.group)
    #expect(groups.values.allSatisfy { $0.count == 2 && Set($0.map(\.split)).count == 1 })
  }

  @Test func severalClassesOnOneImage() throws {
    let folder = TemporaryFolder()
    Miniature.severstal.write(to: folder.path, count: 2)
    let dataset = try DatasetReader.read(folder.path)
    #expect(dataset.severalLabelled == 2 && dataset.classes == ["1", "2", "good"] && dataset.goodClass == "good")
    #expect(dataset.defectClasses == ["1", "2"])
    #expect(throws: DataError.self) { try dataset.checkSingleLabels() }
    let survey = DataSurvey.run(dataset)
    #expect(survey.severalLabelled == 2 && survey.regions == 8 && survey.masks == 6)
    #expect(survey.counts["1"]?.values.reduce(0, +) == 4 && survey.text.contains("Severstal"))
    #expect(survey.warnings.contains { $0.contains("--multi-label") })
    let binary = try DatasetReader.read(folder.path, options: .init(labels: .binary))
    #expect(binary.classes == ["defect", "good"] && binary.severalLabelled == 0)
    try binary.checkSingleLabels()
    let both = try #require(binary.samples.first { $0.regions.count == 2 })
    #expect(try both.markedPixels(of: "defect", width: 64, height: 64)?.count { $0 } == 4 * 50 + 14 * 14)
  }

  @Test func oneJSONOrItsFolder() throws {
    let folder = TemporaryFolder()
    Miniature.coco.write(to: folder.path, count: 4)
    let one = try DatasetReader.read(folder.path + "/annotations/instances_val2017.json")
    #expect(one.layout == .coco && one.samples.count == 4)
    #expect(try DatasetReader.read(folder.path).samples.count == 20)
    Miniature.labelStudio.write(to: folder.path + "/studio", count: 2)
    #expect(try DatasetReader.read(folder.path + "/studio/project-1.json").layout == .labelStudio)
  }
}
