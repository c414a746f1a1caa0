import AssayData
import AssayTestSupport
import Foundation
import Testing

/// Whatever is done to an annotation file: never a crash, and no image with a defect becomes good because a value, a name
/// or a file could not be understood.
///
/// Not tried, since it says something else and says it well: an empty file where the format means nothing marked by it,
/// a table cut between two lines, an empty list in a list's place.
@Suite struct AnnotationFuzzTests {
  /// A data set with four pictures: the first two good, the others with a defect.
  struct Kind: Sendable, CustomStringConvertible {
    let description: String
    let images: [String]
    /// The file that is changed.
    let file: String
    let text: String
    /// Written as they are.
    let others: [String: String]

    init(_ name: String, _ images: (Int) -> String, _ file: String, _ text: String, _ others: [String: String] = [:]) {
      description = name
      self.images = (0..<4).map(images)
      self.file = file
      self.text = text
      self.others = others
    }

    var defective: Set<String> { Set(images[2...]) }
  }

  private static func entries(_ separator: String = ",", _ entry: (Int, Bool) -> String) -> String {
    (0..<4).map { entry($0, $0 >= 2) }.joined(separator: separator)
  }

  private static let shape = #"{"label": "bent", "points": [[2, 3], [9, 10]], "shape_type": "rectangle"}"#

  static let json: [Kind] = [
    Kind(
      "COCO", { "images/\($0).jpg" }, "coco.json",
      #"{"images": [\#(entries { n, _ in #"{"id": \#(n), "file_name": "\#(n).jpg", "width": 24, "height": 24}"# })],"#
        + #" "annotations": [{"id": 1, "image_id": 2, "category_id": 1, "bbox": [2, 3, 7, 7], "segmentation": []},"#
        + #" {"id": 2, "image_id": 3, "category_id": 1, "bbox": [2, 3, 7, 7], "attributes": {"rotation": 5.0}}],"#
        + #" "categories": [{"id": 1, "name": "bent"}]}"#),
    Kind(
      "Label Studio", { "images/\($0).jpg" }, "p.json",
      "["
        + entries { n, bad in
          let value = #""value": {"x": 10, "y": 10, "width": 30, "height": 30, "rectanglelabels": ["bent"]}"#
          let result =
            #"{"type": "rectanglelabels", "id": "r", "original_width": 24, "original_height": 24, \#(value)}"#
          return
            #"{"id": \#(n), "data": {"image": "/u/\#(n).jpg"}, "annotations": [{"was_cancelled": false, "result": [\#(bad ? result : "")]}]}"#
        } + "]"),
    Kind(
      "Label Studio choices", { "\($0).jpg" }, "p.json",
      "["
        + entries { n, bad in
          #"{"data": {"image": "/u/\#(n).jpg"}, "annotations": [{"result": [{"type": "choices", "value": {"choices": ["\#(bad ? "bent" : "ok")"]}}]}]}"#
        } + "]"),
    Kind(
      "Datumaro labels", { "images/default/\($0).jpg" }, "annotations/default.json",
      #"{"categories": {"label": {"labels": [{"name": "ok"}, {"name": "bent"}]}}, "items": ["#
        + entries { n, bad in
          #"{"id": "\#(n)", "annotations": [{"id": 1, "type": "label", "label_id": \#(bad ? 1 : 0)}], "image": {"path": "\#(n).jpg", "size": [24, 24]}}"#
        } + "]}"),
    Kind(
      "Datumaro boxes", { "images/default/\($0).jpg" }, "annotations/default.json",
      #"{"categories": {"label": {"labels": [{"name": "bent"}]}}, "items": ["#
        + entries { n, bad in
          #"{"id": "\#(n)", "annotations": [\#(bad ? #"{"type": "bbox", "label_id": 0, "bbox": [2, 3, 7, 7]}"# : "")], "image": {"path": "\#(n).jpg"}}"#
        } + "]}"),
    Kind(
      "labelme", { "\($0).jpg" }, "3.json",
      #"{"version": "5.0", "flags": {}, "shapes": [\#(shape)], "imagePath": "3.jpg", "imageHeight": 24, "imageWidth": 24}"#,
      [
        "0.json": #"{"flags": {}, "shapes": [], "imagePath": "0.jpg"}"#,
        "1.json": #"{"flags": {}, "shapes": [], "imagePath": "1.jpg"}"#,
        "2.json": #"{"flags": {}, "shapes": [\#(shape)], "imagePath": "2.jpg"}"#,
      ]),
  ]

  private static func vocFile(_ number: Int) -> String {
    let object =
      "<object><name>bent</name><bndbox><xmin>2</xmin><ymin>3</ymin><xmax>9</xmax><ymax>9</ymax></bndbox></object>"
    return
      "<annotation><folder>x</folder><filename>\(number).jpg</filename><size><width>24</width><height>24</height></size>\(number >= 2 ? object : "")</annotation>"
  }

  static let xml: [Kind] = [
    Kind(
      "Pascal VOC", { "JPEGImages/\($0).jpg" }, "Annotations/3.xml", vocFile(3),
      Dictionary(uniqueKeysWithValues: (0..<3).map { ("Annotations/\($0).xml", vocFile($0)) })),
    Kind(
      "CVAT", { "images/\($0).jpg" }, "annotations.xml",
      "<annotations><meta><task><labels><label><name>bent</name></label></labels></task></meta>"
        + entries("") { n, bad in
          "<image id=\"\(n)\" name=\"\(n).jpg\" width=\"24\" height=\"24\">\(bad ? "<box label=\"bent\" xtl=\"2\" ytl=\"3\" xbr=\"9\" ybr=\"9\" rotation=\"5\"></box>" : "")</image>"
        } + "</annotations>"),
  ]

  static let lines: [Kind] = [
    Kind(
      "YOLO", { "images/\($0).jpg" }, "labels/3.txt", "0 0.5 0.5 0.2 0.2\n0 0.1 0.1 0.4 0.1 0.4 0.4\n",
      ["data.yaml": "names: [bent]", "labels/2.txt": "0 .5 .5 .2 .2", "labels/0.txt": ""]),
    Kind(
      "YOLO names", { "images/\($0).jpg" }, "data.yaml", "train: images\nnc: 1\nnames:\n  0: bent\n",
      ["labels/2.txt": "0 .5 .5 .2 .2", "labels/3.txt": "0 .5 .5 .2 .2"]),
    Kind(
      "Darknet", { "d/\($0).jpg" }, "obj.data", "classes = 1\ntrain = data/train.txt\nnames = data/obj.names\n",
      ["obj.names": "bent", "train.txt": "data/d/0.jpg", "d/2.txt": "0 .5 .5 .2 .2", "d/3.txt": "0 .5 .5 .2 .2"]),
    Kind(
      "table", { "images/\($0).jpg" }, "list.csv",
      "path,label,split\n" + entries("") { "images/\($0).jpg,\($1 ? "bent" : "good"),train\n" }),
    Kind(
      "table of several", { "images/\($0).jpg" }, "list.csv",
      "path,labels\n" + entries("") { "images/\($0).jpg,\($1 ? "bent;rusty" : "")\n" }),
    Kind(
      "Severstal", { "train_images/\($0).jpg" }, "train.csv",
      "ImageId,ClassId,EncodedPixels\n2.jpg,1,5 3 40 3\n3.jpg,2,5 3 40 3\n"),
    Kind(
      "Severstal before", { "train_images/\($0).jpg" }, "train.csv",
      "ImageId_ClassId,EncodedPixels\n" + entries("") { "\($0).jpg_1,\n\($0).jpg_2,\($1 ? "5 3" : "")\n" }),
    Kind(
      "ELPV", { "images/\($0).png" }, "labels.csv", entries("") { "images/\($0).png  \($1 ? "1.0" : "0.0")   mono\n" }),
    Kind(
      "DeepPCB", { ["group1/1/1_temp.jpg", "group1/1/2_temp.jpg", "group1/1/1_test.jpg", "group1/1/2_test.jpg"][$0] },
      "group1/1_not/2.txt", "1,1,5,5,3\n2 2 9 9 1\n", ["group1/1_not/1.txt": "1,1,5,5,3\n"]),
    Kind(
      "DAGM", { "Train/000\($0).PNG" }, "Train/Label/Labels.txt",
      "1\n" + entries("") { "\($0)\t\($1 ? 1 : 0)\t000\($0).PNG\t\($1 ? 1 : 0)\t000\($0)_label.PNG\n" }),
  ]

  /// - Returns: what a reading does that it must not do; nil when all is well.
  private func harm(_ kind: Kind, _ folder: TemporaryFolder, _ bytes: [UInt8]) -> String? {
    folder.write(kind.file, bytes)
    return harm(kind, folder)
  }

  private func harm(_ kind: Kind, _ folder: TemporaryFolder) -> String? {
    do throws(DataError) {
      let dataset = try DatasetReader.read(folder.path)
      if dataset.layout == .unlabelled { return "all images are taken for good" }
      let good = dataset.samples.filter { sample in
        kind.defective.contains(sample.name) && sample.label != nil
          && (sample.label == dataset.goodClass || sample.defects(goodClass: dataset.goodClass).isEmpty)
      }
      return good.isEmpty ? nil : "good: \(good.map(\.name))"
    } catch { return nil }
  }

  private func folder(_ kind: Kind) throws -> TemporaryFolder {
    let folder = TemporaryFolder()
    folder.pictures(kind.images)
    for (name, text) in kind.others { folder.write(name, text) }
    folder.write(kind.file, kind.text)
    let dataset = try DatasetReader.read(folder.path)
    let defects = dataset.samples.filter { !$0.defects(goodClass: dataset.goodClass).isEmpty }
    #expect(Set(defects.map(\.name)) == kind.defective && dataset.samples.count == 4, "\(kind): it is read as it is")
    return folder
  }

  @Test(arguments: json + xml + lines) func cutAtEveryByte(_ kind: Kind) throws {
    let folder = try folder(kind)
    let bytes = Array(kind.text.utf8)
    for length in 0..<bytes.count {
      // Whole lines are a table, and an empty label file is one.
      if length == 0 ? kind.description == "YOLO" : bytes[length - 1] == 10 && kind.file.hasSuffix(".csv") { continue }
      if let harm = harm(kind, folder, Array(bytes[..<length])) { Issue.record("\(kind) cut at \(length): \(harm)") }
    }
    for position in bytes.indices {
      for byte in [0, 0xFF, UInt8(ascii: "\""), UInt8(ascii: " ")] where bytes[position] != byte {
        var changed = bytes
        changed[position] = byte
        if let harm = harm(kind, folder, changed) { Issue.record("\(kind) byte \(position) is \(byte): \(harm)") }
      }
    }
  }

  @Test(arguments: json) func valuesAndNamesOfJSON(_ kind: Kind) throws {
    let folder = try folder(kind)
    let root = try JSONSerialization.jsonObject(with: Data(kind.text.utf8), options: .fragmentsAllowed)
    for variant in Self.variants(root) {
      let bytes = Array(try JSONSerialization.data(withJSONObject: variant.value, options: .fragmentsAllowed))
      if let harm = harm(kind, folder, bytes) {
        Issue.record("\(kind) \(variant.what): \(harm): \(String(decoding: bytes, as: UTF8.self))")
      }
    }
  }

  /// Every document that differs in one value, of another type, or in one name.
  private static func variants(_ value: Any) -> [(what: String, value: Any)] {
    var result: [(String, Any)] = []
    let others: [Any] = [NSNull(), true, 7.5, -1, "x", "", ["x"], ["a": "b"]]
    for other in others where type(other) != type(value) { result.append(("value \(other)", other)) }
    if type(value) == "object" { result.append(("value []", [Any]())) }
    if type(value) != "object" { result.append(("value {}", [String: Any]())) }
    if let list = value as? [Any] {
      for (index, item) in list.enumerated() {
        for (what, changed) in variants(item) {
          var copy = list
          copy[index] = changed
          result.append(("[\(index)] \(what)", copy))
        }
      }
    } else if let object = value as? [String: Any] {
      for (key, item) in object {
        for (what, changed) in variants(item) {
          var copy = object
          copy[key] = changed
          result.append(("\(key) \(what)", copy))
        }
        for name in [key + "x", key.uppercased(), String(key.dropLast()), "_" + key, key.capitalized] where name != key
        {
          var copy = object
          copy[key] = nil
          copy[name] = item
          result.append(("\(key) called \(name)", copy))
        }
        var without = object
        without[key] = nil
        result.append(("without \(key)", without))
      }
    }
    return result
  }

  private static func type(_ value: Any) -> String {
    switch value {
    case is NSNull: return "null"
    case let number as NSNumber: return isFlag(number) ? "bool" : "number"
    case is String: return "text"
    case is [Any]: return "array"
    default: return "object"
    }
  }

  private static func isFlag(_ number: NSNumber) -> Bool { String(cString: number.objCType) == "c" }

  /// Elements and attributes by other names, and other values in their places.
  @Test(arguments: xml) func valuesAndNamesOfXML(_ kind: Kind) throws {
    let folder = try folder(kind)
    let names = Set(kind.text.matches(of: /<([a-z]+)[ >]/).map { String($0.1) })
    let attributes = Set(kind.text.matches(of: /\ ([a-z]+)=/).map { String($0.1) })
    var variants: [String] = []
    for name in names {
      for other in [name + "x", name.uppercased(), name.capitalized, String(name.dropLast()), "_" + name] {
        variants.append(
          kind.text.replacing("<\(name)>", with: "<\(other)>").replacing("<\(name) ", with: "<\(other) ")
            .replacing("</\(name)>", with: "</\(other)>"))
      }
      for value in ["", "x", "-1", "1e400", "nan", "99999999999999999999", "<a/>"] {
        let pattern = try Regex("<\(name)>[^<]*</\(name)>")
        variants.append(kind.text.replacing(pattern, with: "<\(name)>\(value)</\(name)>"))
      }
    }
    for name in attributes {
      variants.append(kind.text.replacing(" \(name)=", with: " \(name)x="))
      variants.append(kind.text.replacing(" \(name)=", with: " \(name.uppercased())="))
      for value in ["", "x", "-1", "1e400", "nan", "99999999999999999999"] {
        variants.append(kind.text.replacing(try Regex(" \(name)=\"[^\"]*\""), with: " \(name)=\"\(value)\""))
      }
    }
    for variant in variants {
      if let harm = harm(kind, folder, Array(variant.utf8)) { Issue.record("\(kind): \(harm): \(variant)") }
    }
  }

  /// Each field of each line in turn.
  @Test(arguments: lines) func fieldsOfLines(_ kind: Kind) throws {
    let folder = try folder(kind)
    let all = kind.text.split(separator: "\n", omittingEmptySubsequences: true).map(String.init)
    for (number, line) in all.enumerated() {
      let fields = line.split(omittingEmptySubsequences: false) { ", \t:=".contains($0) }
      for field in fields where !field.isEmpty {
        for value in ["x", "nan", "-1", "1.5", "1e400", "99999999999999999999", "\"", "[", field.uppercased() + "x"] {
          var changed = all
          changed[number].replaceSubrange(field.startIndex..<field.endIndex, with: value)
          let text = changed.joined(separator: "\n") + "\n"
          if let harm = harm(kind, folder, Array(text.utf8)) {
            Issue.record("\(kind) line \(number + 1), \(field) is \(value): \(harm)")
          }
        }
      }
    }
  }

  /// The file itself by another name.
  @Test(arguments: json + xml + lines) func namesOfFiles(_ kind: Kind) throws {
    let parts = kind.file.split(separator: "/").map(String.init)
    for position in parts.indices {
      let part = parts[position]
      let stem = (part as NSString).deletingPathExtension
      let suffix = part.contains(".") ? "." + (part as NSString).pathExtension : ""
      for other in [
        stem.uppercased() + suffix, " " + part, stem + " " + suffix, "0" + part, stem + suffix.uppercased(),
        part + suffix, stem + ".jpg" + suffix,
      ] where other != part {
        let folder = try folder(kind)
        var changed = parts
        changed[position] = other
        try FileManager.default.removeItem(atPath: folder.path + "/" + kind.file)
        folder.write(changed.joined(separator: "/"), kind.text)
        if let harm = harm(kind, folder) { Issue.record("\(kind) as \(changed.joined(separator: "/")): \(harm)") }
      }
    }
  }
}
