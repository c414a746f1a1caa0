import AssayData
import AssayTestSupport
import Foundation
import Testing

/// What is no part of the data, and what is and has another name than usual.
@Suite struct SkippedFileTests {
  let folder = TemporaryFolder()

  @Test func systemFoldersAndThumbnails() throws {
    folder.pictures((0..<4).flatMap { ["good/\($0).jpg", "scratch/\($0).jpg"] })
    for place in ["", "good/", "scratch/"] {
      for name in [
        "@eaDir", ".@__thumb", "$RECYCLE.BIN", "#recycle", "lost+found", ".ipynb_checkpoints", "__MACOSX", "@EADIR",
        "System Volume Information",
      ] {
        folder.pictures(["\(place)\(name)/0.jpg", "\(place)\(name)/0.jpg.d/SYNOPHOTO_THUMB_M.jpg"])
      }
      folder.write(place + "Thumbs.db", "x")
      folder.picture(place + "._0.jpg", seed: 3)
    }
    folder.picture("good/0.jpg~", seed: 4)
    folder.picture("good/0.jpg.bak", seed: 4)
    let dataset = try DatasetReader.read(folder.path)
    #expect(dataset.tally == ["good": 4, "scratch": 4] && dataset.leftOut.isEmpty)
    let note = try #require(dataset.note(.passedOver))
    #expect(note.count == 3 * (9 * 2 + 2) + 2 && note.names.contains("@eaDir") && note.names.contains("#recycle"))
    #expect(dataset.notes.count { $0.kind == .passedOver } == 1, "one line")
  }

  /// A bundle beside the images that it was trained on holds JSON that is no annotation.
  @Test func bundlesAreNoData() throws {
    folder.pictures(["0.jpg", "1.jpg"])
    folder.write("part.assay/manifest.json", #"{"classes": ["good"]}"#)
    #expect(try DatasetReader.read(folder.path).layout == .unlabelled)
  }

  /// By content: PGM bytes under every name.
  @Test func extensions() throws {
    for name in ["a.jfif", "b.jpe", "c.dib", "d.pbm", "noextension", "e.gif", "f.HEIC", "g.001", "h.JPG"] {
      folder.picture("scratch/" + name, seed: name.count)
    }
    folder.pictures(["good/0.jpg", "good/1.jpg"])
    folder.write("good/2.gif", "GIF89a......")
    folder.write("good/3.heic", "\0\0\0\u{18}ftypheic")
    folder.write("good/4.avif", "\0\0\0\u{18}ftypavif")
    folder.write("good/5.heic", "")
    folder.write("good/README", "about these")
    folder.write("good/noimage", "GIF89a......")
    let dataset = try DatasetReader.read(folder.path)
    #expect(dataset.tally == ["good": 2, "scratch": 9])
    #expect(dataset.lost == ["2.gif", "3.heic", "4.avif", "5.heic", "noimage"].map { "good/" + $0 })
    #expect(dataset.leftOut.map(\.kind) == [.imageNotRead] && dataset.leftOut[0].names.count == 3)
  }

  @Test func emptyAndUnlabelledFolders() throws {
    folder.pictures(["good/0.jpg", "good/1.jpg"])
    try FileManager.default.createDirectory(atPath: folder.path + "/scratch", withIntermediateDirectories: true)
    folder.write("dent/only.txt", "later")
    let dataset = try DatasetReader.read(folder.path)
    #expect(dataset.classes == ["good"] && dataset.problems.map(\.file) == ["dent", "scratch"])
    #expect(dataset.leftOut(.emptyClass)?.entries == 2)
  }

  @Test(arguments: [
    ("train", "test"), ("train_set", "test_set"), ("Training", "TEST"), ("trainset", "testset"),
    ("train-images", "val_data"),
  ])
  func namesOfSplits(_ train: String, _ test: String) throws {
    folder.pictures(["\(train)/good/0.jpg", "\(train)/bad/1.jpg", "\(test)/good/2.jpg", "\(test)/bad/3.jpg"])
    let dataset = try DatasetReader.read(folder.path)
    let other = test.hasPrefix("val") ? "validation" : "test"
    #expect(dataset.divided == ["train good": 1, "train bad": 1, "\(other) good": 1, "\(other) bad": 1])
  }

  /// Images of a test folder without classes are neither a class called test nor good.
  @Test func unlabelledTest() throws {
    folder.pictures(["train/good/0.jpg", "train/bad/1.jpg", "test/2.jpg", "test/3.jpg"])
    let dataset = try DatasetReader.read(folder.path)
    #expect(dataset.tally == ["good": 1, "bad": 1] && dataset.lost == ["test/2.jpg", "test/3.jpg"])
    let beside = TemporaryFolder()
    beside.pictures(["good/0.jpg", "bad/1.jpg", "test/2.jpg"])
    #expect(try DatasetReader.read(beside.path).tally == ["good": 1, "bad": 1])
    let plain = TemporaryFolder()
    plain.pictures(["train/0.jpg", "train/1.jpg", "test/2.jpg"])
    let unlabelled = try DatasetReader.read(plain.path)
    #expect(unlabelled.layout == .unlabelled && unlabelled.samples.count == 2 && unlabelled.lost == ["test/2.jpg"])
  }

  /// One folder of images is no class.
  @Test(arguments: ["images", "Bilder", "data", "JPEGImages"]) func folderOfImages(_ name: String) throws {
    folder.pictures(["\(name)/0.jpg", "\(name)/1.jpg"])
    let dataset = try DatasetReader.read(folder.path)
    #expect(dataset.layout == .unlabelled && dataset.classes.isEmpty)
    folder.pictures(["\(name)/good/0.jpg", "\(name)/bad/1.jpg"])
    try FileManager.default.removeItem(atPath: folder.path + "/\(name)/0.jpg")
    try FileManager.default.removeItem(atPath: folder.path + "/\(name)/1.jpg")
    #expect(try DatasetReader.read(folder.path).tally == ["good": 1, "bad": 1], "the classes are one folder below")
  }
}
