import AssayData
import AssayTestSupport
import Testing

@Suite struct AnomalyLayoutTests {
  let folder = TemporaryFolder()

  /// An 8 x 8 mask, empty or with one white pixel.
  private func mask(_ name: String, isEmpty: Bool = false) {
    var pixels = [UInt8](repeating: 0, count: 64)
    if !isEmpty { pixels[9] = 255 }
    folder.write(name, Array("P5 8 8 255\n".utf8) + pixels)
  }

  private func counts(_ dataset: Dataset) -> [String] {
    Dictionary(grouping: dataset.samples) { "\($0.split.map(\.rawValue) ?? "-")/\($0.label ?? "-")" }
      .map { "\($0.key) \($0.value.count)" }.sorted()
  }

  private func mvtec(_ prefix: String = "") {
    for index in 0..<3 { folder.picture("\(prefix)train/good/00\(index).png", seed: index) }
    folder.picture("\(prefix)test/good/000.png", seed: 10)
    folder.picture("\(prefix)test/crack/000.png", seed: 11)
    folder.picture("\(prefix)test/crack/001.png", seed: 12)
    mask("\(prefix)ground_truth/crack/000_mask.png")
  }

  @Test func mvtecAD() throws {
    mvtec()
    let dataset = try DatasetReader.read(folder.path)
    #expect(dataset.layout == .mvtec && dataset.goodClass == "good")
    #expect(counts(dataset) == ["test/crack 2", "test/good 1", "train/good 3"])
    let crack = try #require(dataset.samples.first { $0.name == "test/crack/000.png" })
    #expect(crack.mask == folder.path + "/ground_truth/crack/000_mask.png")
    #expect(dataset.problems.map(\.file) == ["test/crack/001.png"], "its mask is missing")
  }

  @Test func mvtecAD2() throws {
    folder.picture("train/good/000_regular.png", seed: 1)
    folder.picture("validation/good/000_regular.png", seed: 2)
    folder.picture("test_public/good/000_regular.png", seed: 3)
    folder.picture("test_public/bad/000_regular.png", seed: 4)
    mask("test_public/ground_truth/bad/000_regular_mask.png")
    folder.picture("test_private/000_regular.png", seed: 5)
    let dataset = try DatasetReader.read(folder.path)
    #expect(dataset.layout == .mvtec2)
    #expect(counts(dataset) == ["test/bad 1", "test/good 1", "train/good 1", "validation/good 1"])
    #expect(dataset.samples.first { $0.label == "bad" }?.mask?.hasSuffix("000_regular_mask.png") == true)
  }

  @Test func visaWithItsTable() throws {
    for name in ["Normal/0000", "Normal/0001", "Anomaly/000"] {
      folder.picture("candle/Data/Images/\(name).JPG", seed: name.count)
    }
    mask("candle/Data/Masks/Anomaly/000.png")
    folder.write(
      "split_csv/1cls.csv",
      """
      object,split,label,image,mask
      candle,train,normal,candle/Data/Images/Normal/0000.JPG,
      candle,test,normal,candle/Data/Images/Normal/0001.JPG,
      candle,test,anomaly,candle/Data/Images/Anomaly/000.JPG,candle/Data/Masks/Anomaly/000.png
      candle,test,normal,candle/Data/Images/Normal/9999.JPG,
      pcb1,train,normal,pcb1/Data/Images/Normal/0000.JPG,
      """)
    let dataset = try DatasetReader.read(folder.path + "/candle")
    #expect(dataset.layout == .visa)
    #expect(counts(dataset) == ["test/anomaly 1", "test/good 1", "train/good 1"])
    #expect(dataset.samples.first { $0.label == "anomaly" }?.mask == folder.path + "/candle/Data/Masks/Anomaly/000.png")
    #expect(dataset.problems.map(\.line) == [5], "the file of that line does not exist")
    #expect(Categories.find(folder.path) == [folder.path + "/candle"])
  }

  @Test func visaWithoutItsTable() throws {
    folder.picture("candle/Data/Images/Normal/0000.JPG", seed: 1)
    folder.picture("candle/Data/Images/Anomaly/000.JPG", seed: 2)
    mask("candle/Data/Masks/Anomaly/000.png")
    let dataset = try DatasetReader.read(folder.path + "/candle")
    #expect(counts(dataset) == ["-/anomaly 1", "-/good 1"])
  }

  @Test func kolektorSDD() throws {
    folder.picture("kos01/Part0.jpg", seed: 1)
    mask("kos01/Part0_label.bmp", isEmpty: true)
    folder.picture("kos01/Part1.jpg", seed: 2)
    mask("kos01/Part1_label.bmp")
    let dataset = try DatasetReader.read(folder.path)
    #expect(dataset.layout == .kolektor)
    #expect(dataset.samples.map(\.label) == ["good", "defect"])
    #expect(dataset.samples.map(\.group) == ["kos01", "kos01"], "one part is never divided")
    #expect(dataset.samples.map { $0.mask != nil } == [false, true])
  }

  @Test func kolektorSDD2() throws {
    for (name, isEmpty) in [("train/10000", true), ("train/10001", false), ("test/20000", true)] {
      folder.picture(name + ".png", seed: name.count)
      mask(name + "_GT.png", isEmpty: isEmpty)
    }
    let dataset = try DatasetReader.read(folder.path)
    #expect(dataset.layout == .kolektor2)
    #expect(counts(dataset) == ["test/good 1", "train/defect 1", "train/good 1"])
  }

  @Test func dagm() throws {
    for (texture, split) in [("Class1", "Train"), ("Class1", "Test"), ("Class2", "Train")] {
      folder.picture("\(texture)/\(split)/0001.PNG", seed: 1)
      folder.picture("\(texture)/\(split)/0002.PNG", seed: 2)
      mask("\(texture)/\(split)/Label/0002_label.PNG")
      folder.write(
        "\(texture)/\(split)/Label/Labels.txt", "1\n1\t0\t0001.PNG\t0\t0\n2\t1\t0002.PNG\t1\t0002_label.PNG\n")
    }
    let one = try DatasetReader.read(folder.path + "/Class1")
    #expect(one.layout == .dagm)
    #expect(counts(one) == ["test/defect 1", "test/good 1", "train/defect 1", "train/good 1"])
    #expect(one.samples.allSatisfy { ($0.mask != nil) == ($0.label == "defect") })
    let all = try DatasetReader.read(folder.path)
    #expect(
      all.samples.count == 6 && Set(all.samples.compactMap { $0.annotations["texture"] }) == ["Class1", "Class2"])
    #expect(Categories.find(folder.path).map { $0.suffix(6) } == ["Class1", "Class2"])
  }

  @Test func foldersOfCategories() throws {
    mvtec("bottle/")
    mvtec("cable/")
    #expect(Categories.find(folder.path).map { $0.split(separator: "/").last } == ["bottle", "cable"])
    #expect(Categories.find(folder.path + "/bottle").isEmpty, "a category is no folder of categories")
    let plain = TemporaryFolder()
    plain.picture("good/a.pgm", seed: 1)
    plain.picture("crack/b.pgm", seed: 2)
    #expect(Categories.find(plain.path).isEmpty)
  }
}
