import AssayData
import AssayImage
import AssayTestSupport
import Foundation
import Testing

@Suite struct ConversionTests {
  let source = TemporaryFolder()
  let target = TemporaryFolder()

  private func read(_ miniature: Miniature, count: Int = 4) throws -> Dataset {
    miniature.write(to: source.path, count: count)
    return try DatasetReader.read(source.path)
  }

  /// Marked pixels of each class by the images' bytes.
  private func truth(_ dataset: Dataset) throws -> [String: [String: Int]] {
    var result: [String: [String: Int]] = [:]
    for sample in dataset.samples {
      let key = ContentHash.of(try ImageFile.contents(path: sample.path))
      var counts: [String: Int] = [:]
      for label in sample.defects(goodClass: dataset.goodClass) {
        counts[label] = try sample.markedPixels(of: label, width: 64, height: 64)?.count { $0 } ?? -1
      }
      result[key] = counts
    }
    return result
  }

  /// A manifest says everything that any layout does, so reading it gives the same data set.
  @Test(arguments: Miniature.allCases) func manifestKeepsEverything(_ miniature: Miniature) throws {
    let dataset = try read(miniature)
    let result = try DatasetConversion(dataset, to: .csv).write(to: target.path + "/new")
    let copy = try DatasetReader.read(result.path)
    #expect(copy.layout == .manifest && copy.problems == [])
    #expect(result.images == dataset.samples.count && copy.samples.count == dataset.samples.count)
    if miniature == .elpv {
      #expect(copy.offeredTasks.map(\.name).sorted() == ["defect", "probability", "type"])
    } else {
      #expect(copy.classes == dataset.classes && copy.severalLabelled == dataset.severalLabelled)
      #expect(try truth(copy) == truth(dataset))
    }
    func splits(_ dataset: Dataset) -> [String] {
      dataset.samples.map { "\($0.split?.rawValue ?? "") \($0.group ?? "")" }.sorted()
    }
    #expect(splits(copy) == splits(dataset))
  }

  @Test func classFolders() throws {
    let dataset = try read(.neuDETDivided)
    let result = try DatasetConversion(dataset, to: .classFolders).write(to: target.path + "/new")
    let copy = try DatasetReader.read(result.path)
    #expect(copy.layout == .classFolders && copy.classes == ["patches", "scratches"])
    #expect(copy.samples.count == 8 && Set(copy.samples.map(\.split)) == [.train, .validation])
    // A hard link costs no space.
    var (a, b) = (stat(), stat())
    #expect(stat(dataset.samples[0].path, &a) == 0 && a.st_nlink == 2)
    #expect(stat(copy.samples[0].path, &b) == 0 && b.st_nlink == 2)
  }

  @Test func severalClassesDoNotFitFolders() throws {
    let dataset = try read(.coco)
    let path = target.path + "/new"
    #expect(throws: DataError.self) { try DatasetConversion(dataset, to: .classFolders).write(to: path) }
    #expect(!FileManager.default.fileExists(atPath: path))
    let binary = try DatasetReader.read(source.path, options: .init(labels: .binary))
    let result = try DatasetConversion(binary, to: .classFolders).write(to: path)
    #expect(try DatasetReader.read(result.path).classes == ["defect", "good"])
  }

  @Test func mvtec() throws {
    let dataset = try read(.cvat, count: 20)
    let result = try DatasetConversion(dataset, to: .mvtec).write(to: target.path + "/new")
    let copy = try DatasetReader.read(result.path)
    #expect(copy.layout == .mvtec && copy.problems == [] && result.masks == 60)
    #expect(copy.classes == ["good", "line", "line+square", "square"])
    #expect(copy.samples.allSatisfy { $0.split == .test || $0.label == "good" })
    let tested = copy.samples.count { $0.label == "good" && $0.split == .test }
    #expect(tested > 0 && tested < 20)
    for sample in copy.samples where sample.label != "good" {
      let marked = try sample.markedPixels(width: 64, height: 64)?.count { $0 }
      #expect(marked == (sample.label == "line" ? 200 : sample.label == "square" ? 196 : 396))
    }
    #expect(throws: DataError.self) {
      try DatasetConversion(try DatasetReader.read(Self.withoutGood(target.path + "/x")), to: .mvtec).write(
        to: target.path + "/y")
    }
  }

  private static func withoutGood(_ path: String) -> String {
    Miniature.neuCLS.write(to: path, count: 2)
    return path
  }

  @Test func nothingIsOverwrittenOrLeftBehind() throws {
    let dataset = try read(.classFolders)
    let path = target.path + "/new"
    func leftovers() throws -> [String] {
      try FileManager.default.contentsOfDirectory(atPath: target.path).filter { $0.contains("partial") }
    }
    target.write("new", "something of the user's")
    #expect(throws: DataError.self) { try DatasetConversion(dataset, to: .csv).write(to: path) }
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "something of the user's")
    try FileManager.default.removeItem(atPath: path)
    #expect(throws: DataError.self) { try DatasetConversion(dataset, to: .csv).write(to: path, isCancelled: { true }) }
    var broken = dataset
    broken.samples[3].path += ".gone"
    #expect(throws: DataError.self) { try DatasetConversion(broken, to: .csv).write(to: path) }
    #expect(try leftovers() == [] && !FileManager.default.fileExists(atPath: path))
    // What a killed conversion left is removed by the next.
    target.write("new.partial-99999999/images/a.png", "x")
    _ = try DatasetConversion(dataset, to: .csv).write(to: path)
    #expect(try leftovers() == [])
    #expect(throws: DataError.self) { try DatasetConversion(dataset, to: .csv).write(to: source.path + "/inside") }
  }

  /// Class names come from files: they must not lead out of the new folder.
  @Test func namesStayInside() throws {
    source.picture("a.png", seed: 1)
    source.picture("b/a.png", seed: 2)
    source.write("parts.csv", "path,label\na.png,../../evil\nb/a.png,../../evil\n")
    let dataset = try DatasetReader.read(source.path + "/parts.csv")
    let result = try DatasetConversion(dataset, to: .classFolders).write(to: target.path + "/new")
    #expect(try FileManager.default.contentsOfDirectory(atPath: target.path) == ["new"])
    let copy = try DatasetReader.read(result.path)
    #expect(copy.samples.count == 2 && copy.classes == ["_.._.._evil"], "both images, under names of their own")
  }
}
