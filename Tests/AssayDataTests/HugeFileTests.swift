import AssayData
import AssayTestSupport
import Foundation
import Testing

/// Files of any size and kind under the names of a data set: each is named, and the others go on.
@Suite struct HugeFileTests {
  let folder = TemporaryFolder()

  private func sparse(_ name: String, _ head: String = "") throws {
    folder.write(name, head)
    try #require(truncate(folder.path + "/" + name, 300 << 30) == 0)
  }

  /// What is no image belongs to no class.
  @Test func imagesOfAnySizeAndKind() throws {
    folder.pictures((0..<3).flatMap { ["good/\($0).png", "scratch/\($0).png"] })
    try sparse("good/m.png")
    try sparse("good/n.png", "P5 4 4 255\n0123456789abcdef")
    #expect(mkfifo(folder.path + "/scratch/p.png", 0o600) == 0)
    folder.link("scratch/l.png", to: "gone.png")
    try FileManager.default.createDirectory(
      atPath: folder.path + "/scratch/b.png", withIntermediateDirectories: true)
    let survey = DataSurvey.run(try DatasetReader.read(folder.path))
    let unreadable = Dictionary(uniqueKeysWithValues: survey.unreadable.map { ($0.name, $0.cause) })
    #expect(unreadable["good/m.png"]?.contains("zero bytes") == true)
    #expect(unreadable["good/n.png"]?.contains("322122547200 bytes") == true)
    let named = Set(survey.problems.map(\.file))
    #expect(named.isSuperset(of: ["scratch/l.png", "scratch/p.png"]))
    #expect(survey.width?.largest == survey.width?.smallest)
    let lost = Set(survey.problems.compactMap(\.image))
    #expect(lost.isSuperset(of: ["good/m.png", "good/n.png", "scratch/p.png", "scratch/l.png"]))
  }

  @Test(arguments: ["labels.csv", "data.yaml", "annotations.json", "labels/0.txt", "classes.txt"])
  func annotationsOfAnySize(_ name: String) throws {
    folder.pictures((0..<3).map { "images/\($0).png" })
    let heads = [
      "labels.csv": "path,label\nimages/0.png,good\n", "data.yaml": "names: [scratch]\ntrain: images\n",
      "annotations.json": #"{"images": [], "annotations": [], "categories": []}"#, "labels/0.txt": "0 .5 .5 .1 .1\n",
      "classes.txt": "scratch\n",
    ]
    if name.hasSuffix(".txt") || name == "data.yaml" { folder.write("labels/1.txt", "0 .5 .5 .1 .1\n") }
    try sparse(name, heads[name] ?? "")
    do {
      let dataset = try DatasetReader.read(folder.path)
      let problem = try #require(dataset.problems.first { $0.file == name }, "\(dataset.problems)")
      #expect(problem.cause.contains("322122547200 bytes, more than the limit of"), "\(problem)")
      #expect(!dataset.samples.contains { $0.name == "images/0.png" && $0.label != nil })
    } catch let error as DataError {
      #expect(error.path.hasSuffix(name) && error.cause.contains("322122547200 bytes"), "\(error)")
    }
  }
}
