import AssayData
import AssayTestSupport
import Foundation
import Testing

/// Names of files and classes as they are written in the world.
@Suite struct NameTests {
  let folder = TemporaryFolder()
  private let composed = "pr\u{FC}fling_\u{E9}"
  private let decomposed = "pru\u{308}fling_e\u{301}"

  private func pictures(_ place: String, _ stem: String) {
    for index in 0..<4 { folder.picture("\(place)\(stem)\(index).png", seed: index + 1) }
  }

  /// - Returns: labels of the four images by their places on disk, each of which can be opened.
  private func labels() throws -> [String?] {
    let dataset = try DatasetReader.read(folder.path)
    #expect(dataset.samples.count == 4 && dataset.problems.isEmpty)
    for sample in dataset.samples { #expect(FileManager.default.contents(atPath: sample.path) != nil) }
    return dataset.samples.map(\.label)
  }

  @Test(arguments: [true, false]) func listAndDisk(_ isComposedOnDisk: Bool) throws {
    let (disk, list) = isComposedOnDisk ? (composed, decomposed) : (decomposed, composed)
    let expected = ["good", "good", "kratzer", "kratzer"]
    pictures("images/", disk)
    let images = (0..<4).map { #"{"id": \#($0), "file_name": "\#(list)\#($0).png"}"# }.joined(separator: ",")
    let marks = (2..<4).map { #"{"id": \#($0), "image_id": \#($0), "category_id": 1, "bbox": [2, 2, 5, 5]}"# }
    folder.write(
      "a.json",
      #"{"images": [\#(images)], "annotations": [\#(marks.joined(separator: ","))], "categories": [{"id": 1, "name": "kratzer"}]}"#
    )
    #expect(try labels() == expected)
    try FileManager.default.removeItem(atPath: folder.path + "/a.json")
    folder.write("list.csv", "path,label\n" + (0..<4).map { "images/\(list)\($0).png,\(expected[$0])\n" }.joined())
    #expect(try labels() == expected)
    try FileManager.default.removeItem(atPath: folder.path + "/list.csv")
    for index in 0..<4 { folder.write("labels/\(list)\(index).txt", index < 2 ? "" : "0 .5 .5 .2 .2") }
    folder.write("classes.txt", "kratzer")
    #expect(try labels() == expected)
    try FileManager.default.removeItem(atPath: folder.path + "/labels")
    try FileManager.default.removeItem(atPath: folder.path + "/classes.txt")
    for index in 0..<4 {
      let object =
        "<object><name>kratzer</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>9</xmax><ymax>9</ymax></bndbox></object>"
      folder.write("xml/\(list)\(index).xml", "<annotation>\(index < 2 ? "" : object)</annotation>")
    }
    #expect(try labels() == expected)
    try FileManager.default.removeItem(atPath: folder.path + "/xml")
    let entries = (0..<4).map {
      #"<image name="\#(list)\#($0).png">\#($0 < 2 ? "" : #"<tag label="kratzer"/><box label="kratzer" xtl="1" ytl="1" xbr="5" ybr="5"/>"#)</image>"#
    }
    folder.write("annotations.xml", "<annotations>\(entries.joined())</annotations>")
    #expect(try labels() == expected)
  }

  /// Both spellings side by side are two files, and one class.
  @Test func bothSpellingsSideBySide() throws {
    folder.pictures((0..<3).map { "good/\($0).jpg" })
    folder.picture("good/gr\u{F6}\u{DF}e.png", seed: 50)
    folder.picture("good/gro\u{308}\u{DF}e.png", seed: 51)
    for (index, name) in ["kratz\u{E9}r", "kratze\u{301}r"].enumerated() {
      for number in 0..<3 { folder.picture("\(name)/\(number).jpg", seed: 60 + 10 * index + number) }
    }
    let dataset = try DatasetReader.read(folder.path)
    #expect(dataset.tally == ["good": 5, "kratz\u{E9}r": 6])
    #expect(Set(dataset.samples.compactMap { FileManager.default.contents(atPath: $0.path) }).count == 11)
    #expect(dataset.classes[1].utf8.elementsEqual("kratz\u{E9}r".utf8), "composed")
    // A list that names one of the two means that one.
    folder.write("list.csv", "path,label\ngood/gro\u{308}\u{DF}e.png,good\n")
    let listed = try DatasetReader.read(folder.path).samples
    #expect(listed.count == 1 && listed[0].path.utf8.elementsEqual((folder.path + "/good/gro\u{308}\u{DF}e.png").utf8))
  }

  @Test func namesThatAreNotUTF8() throws {
    folder.pictures(["good/a.jpg", "bad/b.jpg"])
    let name: [CChar] =
      Array((folder.path + "/good/").utf8.map { CChar(bitPattern: $0) }) + [
        112, 114, CChar(bitPattern: 0xFC), 46, 106, 112, 103, 0,
      ]
    let source = folder.path + "/good/a.jpg"
    #expect(rename(source, name) == 0)
    folder.picture("good/c.jpg", seed: 77)
    let dataset = try DatasetReader.read(folder.path)
    #expect(dataset.tally == ["good": 1, "bad": 1] && dataset.lost == ["good/pr\\xFC.jpg"])
    #expect(dataset.leftOut(.nameNotUTF8)?.remedy == "rename it")
    let found = FolderSearch.find(in: folder.path)
    #expect(found.images.count == 2 && found.leftOut.first?.names == ["good/pr\\xFC.jpg"])
  }
}
