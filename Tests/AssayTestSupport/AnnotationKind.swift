/// A data set of each annotation format with four pictures: the first two good, the others with a defect.
package struct AnnotationKind: Sendable, CustomStringConvertible {
  package let description: String
  package let images: [String]
  /// The file that is changed.
  package let file: String
  package let text: String
  /// Written as they are.
  package let others: [String: String]

  package init(
    _ name: String, _ images: (Int) -> String, _ file: String, _ text: String, _ others: [String: String] = [:]
  ) {
    description = name
    self.images = (0..<4).map(images)
    self.file = file
    self.text = text
    self.others = others
  }

  package var defective: Set<String> { Set(images[2...]) }

  package static var all: [AnnotationKind] { json + xml + lines }

  private static func entries(_ separator: String = ",", _ entry: (Int, Bool) -> String) -> String {
    (0..<4).map { entry($0, $0 >= 2) }.joined(separator: separator)
  }

  private static let shape = #"{"label": "bent", "points": [[2, 3], [9, 10]], "shape_type": "rectangle"}"#

  package static let json: [AnnotationKind] = [
    AnnotationKind(
      "COCO", { "images/\($0).jpg" }, "coco.json",
      #"{"images": [\#(entries { n, _ in #"{"id": \#(n), "file_name": "\#(n).jpg", "width": 24, "height": 24}"# })],"#
        + #" "annotations": [{"id": 1, "image_id": 2, "category_id": 1, "bbox": [2, 3, 7, 7], "segmentation": []},"#
        + #" {"id": 2, "image_id": 3, "category_id": 1, "bbox": [2, 3, 7, 7], "attributes": {"rotation": 5.0}}],"#
        + #" "categories": [{"id": 1, "name": "bent"}]}"#),
    AnnotationKind(
      "Label Studio", { "images/\($0).jpg" }, "p.json",
      "["
        + entries { n, bad in
          let value = #""value": {"x": 10, "y": 10, "width": 30, "height": 30, "rectanglelabels": ["bent"]}"#
          let result =
            #"{"type": "rectanglelabels", "id": "r", "original_width": 24, "original_height": 24, \#(value)}"#
          return
            #"{"id": \#(n), "data": {"image": "/u/\#(n).jpg"}, "annotations": [{"was_cancelled": false, "result": [\#(bad ? result : "")]}]}"#
        } + "]"),
    AnnotationKind(
      "Label Studio choices", { "\($0).jpg" }, "p.json",
      "["
        + entries { n, bad in
          #"{"data": {"image": "/u/\#(n).jpg"}, "annotations": [{"result": [{"type": "choices", "value": {"choices": ["\#(bad ? "bent" : "ok")"]}}]}]}"#
        } + "]"),
    AnnotationKind(
      "Datumaro labels", { "images/default/\($0).jpg" }, "annotations/default.json",
      #"{"categories": {"label": {"labels": [{"name": "ok"}, {"name": "bent"}]}}, "items": ["#
        + entries { n, bad in
          #"{"id": "\#(n)", "annotations": [{"id": 1, "type": "label", "label_id": \#(bad ? 1 : 0)}], "image": {"path": "\#(n).jpg", "size": [24, 24]}}"#
        } + "]}"),
    AnnotationKind(
      "Datumaro boxes", { "images/default/\($0).jpg" }, "annotations/default.json",
      #"{"categories": {"label": {"labels": [{"name": "bent"}]}}, "items": ["#
        + entries { n, bad in
          #"{"id": "\#(n)", "annotations": [\#(bad ? #"{"type": "bbox", "label_id": 0, "bbox": [2, 3, 7, 7]}"# : "")], "image": {"path": "\#(n).jpg"}}"#
        } + "]}"),
    AnnotationKind(
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

  package static let xml: [AnnotationKind] = [
    AnnotationKind(
      "Pascal VOC", { "JPEGImages/\($0).jpg" }, "Annotations/3.xml", vocFile(3),
      Dictionary(uniqueKeysWithValues: (0..<3).map { ("Annotations/\($0).xml", vocFile($0)) })),
    AnnotationKind(
      "CVAT", { "images/\($0).jpg" }, "annotations.xml",
      "<annotations><meta><task><labels><label><name>bent</name></label></labels></task></meta>"
        + entries("") { n, bad in
          "<image id=\"\(n)\" name=\"\(n).jpg\" width=\"24\" height=\"24\">\(bad ? "<box label=\"bent\" xtl=\"2\" ytl=\"3\" xbr=\"9\" ybr=\"9\" rotation=\"5\"></box>" : "")</image>"
        } + "</annotations>"),
  ]

  package static let lines: [AnnotationKind] = [
    AnnotationKind(
      "YOLO", { "images/\($0).jpg" }, "labels/3.txt", "0 0.5 0.5 0.2 0.2\n0 0.1 0.1 0.4 0.1 0.4 0.4\n",
      ["data.yaml": "names: [bent]", "labels/2.txt": "0 .5 .5 .2 .2", "labels/0.txt": ""]),
    AnnotationKind(
      "YOLO names", { "images/\($0).jpg" }, "data.yaml", "train: images\nnc: 1\nnames:\n  0: bent\n",
      ["labels/2.txt": "0 .5 .5 .2 .2", "labels/3.txt": "0 .5 .5 .2 .2"]),
    AnnotationKind(
      "Darknet", { "d/\($0).jpg" }, "obj.data", "classes = 1\ntrain = data/train.txt\nnames = data/obj.names\n",
      ["obj.names": "bent", "train.txt": "data/d/0.jpg", "d/2.txt": "0 .5 .5 .2 .2", "d/3.txt": "0 .5 .5 .2 .2"]),
    AnnotationKind(
      "table", { "images/\($0).jpg" }, "list.csv",
      "path,label,split\n" + entries("") { "images/\($0).jpg,\($1 ? "bent" : "good"),train\n" }),
    AnnotationKind(
      "table of several", { "images/\($0).jpg" }, "list.csv",
      "path,labels\n" + entries("") { "images/\($0).jpg,\($1 ? "bent;rusty" : "")\n" }),
    AnnotationKind(
      "Severstal", { "train_images/\($0).jpg" }, "train.csv",
      "ImageId,ClassId,EncodedPixels\n2.jpg,1,5 3 40 3\n3.jpg,2,5 3 40 3\n"),
    AnnotationKind(
      "Severstal before", { "train_images/\($0).jpg" }, "train.csv",
      "ImageId_ClassId,EncodedPixels\n" + entries("") { "\($0).jpg_1,\n\($0).jpg_2,\($1 ? "5 3" : "")\n" }),
    AnnotationKind(
      "ELPV", { "images/\($0).png" }, "labels.csv", entries("") { "images/\($0).png  \($1 ? "1.0" : "0.0")   mono\n" }),
    AnnotationKind(
      "DeepPCB", { ["group1/1/1_temp.jpg", "group1/1/2_temp.jpg", "group1/1/1_test.jpg", "group1/1/2_test.jpg"][$0] },
      "group1/1_not/2.txt", "1,1,5,5,3\n2 2 9 9 1\n", ["group1/1_not/1.txt": "1,1,5,5,3\n"]),
    AnnotationKind(
      "DAGM", { "Train/000\($0).PNG" }, "Train/Label/Labels.txt",
      "1\n" + entries("") { "\($0)\t\($1 ? 1 : 0)\t000\($0).PNG\t\($1 ? 1 : 0)\t000\($0)_label.PNG\n" }),
  ]
}
