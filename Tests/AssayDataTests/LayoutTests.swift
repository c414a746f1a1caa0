import AssayData
import AssayTestSupport
import Testing

@Suite struct LayoutTests {
  let folder = TemporaryFolder()

  @Test func classFolders() throws {
    folder.picture("good/a.pgm", seed: 1)
    folder.picture("good/deep/b.PGM", seed: 2)
    folder.picture("scratch/c.pgm", seed: 3)
    folder.write("scratch/notes.txt", "no image")
    folder.write("scratch/.DS_Store", "x")
    folder.write("scratch/._c.pgm", "x")
    folder.picture("loose.pgm", seed: 4)
    let dataset = try DatasetReader.read(folder.path)
    #expect(dataset.layout == .classFolders)
    #expect(dataset.classes == ["good", "scratch"] && dataset.goodClass == "good")
    #expect(dataset.samples.map(\.name) == ["good/a.pgm", "good/deep/b.PGM", "scratch/c.pgm"])
    #expect(dataset.problems.map(\.file) == ["loose.pgm"])
  }

  @Test func givenSplits() throws {
    for (index, split) in ["train", "val", "test"].enumerated() {
      folder.picture("\(split)/ok/a.pgm", seed: index)
      folder.picture("\(split)/crack/b.pgm", seed: index + 10)
    }
    let dataset = try DatasetReader.read(folder.path)
    #expect(dataset.classes == ["crack", "ok"] && dataset.goodClass == "ok")
    #expect(dataset.samples.first { $0.name.hasPrefix("val/") }?.split == .validation)
    #expect(dataset.samples.count { $0.split == .test } == 2)
  }

  @Test func magneticTileMasksAreNoSamples() throws {
    folder.picture("MT_Free/Imgs/x.jpg", seed: 1)
    folder.picture("MT_Free/Imgs/x.png", seed: 2)
    folder.picture("MT_Crack/Imgs/y.jpg", seed: 3)
    let dataset = try DatasetReader.read(folder.path)
    #expect(dataset.layout == .magneticTile && dataset.goodClass == "MT_Free")
    #expect(dataset.samples.count == 2)
    #expect(dataset.samples.first { $0.label == "MT_Free" }?.mask?.hasSuffix("x.png") == true)
    #expect(dataset.problems.count == 1, "the crack has no mask")
  }

  @Test func xsdd() throws {
    folder.picture("datas/red iron/1.pgm", seed: 1)
    folder.picture("datas/iron sheet ash/1.pgm", seed: 2)
    folder.write("readme.txt", "about")
    let dataset = try DatasetReader.read(folder.path)
    #expect(dataset.layout == .xsdd && dataset.goodClass == nil)
    #expect(dataset.classes == ["iron sheet ash", "red iron"])
    #expect(try DatasetReader.read(folder.path + "/datas").classes == dataset.classes)
  }

  @Test func elpvWithBothLabelSchemes() throws {
    let lines = ["0.0", "0.3333333333333333", "0.6666666666666666", "1.0"].enumerated().map {
      "images/c\($0).png  \($1)   mono"
    }
    folder.write(
      "labels.csv", (lines + ["images/none.png 0.0 poly", "images/c0.png 0.7 mono", "junk"]).joined(separator: "\n"))
    for index in 0..<4 { folder.picture("images/c\(index).png", seed: index) }
    let native = try DatasetReader.read(folder.path)
    #expect(native.layout == .elpv && native.classes.count == 4)
    #expect(native.problems.map(\.line) == [5, 6, 7])
    let binary = try DatasetReader.read(folder.path, options: .init(labels: .binary))
    #expect(binary.samples.map(\.label) == ["functional", "functional", "defective", "defective"])
    #expect(binary.goodClass == "functional")
  }

  @Test func csvManifest() throws {
    folder.picture("a.pgm", seed: 1)
    folder.picture("with, comma.pgm", seed: 2)
    folder.picture("c.pgm", seed: 3)
    folder.write(
      "parts.csv",
      "\u{FEFF}label,path,group,split,operator\r\nok,a.pgm,coil 1,train,Kim\r\nbad,\"with, comma.pgm\",coil 2,,\"Lee \"\"L\"\"\"\r\n"
        + "bad,missing.pgm,,,\r\nok,c.pgm,,often,\r\nok,a.pgm,,,\r\ntoo,few\r\n")
    let dataset = try DatasetReader.read(folder.path + "/parts.csv")
    #expect(dataset.layout == .manifest && dataset.samples.count == 2)
    let quoted = try #require(dataset.samples.first { $0.name == "with, comma.pgm" })
    #expect(quoted.group == "coil 2" && quoted.annotations["operator"] == "Lee \"L\"")
    #expect(dataset.samples.first { $0.name == "a.pgm" }?.split == .train)
    #expect(dataset.problems.map(\.line) == [4, 5, 6, 7])
    #expect(dataset.problems.allSatisfy { $0.file == "parts.csv" })
  }

  @Test func binaryLabelsNeedAGoodClass() throws {
    folder.picture("red/1.pgm", seed: 1)
    folder.picture("blue/1.pgm", seed: 2)
    #expect(throws: DataError.self) { try DatasetReader.read(folder.path, options: .init(labels: .binary)) }
    let named = try DatasetReader.read(folder.path, options: .init(labels: .binary, goodClass: "red"))
    #expect(named.classes == ["defect", "red"])
    #expect(throws: DataError.self) { try DatasetReader.read(folder.path, options: .init(goodClass: "green")) }
  }

  @Test func nothingUsableSaysWhy() throws {
    #expect(throws: DataError.self) { try DatasetReader.read(folder.path) }
    do {
      _ = try DatasetReader.read(folder.path + "/nowhere")
      Issue.record("a missing folder was read")
    } catch {
      #expect(error.reason == .notFound)
      #expect(error.description.contains("nowhere"))
    }
    folder.write("list.csv", "file,class\nx,y\n")
    #expect(throws: DataError.self) { try DatasetReader.read(folder.path + "/list.csv") }
    folder.picture("a.pgm", seed: 1)
    #expect(try DatasetReader.read(folder.path + "/a.pgm").layout == .unlabelled)
  }
}
