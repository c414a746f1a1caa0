import AssayData
import AssayTestSupport
import Foundation
import Testing

/// Forms of YOLO that people have, and what is right for each.
@Suite struct YOLOCaseTests {
  let folder = TemporaryFolder()

  /// Two good images (one without a label file) and two with the defects of some lines, in `train` and `val`.
  private func write(_ lines: [String], yaml: String? = "names: [dent, scratch]") {
    for split in ["train", "val"] {
      folder.pictures((0..<2 + lines.count).map { "images/\(split)/\($0).jpg" })
      folder.write("labels/\(split)/0.txt", "")
      for (index, line) in lines.enumerated() { folder.write("labels/\(split)/\(2 + index).txt", line) }
    }
    if let yaml { folder.write("data.yaml", yaml) }
  }

  private func read() throws(DataError) -> Dataset { try DatasetReader.read(folder.path) }

  @Test func classAsDecimal() throws {
    write([
      "1.0 0.5 0.5 0.2 0.4", "1.000000000000000000e+00 5e-01 5.0e-01 2.0e-01 4.0e-01", "\u{FEFF}1 .5 .5 .2 .4\r\n",
    ])
    let dataset = try read()
    #expect(dataset.tally == ["good": 4, "scratch": 6] && dataset.problems.isEmpty)
    #expect(dataset.assumedGood == 4 && dataset.note(.assumedGood)?.text.contains("2 without a label file") == true)
    #expect(dataset.decision?.contains("YOLO") == true)
  }

  @Test(arguments: ["1.5 .5 .5 .2 .4", "-1 .5 .5 .2 .4", "nan .5 .5 .2 .4", "scratch .5 .5 .2 .4", "9 .5 .5 .2 .4"])
  func classThatIsNone(_ line: String) throws {
    write(["1 .5 .5 .2 .4", line])
    let dataset = try read()
    #expect(dataset.tally == ["good": 4, "scratch": 2])
    #expect(dataset.lost == ["images/train/3.jpg", "images/val/3.jpg"])
  }

  /// A folder in the file's place, a link that leads nowhere, UTF-16 that was cut: the label was not read.
  @Test func labelFileThatCannotBeRead() throws {
    write(["0 .5 .5 .2 .2"])
    folder.pictures((5..<10).map { "images/train/\($0).jpg" })
    folder.write("labels/train/5.txt/x", "")
    folder.link("labels/train/6.txt", to: "nowhere")
    folder.pictures(["images/more/0.jpg"])
    folder.write("labels/more", "a file in the folder's place")
    folder.write("labels/train/7.txt", [0xFF, 0xFE, 0x30, 0, 0x20, 0, 0x2E, 0, 0x35, 0])
    folder.write("labels/train/8.txt", [0x30, 0x20, 0xC4, 0xE3])
    folder.write("labels/train/9.txt", "0 .5 .5 .2 .2", as: .utf16)
    let dataset = try read()
    #expect(dataset.tally == ["good": 4, "dent": 3])
    #expect(dataset.lost.contains("images/train/5.jpg") && dataset.lost.contains("images/train/8.jpg"))
    for number in 5...8 { #expect(dataset.lost.contains("images/train/\(number).jpg"), "\(number)") }
    #expect(dataset.leftOut(.annotationUnreadable)?.images == 3 && dataset.lost.contains("images/more/0.jpg"))
    #expect(dataset.leftOut(.encoding)?.remedy.contains("--encoding gbk") == true)
  }

  @Test(arguments: [
    ("names: {0: dent, 1: slag}", ["dent", "slag"]),
    ("names: # classes\n  0: dent  # first\n  1: slag\n", ["dent", "slag"]),
    ("names:\n\n# list\n- dent\n- slag\n", ["dent", "slag"]),
    ("names:\n  - \"dent\"  \n  - \"slag # 2\"\n", ["dent", "slag # 2"]),
    ("names: [dent,  # a\n  slag]", ["dent", "slag"]), ("names : [dent, slag]", ["dent", "slag"]),
    ("nc: 2\nnames: [\"dent [deep]\", slag]", ["dent [deep]", "slag"]), ("\"names\": [dent, slag]", ["dent", "slag"]),
    ("names:\n  \"0\": dent\n  \"1\": slag\n", ["dent", "slag"]),
    ("names: ['Michelin logo, square', 'it''s slag']", ["Michelin logo, square", "it's slag"]),
    ("names: [yes, 02]", ["yes", "02"]), ("names: &n [dent, slag]\nother: *n", ["dent", "slag"]),
  ])
  func namesInYAML(_ yaml: String, _ names: [String]) throws {
    write(["0 .5 .5 .2 .2", "1 .1 .1 .4 .1 .4 .4 .1 .4"], yaml: yaml)
    #expect(try read().tally == ["good": 4, names[0]: 2, names[1]: 2])
  }

  @Test(arguments: [
    "NAMES: [dent, slag]", "names: classes.txt", "names: 2", "names: []", "names: [dent, [a]]", "names: {a: dent}",
    "names: {0: dent, 0: slag}", "names: [dent, slag", "names: [dent, null]", "nc: 2", "names:",
    "name: [dent, slag]\nnc: 2",
  ])
  func namesThatAreNone(_ yaml: String) {
    write(["0 .5 .5 .2 .2"], yaml: yaml)
    let error = refusal(folder.path)
    #expect(error?.path.contains("data.yaml") == true && error?.remedy.contains("names:") == true, "\(yaml)")
  }

  @Test func splitsOfTheDescription() throws {
    folder.pictures((0..<6).map { "a/images/\($0).jpg" })
    for index in 0..<6 { folder.write("a/labels/\(index).txt", index % 2 == 0 ? "" : "0 .5 .5 .2 .2") }
    folder.write(
      "data.yaml", "path: /home/me/set\ntrain: lists/train.txt\nval: ./lists/val.txt\ntest:\n  - a\nnames: [dent]\n")
    folder.write("lists/train.txt", "/home/me/set/a/images/0.jpg\n./a/images/1.jpg\n")
    folder.write("lists/val.txt", "a\\images\\2.jpg\na/images/3.jpg\na/images/77.jpg\n")
    let dataset = try read()
    #expect(dataset.problems.map { "\($0.file):\($0.line ?? 0)" } == ["lists/val.txt:3"], "77 is not there")
    // The test set holds everything, so nothing is divided by it: training would be tested on.
    #expect(dataset.samples.allSatisfy { $0.split == nil })
    folder.write("data.yaml", "train: lists/train.txt\nval: lists/val.txt\nnames: [dent]\n")
    #expect(
      try read().divided == [
        "train good": 1, "train dent": 1, "validation good": 1, "validation dent": 1, "- good": 1, "- dent": 1,
      ])
  }

  @Test func darknet() throws {
    for part in ["obj_train_data", "obj_validation_data"] {
      folder.pictures((0..<4).map { "\(part)/\($0).PNG" })
      for index in 0..<4 { folder.write("\(part)/\(index).txt", index < 2 ? "" : "\(index - 2) .5 .5 .2 .2\n") }
    }
    folder.write("obj.names", "scratch\nstain\n")
    folder.write("obj.data", "classes = 2\ntrain = data/train.txt\nnames = data/obj.names\nbackup = backup/\n")
    folder.write("train.txt", (0..<4).map { "data/obj_train_data/\($0).PNG" }.joined(separator: "\n"))
    folder.write("validation.txt", (0..<4).map { "data/obj_validation_data/\($0).PNG" }.joined(separator: "\n"))
    let dataset = try read()
    #expect(
      dataset.divided == [
        "train good": 2, "train scratch": 1, "train stain": 1, "validation good": 2, "validation scratch": 1,
        "validation stain": 1,
      ])
    #expect(dataset.layout == .yolo && dataset.problems.isEmpty)
  }

  /// `classes.txt` beside the images or with the labels, capitals, other names of the folders.
  @Test(arguments: [
    ("fotos/", "fotos/", "fotos/classes.txt"), ("images/train/", "labels/train/", "labels/train/classes.txt"),
    ("Images/", "Labels/", "classes.txt"), ("IMAGES/", "labels/", "Labels.names"), ("img/", "label/", "classes.TXT"),
    ("fotos/", "labels/", "labels/classes.txt"), ("set/images/", "set/labels/", "set/classes.txt"),
  ])
  func placesOfNamesAndLabels(_ images: String, _ labels: String, _ names: String) throws {
    folder.pictures((0..<8).map { images + "\($0).jpg" })
    for index in 4..<8 { folder.write(labels + "\(index).txt", "1 .5 .5 .2 .2\n") }
    folder.write(names, "stain\nkratzer\n")
    let dataset = try read()
    #expect(dataset.layout == .yolo && dataset.tally == ["good": 4, "kratzer": 4], "\(images) \(labels) \(names)")
  }

  /// An empty line among the names is a class without one; it must not move those after it.
  @Test func emptyLineAmongNames() throws {
    write(["2 .5 .5 .2 .2", "1 .5 .5 .2 .2"], yaml: nil)
    folder.write("classes.txt", "a\n\nb\n")
    let dataset = try read()
    #expect(dataset.tally == ["good": 4, "b": 2] && dataset.lost.count == 2)
    folder.write("labels/classes.txt", "a\nx\nb\n")
    #expect(try read().tally == ["good": 4, "b": 2, "x": 2], "the other file names it")
    folder.write("labels/classes.txt", "c\nx\nb\n")
    #expect(refusal(folder.path)?.cause.contains("other classes") == true)
  }

  @Test func unlabelledTestIsLeftOut() throws {
    write(["0 .5 .5 .2 .2"])
    folder.pictures(["images/test/a.jpg", "images/test/b.jpg"])
    let dataset = try read()
    #expect(
      dataset.tally == ["good": 4, "dent": 2, "-": 2] && dataset.lost == ["images/test/a.jpg", "images/test/b.jpg"])
    #expect(dataset.assumedGood == 4)
  }

  /// The label file is there under a name that only looks the same to a person.
  @Test(arguments: [
    "IMG_4.txt", "img_04.txt", "img-4.txt", "img 4.txt", "img_4.jpg.txt", "img_4.TXT", "ímg_4.txt", "img_4_label.txt",
  ])
  func namesThatDiffer(_ name: String) throws {
    folder.pictures(["images/img_4.jpg", "images/other.jpg", "images/third.jpg"])
    folder.write("labels/" + name, "0 .5 .5 .2 .2")
    folder.write("labels/third.txt", "0 .5 .5 .2 .2")
    folder.write("classes.txt", "dent")
    let dataset = try read()
    #expect(dataset.samples.first { $0.name == "images/img_4.jpg" }?.label ?? "dent" == "dent")
    #expect(dataset.samples.first { $0.name == "images/other.jpg" }?.label == "good")
  }
}
