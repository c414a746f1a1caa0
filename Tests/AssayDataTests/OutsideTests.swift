import AssayData
import AssayImage
import AssayTestSupport
import Foundation
import Testing

/// What lies outside a data set's folder: used and named when it is read, never taken by a conversion.
@Suite struct OutsideTests {
  let source = TemporaryFolder()
  let target = TemporaryFolder()
  let elsewhere = TemporaryFolder()

  private func converted(
    _ path: String, to kind: DatasetConversion.Target = .csv
  ) throws -> (result: DatasetConversion.Result, problems: [DataProblem]) {
    let conversion = DatasetConversion(try DatasetReader.read(path), to: kind)
    return (try conversion.write(to: target.path + "/new"), conversion.dataset.problems)
  }

  @Test(arguments: [DatasetConversion.Target.csv, .classFolders, .mvtec])
  func linksLeadNowhere(_ kind: DatasetConversion.Target) throws {
    for index in 0..<4 { source.picture("good/\(index).png", seed: 1 + index) }
    source.picture("scratch/1.png", seed: 11)
    elsewhere.picture("secret.png", seed: 20)
    elsewhere.picture("more/2.png", seed: 21)
    source.link("scratch/secret.png", to: elsewhere.path + "/secret.png")
    source.link("stain", to: elsewhere.path + "/more")
    // A link inside the folder is one of its own files.
    source.link("scratch/3.png", to: "../good/0.png")
    let dataset = try DatasetReader.read(source.path)
    #expect(dataset.samples.count == 8, "whoever reads the folder reads what it links to")
    let note = try #require(dataset.notes.first { $0.kind == .outside })
    #expect(note.count == 2 && note.names == ["scratch/secret.png", "stain/2.png"])
    #expect(note.text.contains(elsewhere.path))
    let (result, problems) = try converted(source.path, to: kind)
    #expect(result.images == 6)
    let outside = problems.filter { $0.kind == .imageOutside }
    #expect(outside.map(\.image) == ["scratch/secret.png", "stain/2.png"])
    let copied = FileManager.default.subpaths(atPath: target.path)?.filter { $0.hasSuffix(".png") } ?? []
    #expect(!copied.contains { $0.contains("secret") || $0.contains("2.png") && $0.contains("stain") })
  }

  /// Absolute paths and `..` are usual in tables, and good for training; a conversion takes none of them.
  @Test func tablesNameWhatTheyLike() throws {
    source.picture("parts/a.png", seed: 1)
    source.picture("parts/b.png", seed: 2)
    elsewhere.picture("c.png", seed: 3)
    source.picture("beside.png", seed: 4)
    source.write(
      "parts/parts.csv",
      "path,label,mask\na.png,good,\nb.png,dent,../beside.png\n\(elsewhere.path)/c.png,dent,\n../beside.png,good,\n")
    let dataset = try DatasetReader.read(source.path + "/parts/parts.csv")
    #expect(dataset.samples.count == 4)
    #expect(dataset.notes.first { $0.kind == .outside }?.count == 3)
    let (result, problems) = try converted(source.path + "/parts/parts.csv")
    #expect(result.images == 2 && result.masks == 0)
    #expect(problems.filter { $0.kind == .imageOutside }.compactMap(\.image).count == 2)
    #expect(problems.filter { $0.kind == .maskMissing }.map(\.image) == ["b.png"])
  }

  /// A folder or a pipe in an image's place is no file to take, and its contents least of all.
  @Test func foldersAreNotTakenForImages() throws {
    source.picture("a.png", seed: 1)
    source.picture("sub/private.png", seed: 2)
    source.write("parts.csv", "path,label\na.png,good\nsub,dent\n")
    #expect(throws: DataError.self) { try converted(source.path + "/parts.csv") }
    #expect(target.names().isEmpty)
  }

  /// VisA's table names masks; a name that leads out of the object's folder names none.
  @Test func masksOfVisAStayInside() throws {
    source.picture("candle/Data/Images/Normal/0.png", seed: 1)
    source.picture("candle/Data/Images/Anomaly/1.png", seed: 2)
    elsewhere.picture("mask.png", seed: 3)
    source.picture("mask.png", seed: 3)
    source.write(
      "split_csv/1cls.csv",
      "object,split,label,image,mask\ncandle,train,normal,candle/Data/Images/Normal/0.png,\n"
        + "candle,test,anomaly,candle/Data/Images/Anomaly/1.png,candle/../mask.png\n")
    let dataset = try DatasetReader.read(source.path + "/candle")
    #expect(dataset.layout == .visa && dataset.samples.count == 2)
    #expect(dataset.samples.allSatisfy { $0.mask == nil })
    #expect(dataset.problems.map(\.kind) == [.maskMissing])
  }

  /// The new folder is not made inside the old one by way of a link.
  @Test func theOutputIsElsewhere() throws {
    source.picture("good/1.png", seed: 1)
    source.picture("bad/2.png", seed: 2)
    target.link("door", to: source.path)
    let dataset = try DatasetReader.read(source.path)
    #expect(throws: DataError.self) {
      try DatasetConversion(dataset, to: .csv).write(to: target.path + "/door/new")
    }
    #expect(source.names() == ["bad", "good"])
  }

  /// Masks of classes whose names differ in what a file name cannot hold are two files.
  @Test func masksDoNotOverwriteEachOther() throws {
    source.picture("a.png", seed: 1)
    source.picture("m1.png", seed: 2)
    source.picture("m2.png", seed: 3)
    source.write("parts.csv", "path,labels,mask:a/b,mask:a_b\na.png,a/b;a_b,m1.png,m2.png\n")
    let (result, _) = try converted(source.path + "/parts.csv")
    #expect(result.masks == 2 && target.names(in: "new/masks").count == 2)
  }
}
