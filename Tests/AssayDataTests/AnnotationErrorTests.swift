import AssayData
import AssayImage
import AssayTestSupport
import Testing

/// What cannot be used is named with its file and line, and its image takes no part.
@Suite struct AnnotationErrorTests {
  let folder = TemporaryFolder()

  private func pictures(_ names: [String]) {
    for (index, name) in names.enumerated() { folder.write(name, Miniature.Part(number: index, kinds: []).picture) }
  }

  private func problems(_ dataset: Dataset) -> [String] { dataset.problems.map { "\($0.file):\($0.line ?? 0)" } }

  private func failure(_ path: String? = nil) -> DataError? {
    do throws(DataError) {
      _ = try DatasetReader.read(path ?? folder.path)
      return nil
    } catch { return error }
  }

  @Test func severstal() throws {
    pictures((0..<9).map { "train_images/\($0).jpg" } + ["outside.jpg"])
    folder.write(
      "train.csv",
      """
      ImageId,ClassId,EncodedPixels
      0.jpg,1,1 3
      1.jpg,5,1 3
      2.jpg,2,1 3 2
      3.jpg,2,4090 9
      4.jpg,2
      5.jpg,1,1 3
      5.jpg,1,9 3
      none.jpg,1,1 3
      ../outside.jpg,1,1 3
      6.jpg,1,5 3 6 1
      /etc/passwd.jpg,1,1 1

      """)
    let dataset = try DatasetReader.read(folder.path)
    #expect(problems(dataset) == [3, 4, 5, 6, 8, 9, 10, 11, 12].map { "train.csv:\($0)" })
    #expect(dataset.samples.map(\.name) == [0, 7, 8].map { "train_images/\($0).jpg" }, "the others take no part")
    #expect(dataset.problems.filter { $0.cause.contains("outside") }.count == 2)
  }

  @Test func pascalVOC() throws {
    pictures((0..<10).map { "JPEGImages/\($0).jpg" })
    func xml(_ number: Int, _ text: String) { folder.write("Annotations/\(number).xml", text) }
    func box(_ text: String, name: String = "<name>a</name>", size: Int = 64, file: String? = nil) -> String {
      let own = file.map { "<filename>\($0)</filename>" } ?? ""
      return
        "<annotation>\(own)\n<size><width>\(size)</width><height>64</height></size>\n<object>\(name)\n<bndbox>\(text)</bndbox></object></annotation>"
    }
    func corners(_ a: String, _ b: String, _ c: String, _ d: String) -> String {
      "<xmin>\(a)</xmin><ymin>\(b)</ymin><xmax>\(c)</xmax><ymax>\(d)</ymax>"
    }
    xml(0, box(corners("1", "1", "9", "9")))
    xml(1, box(corners("9", "1", "1", "9")))
    xml(2, box(corners("1", "", "5", "9")))
    xml(3, box(corners("1", "1", "9", "9"), name: ""))
    xml(4, box(corners("1", "1", "9", "9"), size: 65))
    xml(5, "<annotation>\n<object></annotation>")
    xml(6, "<!DOCTYPE a [<!ENTITY b \"cccc\">]>\n<annotation>&b;</annotation>")
    xml(7, box(corners("70", "1", "90", "9")))
    xml(8, box(corners("1", "1", "9", "9"), file: "../../secret.jpg"))
    xml(11, box(corners("1", "1", "9", "9"), file: "11.jpg"))
    let dataset = try DatasetReader.read(folder.path)
    #expect(
      problems(dataset).sorted()
        == [
          "Annotations/11.xml:1", "Annotations/1.xml:4", "Annotations/2.xml:4", "Annotations/3.xml:3",
          "Annotations/4.xml:2", "Annotations/5.xml:2", "Annotations/6.xml:1", "Annotations/7.xml:4",
          "Annotations/8.xml:1", "JPEGImages/8.jpg:0", "JPEGImages/9.jpg:0",
        ].sorted())
    #expect(dataset.samples.map(\.name) == ["JPEGImages/0.jpg", "JPEGImages/8.jpg", "JPEGImages/9.jpg"])
    #expect(dataset.samples.map(\.label) == ["a", nil, nil], "without an annotation nothing is known")
  }

  @Test func coco() throws {
    pictures((0..<12).map { "images/\($0).png" })
    let images = (0..<12).map { #"{"id": \#($0), "file_name": "\#($0).png"\#($0 == 11 ? #", "width": 5"# : "")}"# }
    let annotations = [
      #"{"id": 0, "image_id": 0, "category_id": 1, "bbox": [1, 1, 5, 5]}"#,
      #"{"id": 1, "image_id": 1, "category_id": 7, "bbox": [1, 1, 5, 5]}"#,
      #"{"id": 2, "image_id": 99, "category_id": 1, "bbox": [1, 1, 5, 5]}"#,
      #"{"id": 3, "image_id": 2, "category_id": 1, "bbox": [1, 1, 5]}"#,
      #"{"id": 4, "image_id": 3, "category_id": 1, "bbox": [1, 1, 0, 5]}"#,
      #"{"id": 5, "image_id": 4, "category_id": 1, "segmentation": [[1, 1, 2, 2]]}"#,
      #"{"id": 6, "image_id": 5, "category_id": 1, "segmentation": {"size": [1, 2], "counts": [1, 1]}}"#,
      #"{"id": 7, "image_id": 6, "category_id": 1, "segmentation": {"size": [64, 64], "counts": [1, 1]}}"#,
      #"{"id": 8, "image_id": 7, "category_id": 1, "segmentation": {"size": [64, 64], "counts": "o"}}"#,
      #"{"id": 9, "image_id": 8, "category_id": 1, "segmentation": {"size": [64, 64], "counts": [1.5, 1]}}"#,
      #"{"id": 10, "image_id": 9, "category_id": 1, "bbox": [1e308, 1, 1e308, 5]}"#,
      #"{"id": 11, "category_id": 1}"#,
    ]
    folder.write(
      "coco.json",
      "{\"categories\": [{\"id\": 1, \"name\": \"a\"}, {\"id\": 2, \"name\": \"b\"},\n{\"id\": 2, \"name\": \"c\"}],\n\"images\": [\n"
        + images.joined(separator: ",\n") + ",\n{\"id\": 12, \"file_name\": \"../x.png\"}\n],\n\"annotations\": [\n"
        + annotations.joined(separator: ",\n") + "\n]}")
    let dataset = try DatasetReader.read(folder.path)
    // The last annotation has no image_id: it may be about the image on which nothing else is marked.
    #expect(problems(dataset) == ([2, 15, 16] + (20...30) + [30]).map { "coco.json:\($0)" })
    #expect(dataset.samples.map(\.name) == ["images/0.png"])
    #expect(dataset.samples.map(\.label) == ["a"])
    folder.write("coco.json", "{\"images\": [],\n\"categories\": [], \"annotations\": [\n1, 2")
    #expect(failure()?.path.hasSuffix("coco.json:3") == true)
    folder.write("coco.json", String(repeating: "[", count: 100_000) + "\"annotations\"")
    #expect(failure()?.cause.contains("nested") == true)
  }

  @Test func yolo() throws {
    pictures((0..<10).map { "images/\($0).jpg" })
    folder.write("classes.txt", "a\nb\n")
    let lines = [
      "0 0.5 0.5 0.2 0.2", "2 0.5 0.5 0.2 0.2", "0 0.5 0.5 0.2 0.2 45", "0 32 32 10 10", "0 0.5 0.5 0.2",
      "x 0.5 0.5 0.2 0.2", "0 0.5 0.5 0 0.2", "1 0.1 0.1 0.5 0.1 0.5 0.5 0.1 0.5", "1 0.1 nan 0.2 0.2",
    ]
    for (index, line) in lines.enumerated() { folder.write("labels/\(index).txt", "\n\(line)\n") }
    folder.write("labels/77.txt", "0 0.5 0.5 0.2 0.2\n")
    let dataset = try DatasetReader.read(folder.path)
    #expect(problems(dataset) == [1, 2, 3, 4, 5, 6, 8].map { "labels/\($0).txt:2" } + ["labels/77.txt:0"])
    #expect(dataset.problems[1].cause.contains("angle"))
    #expect(dataset.samples.map(\.label) == ["a", "b", "good"])
    folder.write("data.yaml", "names: [a, b]\nkpt_shape: [17, 3]\n")
    #expect(failure()?.path.hasSuffix("data.yaml:2") == true && failure()?.cause.contains("key points") == true)
  }

  @Test func cvat() throws {
    pictures((0..<8).map { "images/\($0).png" })
    folder.write(
      "annotations.xml",
      """
      <annotations><meta><task><labels><label><name>a</name></label></labels></task></meta>
      <image name="0.png" width="64" height="64"><box label="a" xtl="1" ytl="1" xbr="9" ybr="9"/></image>
      <image name="1.png" width="65" height="64"/>
      <image name="2.png" width="64" height="64"><box label="b" xtl="1" ytl="1" xbr="9" ybr="9"/></image>
      <image name="3.png" width="64" height="64"><box label="a" xtl="1" ytl="x" xbr="9" ybr="9"/></image>
      <image name="4.png" width="64" height="64"><mask label="a" rle="1, 99" left="1" top="1" width="2" height="2"/></image>
      <image name="5.png" width="64" height="64"><polyline label="a" points="1,1;2,2"/></image>
      <image name="6.png" width="64" height="64"><polygon label="a" points="1,1;2;3,3"/></image>
      <image name="../7.png" width="64" height="64"/>
      <image name="7.png" width="64" height="64"><tag label="a"/><box label="a" xtl="10" ytl="10" xbr="20" ybr="12" rotation="90"/></image>
      </annotations>
      """)
    let dataset = try DatasetReader.read(folder.path)
    #expect(problems(dataset) == [3, 4, 5, 6, 7, 8, 9].map { "annotations.xml:\($0)" })
    #expect(dataset.samples.map(\.name) == [0, 5, 7].map { "images/\($0).png" })
    #expect(
      dataset.samples[1].label == "a" && !dataset.samples[1].hasPixelTruth, "its class counts, its place does not")
    let turned = try #require(try dataset.samples[2].markedPixels(width: 64, height: 64))
    #expect(turned.count { $0 } == 20 && turned[6 * 64 + 15] && turned[15 * 64 + 14] && !turned[11 * 64 + 10])
    folder.write("annotations.xml", "<annotations>\n<track id=\"0\" label=\"a\"/></annotations>")
    #expect(failure()?.path.hasSuffix("annotations.xml:2") == true && failure()?.cause.contains("videos") == true)
    folder.write("annotations.xml", "<annotations>\n<image name=\"1.png\"></annotations>")
    #expect(failure()?.path.hasSuffix("annotations.xml:2") == true)
  }

  @Test func labelStudio() throws {
    pictures((0..<8).map { "\($0).png" })
    func task(_ number: Int, _ results: String, size: Int = 64) -> String {
      #"{"id": \#(number), "data": {"image": "s3://bucket/\#(number).png"}, "annotations": [{"result": [\#(results)]}]}"#
        .replacing("SIZE", with: #""original_width": \#(size), "original_height": 64"#)
    }
    let brush = RunLengthMaskTests.packed([UInt8](repeating: 0, count: 64 * 64 - 5) + [9, 9, 9, 9, 9])
    let box =
      #"{"type": "rectanglelabels", SIZE, "value": {"x": 0, "y": 0, "width": 50, "height": 50, "rectanglelabels": ["a"]}}"#
    let tasks = [
      task(0, #"{"type": "choices", "value": {"choices": ["a", "b"]}}"#),
      task(1, box, size: 65),
      task(2, box.replacing("[\"a\"]", with: "[]")),
      task(3, box.replacing("\"x\": 0, ", with: "")),
      task(4, #"{"type": "keypointlabels", SIZE, "value": {"x": 1, "y": 1, "keypointlabels": ["a"]}}"#),
      task(5, #"{"type": "brushlabels", SIZE, "value": {"rle": \#(brush), "brushlabels": ["b"]}}"#),
      task(6, #"{"type": "brushlabels", SIZE, "value": {"rle": [1, 2, 300], "brushlabels": ["b"]}}"#),
      #"{"id": 7, "data": {"image": "/data/local-files/?d=photos/7.png"}, "annotations": [{"was_cancelled": true, "result": []}]}"#,
      task(8, ""),
    ]
    folder.write("export.json", "[\n" + tasks.joined(separator: ",\n") + "\n]")
    let dataset = try DatasetReader.read(folder.path)
    #expect(problems(dataset) == [3, 4, 5, 6, 8, 9, 10].map { "export.json:\($0)" })
    #expect(dataset.samples.map(\.label) == ["a+b", "a", "b", nil])
    #expect(
      try dataset.samples[2].markedPixels(width: 64, height: 64)?.suffix(6) == [false, true, true, true, true, true])
    folder.write("export.json", #"[{"image": "/data/upload/0.png", "annotator": 1, "annotation_id": 3, "label": "a"}]"#)
    #expect(failure()?.remedy.contains("JSON-MIN") == true)
  }

  @Test func otherLayouts() throws {
    let pcb = "group1/1_not/5.txt"
    pictures(["group1/1/5_temp.jpg", "group1/1/5_test.jpg", "group1/1/6_test.jpg", "group1/1/7_test.jpg"])
    folder.write(pcb, "1,1,5,5,3\n1,1,5,5,9\n1 1 5\n")
    folder.write("group1/1_not/7.txt", "5 5 5 9 1\n")
    folder.write("trainval.txt", "group1/1/5.jpg group1/1_not/5.txt\nonly\ngroup1/1/99.jpg group1/1_not/99.txt\n")
    let boards = try DatasetReader.read(folder.path)
    #expect(boards.layout == .deepPCB && boards.samples.map(\.name) == ["group1/1/5_temp.jpg"])
    #expect(
      Set(problems(boards)) == [
        "trainval.txt:2", "trainval.txt:3", pcb + ":2", pcb + ":3", "group1/1/6_test.jpg:0", "group1/1/7_test.jpg:0",
        "group1/1_not/7.txt:1",
      ])
    let fabrics = TemporaryFolder()
    for name in [
      "Defect_images/1_002_00.png", "Defect_images/2_000_00.png", "Defect_images/x.png",
      "NODefect_images/a/3_000_01.png",
      "NODefect_images/a/4_006_01.png", "Mask_images/1_002_00_mask.png", "Mask_images/odd.png",
    ] { fabrics.picture(name, seed: 3) }
    let woven = try DatasetReader.read(fabrics.path)
    #expect(woven.layout == .aitex && woven.samples.map(\.label) == ["broken end", "good"])
    #expect(woven.problems.count == 4)
    let strip = TemporaryFolder()
    for name in ["Cr_1.bmp", "In_2.bmp", "In_3.bmp", "readme.bmp"] { strip.picture(name, seed: name.count) }
    let steel = try DatasetReader.read(strip.path)
    #expect(
      steel.layout == .neuCLS && steel.classes == ["crazing", "inclusion"] && problems(steel) == ["readme.bmp:0"])
  }
}
