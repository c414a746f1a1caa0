import AssayData
import AssayTestSupport
import Foundation
import Testing

/// Tables beside images.
@Suite struct TableCaseTests {
  let folder = TemporaryFolder()

  private func write(_ name: String, _ text: String, images: String = "images/") {
    folder.pictures((0..<4).map { "\(images)\($0).jpg" })
    folder.write(name, text)
  }

  private static func rows(_ head: String, _ row: (Int, String) -> String) -> String {
    head + "\n" + (0..<4).map { row($0, $0 < 2 ? "good" : "scratch") + "\n" }.joined()
  }

  @Test(arguments: [
    ("labels.csv", rows("path,label") { "images/\($0).jpg,\($1)" }),
    ("liste.CSV", rows("label,path") { "\($1),images/\($0).jpg" }),
    ("list.csv", rows("filename;class") { "\($0).jpg;\($1)" }),
    ("list.tsv", rows("file\tlabel") { "\($0).jpg\t\($1)" }),
    ("images/labels.csv", rows("Image,Class") { "\($0).jpg,\($1)" }),
    ("meta/labels.csv", rows("path,label") { "images/\($0).jpg,\($1)" }),
    ("a.csv", rows("path,label") { "images\\\($0).JPG,\($1)" }),
  ])
  func besideImages(_ name: String, _ text: String) throws {
    write(name, text)
    folder.pictures(["images/unnamed.jpg"])
    let dataset = try DatasetReader.read(folder.path)
    #expect(dataset.layout == .manifest && dataset.tally == ["good": 2, "scratch": 2] && dataset.goodClass == "good")
    #expect(dataset.lost == ["images/unnamed.jpg"] && dataset.decision?.contains(name) == true)
  }

  @Test func encodings() throws {
    // 良品 and 划痕 in GBK; ok and Größe in Windows-1252; Хорошо and скол in Windows-1251.
    for (encoding, good, bad, names) in [
      ("gbk", [0xC1, 0xBC, 0xC6, 0xB7], [0xBB, 0xAE, 0xBA, 0xDB], ["划痕", "良品"]),
      ("cp1252", [0x6F, 0x6B], [0x47, 0x72, 0xF6, 0xDF, 0x65], ["Größe", "ok"]),
      ("windows-1251", [0xD5, 0xEE, 0xF0, 0xEE, 0xF8, 0xEE], [0xF1, 0xEA, 0xEE, 0xEB], ["Хорошо", "скол"]),
    ] as [(String, [UInt8], [UInt8], [String])] {
      folder.pictures(["images/0.jpg", "images/1.jpg"])
      folder.write(
        "list.csv", Array("path,label\nimages/0.jpg,".utf8) + good + Array("\nimages/1.jpg,".utf8) + bad + [10])
      let error = refusal(folder.path)
      #expect(
        error?.description.contains("list.csv: it is not UTF-8; save it as UTF-8, or give --encoding gbk") == true)
      let dataset = try DatasetReader.read(folder.path, options: .init(encoding: encoding))
      #expect(dataset.classes == names.sorted() && dataset.encoding == encoding)
      #expect(dataset.goodClass != nil && dataset.tally.values.allSatisfy { $0 == 1 })
    }
    #expect(refusal(folder.path, .init(encoding: "klingon"))?.cause.contains("not known") == true)
    folder.write("list.csv", "path,label\nimages/0.jpg,gut\nimages/1.jpg,Größe\n", as: .utf16)
    #expect(try DatasetReader.read(folder.path).classes == ["Größe", "gut"])
    #expect(
      try DatasetReader.read(folder.path, options: .init(encoding: "gbk")).classes == ["Größe", "gut"],
      "the mark counts")
    folder.write(
      "list.csv", Array("path,label\nimages/0.jpg,gut\n".utf16.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }))
    #expect(refusal(folder.path)?.cause.contains("UTF-16 without its mark") == true)
  }

  /// A program before us could not read the names: they may be one class or several.
  @Test func namesThatWereLost() throws {
    write("list.csv", "path,label\nimages/0.jpg,good\nimages/1.jpg,\u{FFFD}\u{FFFD}\nimages/2.jpg,\u{FFFD}\u{FFFD}\n")
    let dataset = try DatasetReader.read(folder.path)
    #expect(dataset.tally == ["good": 1] && dataset.leftOut(.encoding)?.images == 2)
  }

  @Test func tablesOfSplits() throws {
    write("train.csv", "path,label\nimages/0.jpg,good\nimages/2.jpg,scratch\n")
    folder.write("test.csv", "path,label\nimages/1.jpg,good\nimages/3.jpg,scratch\n")
    #expect(
      try DatasetReader.read(folder.path).divided == [
        "train good": 1, "train scratch": 1, "test good": 1, "test scratch": 1,
      ])
    folder.write("more.csv", "path,label\nimages/1.jpg,good\n")
    #expect(refusal(folder.path)?.remedy.contains("name the table") == true)
  }

  @Test func namedTwice() throws {
    write("list.csv", "path,label\nimages/0.jpg,good\nimages/1.jpg,good\nimages/0.jpg,scratch\nimages/1.jpg,good\n")
    let dataset = try DatasetReader.read(folder.path)
    #expect(dataset.tally == ["good": 1] && dataset.leftOut(.contradiction)?.entries == 2)
    #expect(dataset.lost == ["images/0.jpg", "images/2.jpg", "images/3.jpg"])
  }

  @Test func namesWithoutExtension() throws {
    write("train.csv", "image_id,label\n0,good\n1,good\n2,scratch\n3,scratch\n")
    #expect(try DatasetReader.read(folder.path).tally == ["good": 2, "scratch": 2])
  }

  /// A table that was cut after a path says nothing of it.
  @Test func cutTable() throws {
    write("list.csv", "path,labels\nimages/0.jpg,\nimages/1.jpg,\nimages/2.jpg,scratch\nimages/3.jpg,")
    let dataset = try DatasetReader.read(folder.path)
    #expect(dataset.tally == ["good": 2, "scratch": 1] && dataset.lost == ["images/3.jpg"])
  }
}
