import AssayData
import AssayTestSupport
import Foundation
import Testing

/// Pascal VOC, CVAT, Label Studio, labelme and Datumaro in forms that people have, and what is right for each.
@Suite struct AnnotationFormTests {
  let folder = TemporaryFolder()

  private func tally() throws(DataError) -> [String: Int] { try DatasetReader.read(folder.path).tally }

  private static let box = "<bndbox><xmin>2</xmin><ymin>2</ymin><xmax>9</xmax><ymax>9</ymax></bndbox>"

  /// Two images without an object, two of each name.
  private func voc(
    _ names: [String], encoding: String.Encoding = .utf8, declared: String? = nil, root: String = "annotation",
    change: (String) -> String = { $0 }
  ) {
    let head = declared.map { "<?xml version=\"1.0\" encoding=\"\($0)\"?>\n" } ?? ""
    for (index, name) in (["", ""] + names + names).enumerated() {
      folder.picture("JPEGImages/\(index).jpg", seed: index + 1)
      let object = name.isEmpty ? "" : "<object><name>\(name)</name>\(Self.box)</object>"
      let text =
        head
        + "<\(root)><filename>\(index).jpg</filename><size><width>24</width><height>24</height></size>\(object)</\(root)>"
      folder.write("Annotations/\(index).xml", change(text), as: encoding)
    }
  }

  @Test(arguments: [
    ("annotation", String.Encoding.utf8, String?.none), ("Annotation", .utf8, "UTF-8"), ("ANNOTATION", .utf8, nil),
    ("annotation", .utf16, "utf-16"), ("Annotation", .utf16, nil), ("annotation", .isoLatin1, "ISO-8859-1"),
    ("annotation", .windowsCP1252, "windows-1252"),
  ])
  func vocRootsAndEncodings(_ root: String, _ encoding: String.Encoding, _ declared: String?) throws {
    voc(["Kratzer groß", "Größe"], encoding: encoding, declared: declared, root: root)
    #expect(try tally() == ["good": 2, "Kratzer groß": 2, "Größe": 2])
  }

  /// 划痕 and 凹坑 in GB 2312, скол and пора in Windows-1251: never one class, never `����`.
  @Test(
    arguments: [
      ("gb2312", [0xBB, 0xAE, 0xBA, 0xDB], [0xB0, 0xBC, 0xBF, 0xD3], "划痕", "凹坑"),
      ("GBK", [0xBB, 0xAE, 0xBA, 0xDB], [0xB0, 0xBC, 0xBF, 0xD3], "划痕", "凹坑"),
      ("cp1251", [0xF1, 0xEA, 0xEE, 0xEB], [0xEF, 0xEE, 0xF0, 0xE0], "скол", "пора"),
      ("shift_jis", [0x8F, 0x9D], [0x89, 0x9A], "傷", "凹"),
      ("big5", [0xB9, 0xBA, 0xB2, 0xAA], [0xA5, 0x57], "厭痕", "凹"),
    ] as [(String, [UInt8], [UInt8], String, String)])
  func declaredEncodings(_ name: String, _ a: [UInt8], _ b: [UInt8], _ first: String, _ second: String) throws {
    for (index, bytes) in [[], [], a, a, b, b].enumerated() {
      folder.picture("JPEGImages/\(index).jpg", seed: index + 1)
      let object = bytes.isEmpty ? [] : Array("<object><name>".utf8) + bytes + Array("</name>\(Self.box)</object>".utf8)
      folder.write(
        "Annotations/\(index).xml",
        Array("<?xml version='1.0' encoding='\(name)'?><annotation>".utf8) + object + Array("</annotation>".utf8))
    }
    let found = try tally()
    if name == "big5" {
      #expect(found.count == 3 && found[second] == 2)
    } else {
      #expect(found == ["good": 2, first: 2, second: 2])
    }
    // Without the declaration nobody knows, and the images with a class are left out.
    for index in 0..<6 {
      let path = folder.path + "/Annotations/\(index).xml"
      let text = Array(FileManager.default.contents(atPath: path)!)
      folder.write("Annotations/\(index).xml", Array(text[(text.firstIndex(of: 62)! + 1)...]))
    }
    let unknown = try DatasetReader.read(folder.path)
    #expect(unknown.tally == ["good": 2] && unknown.leftOut(.encoding)?.images == 4)
    #expect(
      unknown.leftOut(.encoding)?.description.contains("is not UTF-8; save it as UTF-8, or give --encoding gbk") == true
    )
    #expect(try DatasetReader.read(folder.path, options: .init(encoding: name)).tally == found)
  }

  /// An element by another name must not make its image good.
  @Test(arguments: ["objekt", "objects", "defect", "shape"]) func vocElements(_ name: String) throws {
    voc(["a"]) { $0.replacing("object>", with: name + ">") }
    let dataset = try DatasetReader.read(folder.path)
    #expect(dataset.tally == ["good": 2] && dataset.leftOut(.unknownForm)?.images == 2)
  }

  @Test func vocWithoutName() throws {
    voc(["a"]) { $0.replacing("<name>a</name>", with: "<name></name>") }
    #expect(try DatasetReader.read(folder.path).leftOut(.withoutClass)?.images == 2)
  }

  @Test func labelStudioRegions() throws {
    func task(_ number: Int, _ results: String) -> String {
      #"{"id": \#(number), "data": {"image": "/data/upload/1/\#(number).png"}, "annotations": [{"result": [\#(results)]}]}"#
    }
    let place = #""x": 10, "y": 10, "width": 30, "height": 30"#
    let size = #""original_width": 24, "original_height": 24"#
    let results = [
      "", #"{"type": "rectanglelabels", \#(size), "value": {\#(place), "rectanglelabels": ["kratzer"]}}"#,
      #"{"type": "rectangle", "id": "b", \#(size), "value": {\#(place)}}"#,
      #"{"type": "rectanglelabels", \#(size), "value": {\#(place)}}"#, #"{"type": "rating", "value": {"rating": 1}}"#,
      #"{"type": "textarea", "value": {"text": ["kratzer"]}}"#,
      #"{"type": "taxonomy", "value": {"taxonomy": [["fehler", "kratzer"]]}}"#,
      #"{"type": "choices", "value": {"choices": []}}"#,
      #"{"type": "rectangle", "id": "x", \#(size), "value": {\#(place)}}, {"type": "labels", "id": "x", "value": {"labels": ["kratzer"]}}"#,
      #"{"type": "number", "value": {"number": 3}}"#,
      #"{"type": "rectanglelabels", \#(size), "value": {\#(place), "rectanglelabels": [7]}}"#,
    ]
    folder.pictures(results.indices.map { "images/\($0).png" })
    folder.write("p.json", "[" + results.enumerated().map { task($0, $1) }.joined(separator: ",\n") + "]")
    let dataset = try DatasetReader.read(folder.path)
    #expect(dataset.tally == ["good": 1, "kratzer": 2])
    #expect(dataset.lost == [10, 2, 3, 4, 5, 6, 7, 9].map { "images/\($0).png" })
    #expect(dataset.samples.first { $0.name == "images/8.png" }?.regions.count == 1, "the region of the same id")
    folder.write("p.json", "[" + task(1, results[1]) + ", " + task(0, "").replacing("[]", with: "null") + "]")
    #expect(try DatasetReader.read(folder.path).tally == ["kratzer": 1])
  }

  @Test func classificationsWithoutAChoice() throws {
    folder.pictures((0..<3).map { "\($0).png" })
    let choice = [
      #"{"type": "choices", "value": {"choices": ["ok"]}}"#, #"{"type": "choices", "value": {"choices": ["nok"]}}"#, "",
    ]
    let tasks = choice.enumerated().map { #"{"data": {"image": "\#($0).png"}, "annotations": [{"result": [\#($1)]}]}"# }
    folder.write("p.json", "[\(tasks.joined(separator: ","))]")
    #expect(try tally() == ["ok": 1, "nok": 1, "-": 1], "nothing chosen is no answer")
  }

  private func labelme(_ name: String, _ shapes: String, more: String = "") {
    folder.picture("set/\(name).jpg", seed: name.count * 7 + Int(name.utf8.last!))
    folder.write(
      "set/\(name).json",
      #"{"version": "5.0", "flags": {}, "shapes": [\#(shapes)], "imagePath": "\#(name).jpg", "imageHeight": 24, "imageWidth": 24\#(more)}"#
    )
  }

  @Test func labelmeShapes() throws {
    let shapes = [
      "", #"{"label": "scratch", "points": [[9, 10], [2, 3]], "shape_type": "rectangle"}"#,
      #"{"label": "dent", "points": [[2, 3], [9, 3], [9, 10], [2, 10]], "shape_type": "polygon"}"#,
      #"{"label": "dent", "points": [[12, 12], [16, 12]], "shape_type": "circle"}"#,
      #"{"label": "dent", "points": [[12, 12]], "shape_type": "point"}"#,
      #"{"label": null, "points": [[2, 3], [9, 10]], "shape_type": "rectangle"}"#,
      #"{"label": "dent", "points": [[2, 3], [9]], "shape_type": "rectangle"}"#,
      #"{"label": "dent", "points": [[2, 3], [9, 9]], "shape_type": "cube"}"#,
      #"{"label": "dent", "points": [[200, 300], [900, 900]], "shape_type": "rectangle"}"#,
    ]
    for (index, shape) in shapes.enumerated() { labelme("\(index)", shape) }
    folder.picture("set/without.jpg", seed: 99)
    labelme("good2", "")
    folder.write("set/good2.json", "{\"version\": \"5.0\", \"fla")
    let dataset = try DatasetReader.read(folder.path)
    #expect(dataset.layout == .labelme && dataset.tally == ["good": 1, "scratch": 1, "dent": 3, "-": 1])
    #expect(dataset.lost == ["5", "6", "7", "8", "good2", "without"].map { "set/\($0).jpg" })
    for index in 1...2 {
      let pixels = try #require(try dataset.samples[index].markedPixels(width: 24, height: 24))
      #expect(Set(pixels.indices.filter { pixels[$0] }) == Set((3..<10).flatMap { y in (2..<9).map { y * 24 + $0 } }))
    }
    let circle = try #require(try dataset.samples[3].markedPixels(width: 24, height: 24))
    #expect((46...54).contains(circle.count { $0 }), "the area of a circle of 4 pixels is 50")
    #expect(!dataset.samples[4].hasPixelTruth)
  }

  @Test func labelmeElsewhere() throws {
    folder.pictures(["images/0.jpg", "images/1.jpg"])
    let shape = #"{"label": "dent", "points": [[2, 3], [9, 10]], "shape_type": "rectangle"}"#
    folder.write("labels/0.json", #"{"shapes": [], "imagePath": "..\\images\\0.jpg", "flags": {}}"#)
    folder.write("labels/1.json", #"{"shapes": [\#(shape)], "imagePath": "C:\\photos\\1.jpg", "flags": {}}"#)
    #expect(try tally() == ["good": 1, "dent": 1])
    folder.write("labels/0.json", #"{"shapes": [], "imagePath": "../../../etc/passwd", "flags": {"bent": true}}"#)
    #expect(
      try tally() == ["bent": 1, "dent": 1], "a flag is a class; the name leads nowhere, so the file's own counts")
  }

  @Test func datumaro() throws {
    let items = [
      #"[{"type": "label", "label_id": 0}]"#, #"[{"type": "bbox", "label_id": 1, "bbox": [2, 3, 7, 7]}]"#,
      #"[{"type": "polygon", "label_id": 1, "points": [2, 3, 9, 3, 9, 10, 2, 10]}]"#,
      #"[{"type": "bbox", "label_id": null, "bbox": [2, 3, 7, 7]}]"#, #"[{"type": "caption", "label_id": 1}]"#,
      #"[{"type": "bbox", "label_id": 9, "bbox": [2, 3, 7, 7]}]"#, "[]", "null",
    ]
    folder.pictures(items.indices.map { "images/default/\($0).jpg" })
    let texts = items.enumerated().map {
      #"{"id": "\#($0)", "annotations": \#($1), "image": {"path": "\#($0).jpg", "size": [24, 24]}}"#
    }
    let head =
      #"{"info": {}, "categories": {"label": {"labels": [{"name": "Normal"}, {"name": "Anomalous"}]}}, "items": ["#
    folder.write("annotations/default.json", head + texts.joined(separator: ",") + "]}")
    let dataset = try DatasetReader.read(folder.path)
    #expect(dataset.layout == .datumaro && dataset.goodClass == "Normal")
    #expect(dataset.tally == ["Normal": 2, "Anomalous": 2, "-": 1])
    #expect(dataset.lost == [3, 4, 5, 7].map { "images/default/\($0).jpg" })
    folder.write("annotations/default.json", head + [texts[0], texts[6]].joined(separator: ",") + "]}")
    #expect(try tally() == ["Normal": 1, "-": 1], "where every class is a label, no label is no answer")
  }

  /// What looks like annotations and is not understood is an error, not a class called images.
  @Test(arguments: [
    ("images/", "annos.json", #"{"data": [{"img": "0.jpg", "verdict": "bad"}]}"#),
    ("images/", "via.json", #"{"_via_img_metadata": {"0.jpg12": {"filename": "0.jpg", "regions": []}}}"#),
    ("", "0.json", #"{"quality": "bad"}"#), ("", "labels.json", "[1, 2"),
    ("pictures/", "list.xml", "<list><i>0</i></list>"),
    ("images/", "train.csv", "ima"), ("images/", "result.csv", "datum;urteil\n0.jpg;schlecht\n"),
    ("images/", "labels.xlsx", "PK"),
    ("images/", "list.txt", "0.jpg 1\n1.jpg 0\n"), ("images/", "marks/0.txt", "0,12,13,14,15\n"),
    ("images/", "defects.jsonl", #"{"file_name": "0.jpg"}"#),
    ("a/", "notes.json", #"{"images": {"0.jpg": [{"bbox": [1, 2, 3, 4]}]}}"#),
  ])
  func unknownAnnotations(_ images: String, _ name: String, _ text: String) {
    folder.pictures((0..<3).map { images + "\($0).jpg" })
    folder.write(name, text)
    let error = refusal(folder.path)
    #expect(error?.path.hasSuffix(name) == true && error?.remedy.contains("path,label") == true, "\(name)")
  }

  /// Something stands in the place of the annotations: without them all images would be taken for good.
  @Test(arguments: ["coco.json", "train.csv", "annotations.xml", "data.yaml"])
  func foldersInThePlaceOfAnnotations(_ name: String) {
    folder.pictures((0..<3).map { "images/\($0).jpg" })
    folder.write(name + "/x", "")
    #expect(refusal(folder.path)?.path.hasSuffix(name) == true)
    let links = TemporaryFolder()
    links.pictures((0..<3).map { "images/\($0).jpg" })
    links.link(name, to: "nowhere")
    #expect(refusal(links.path)?.path.hasSuffix(name) == true)
  }

  @Test(arguments: ["data.yaml", "classes.txt", "obj.names", "labels/train.cache"])
  func labelsThatAreNotThere(_ name: String) {
    folder.pictures((0..<3).map { "images/\($0).jpg" })
    folder.write(name, "names: [bent]\n")
    #expect(refusal(folder.path)?.remedy.contains("copy the labels too") == true)
  }

  @Test func harmlessFilesAreIgnoredAndSaid() throws {
    folder.pictures(["good/0.jpg", "bad/1.jpg"])
    folder.write("camera.json", #"{"exposure": 5}"#)
    folder.write("readme.txt", "about 0.jpg")
    folder.write("classes.json", #"["good", "bad"]"#)
    let dataset = try DatasetReader.read(folder.path)
    #expect(
      dataset.tally == ["good": 1, "bad": 1] && dataset.note(.ignored)?.names == ["camera.json", "classes.json"])
  }

  @Test func masksBesideImagesAreNoClass() {
    for index in 0..<4 {
      folder.picture("images/\(index).png", seed: index)
      folder.picture("masks/\(index).png", seed: index + 9)
    }
    #expect(refusal(folder.path)?.cause.contains("masks") == true)
  }
}
