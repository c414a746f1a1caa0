import Foundation

/// Annotation files.
extension Miniature {
  package static let names = [1: "line", 2: "square"]

  func voc(_ pen: Pen, _ count: Int) {
    let parts = self == .pascalVOC ? Self.parts(count, both: true) : Self.defects(count)
    for part in parts {
      let kind = part.kinds.first ?? 0
      let name: String
      let image: String
      let xml: String
      var labels = Self.names
      switch self {
      case .neuDET:
        name = "\(kind == 1 ? "scratches" : "patches")_\(part.number)"
        (image, xml) = ("IMAGES/\(name).jpg", "ANNOTATIONS/\(name).xml")
        labels = [1: "scratches", 2: "patches"]
      case .neuDETDivided:
        labels = [1: "scratches", 2: "patches"]
        name = "\(labels[kind] ?? "")_\(part.number)"
        let split = part.number % 5 < 4 ? "train" : "validation"
        (image, xml) = ("\(split)/images/\(labels[kind] ?? "")/\(name).jpg", "\(split)/annotations/\(name).xml")
      case .gc10:
        name = "img_0\(kind)_4406742300_\(part.number)"
        (image, xml) = ("\(kind == 1 ? 2 : 10)/\(name).jpg", "lable/\(name).xml")
        labels = [1: "2_hanfeng", 2: "10_yaozhe"]
      default:
        name = "part\(part.number)"
        (image, xml) = ("JPEGImages/\(name).jpg", "Annotations/\(name).xml")
        pen.append("ImageSets/Main/\(part.number % 5 < 4 ? "train" : "test").txt", name + "\n")
      }
      pen.write(image, part.picture)
      // Pixels count from 1, and the last ones belong to the box.
      let objects = part.kinds.map { kind in
        let box = part.box(kind)
        return """
            <object>
              <name>\(labels[kind] ?? "")</name>
              <bndbox>
                <xmin>\(box.x + 1)</xmin>
                <ymin>\(box.y + 1)</ymin>
                <xmax>\(box.x + box.width)</xmax>
                <ymax>\(box.y + box.height)</ymax>
              </bndbox>
            </object>

          """
      }.joined()
      pen.write(
        xml,
        """
        <annotation>
          <filename>\(self == .neuDET && part.number == 1 ? name : name + ".jpg")</filename>
          <size><width>64</width><height>64</height><depth>1</depth></size>
        \(objects)</annotation>

        """)
    }
  }

  func coco(_ pen: Pen, _ count: Int) {
    for (split, first) in [("train", 0), ("val", 500)] {
      var images: [String] = []
      var annotations: [String] = []
      for part in Self.parts(split == "train" ? count : max(1, count / 4), first: first, both: true) {
        pen.write("\(split)2017/\(part.number).jpg", part.picture)
        images.append(#"    {"id": \#(part.number), "file_name": "\#(part.number).jpg", "width": 64, "height": 64}"#)
        for kind in part.kinds {
          let b = part.box(kind)
          let (right, bottom) = (b.x + b.width, b.y + b.height)
          let shape =
            kind == 1
            ? #""segmentation": [[\#(b.x), \#(b.y), \#(right), \#(b.y), \#(right), \#(bottom), \#(b.x), \#(bottom)]]"#
            : part.number % 2 == 0
              ? #""segmentation": {"size": [64, 64], "counts": [\#(Self.counts(part, kind).map(String.init).joined(separator: ", "))]}"#
              : #""segmentation": [], "bbox": [\#(b.x), \#(b.y), \#(b.width), \#(b.height)]"#
          annotations.append(
            #"    {"id": \#(annotations.count), "image_id": \#(part.number), "category_id": \#(kind), \#(shape), "iscrowd": 0}"#
          )
        }
      }
      pen.write(
        "annotations/instances_\(split)2017.json",
        """
        {
          "categories": [{"id": 1, "name": "line"}, {"id": 2, "name": "square"}],
          "images": [
        \(images.joined(separator: ",\n"))
          ],
          "annotations": [
        \(annotations.joined(separator: ",\n"))
          ]
        }
        """)
    }
  }

  /// Unmarked and marked pixels by turns, down the columns.
  package static func counts(_ part: Part, _ kind: Int) -> [Int] {
    let box = part.box(kind)
    var counts = [box.x * side + box.y]
    for _ in 1..<box.width { counts += [box.height, side - box.height] }
    return counts + [box.height, side * side - counts.reduce(0, +) - box.height]
  }

  func yolo(_ pen: Pen, _ count: Int) {
    pen.write("data.yaml", "train: images/train\nval: images/val\n\nnc: 2\nnames:\n  0: 'line'\n  1: square\n")
    for part in Self.parts(count, both: true) {
      let split = part.number % 5 < 4 ? "train" : "val"
      pen.write("images/\(split)/\(part.number).jpg", part.picture)
      // Good parts have an empty file or none.
      if part.kinds.isEmpty, part.number % 8 == 0 { continue }
      pen.write(
        "labels/\(split)/\(part.number).txt",
        part.kinds.map { kind in
          let b = part.box(kind)
          let s = Double(Self.side)
          let (x, y, w, h) = (Double(b.x) / s, Double(b.y) / s, Double(b.width) / s, Double(b.height) / s)
          return kind == 1
            ? "0 \(x + w / 2) \(y + h / 2) \(w) \(h)\n"
            : "1 \(x) \(y) \(x + w) \(y) \(x + w) \(y + h) \(x) \(y + h)\n"
        }.joined())
    }
  }

  func labelStudio(_ pen: Pen, _ count: Int) {
    let tasks = Self.parts(count, both: true).map { part in
      pen.write("images/part \(part.number).png", part.picture)
      let results = part.kinds.map { kind in
        let b = part.box(kind)
        let s = Double(Self.side) / 100
        let (x, y, w, h) = (Double(b.x) / s, Double(b.y) / s, Double(b.width) / s, Double(b.height) / s)
        return kind == 1
          ? """
                {"type": "rectanglelabels", "original_width": 64, "original_height": 64,
                 "value": {"x": \(x), "y": \(y), "width": \(w), "height": \(h), "rotation": 0, "rectanglelabels": ["line"]}}
          """
          : """
                {"type": "polygonlabels", "original_width": 64, "original_height": 64,
                 "value": {"points": [[\(x), \(y)], [\(x + w), \(y)], [\(x + w), \(y + h)], [\(x), \(y + h)]],
                           "polygonlabels": ["square"]}}
          """
      }
      return """
          {"id": \(part.number), "data": {"image": "/data/upload/3/0a1b2c3d-part%20\(part.number).png"},
           "annotations": [{"was_cancelled": false, "result": [
        \(results.joined(separator: ",\n"))
           ]}]}
        """
    }
    pen.write("project-1.json", "[\n" + tasks.joined(separator: ",\n") + "\n]\n")
  }

  func cvat(_ pen: Pen, _ count: Int) {
    let images = Self.parts(count, both: true).map { part in
      pen.write("images/\(part.number).png", part.picture)
      let shapes = part.kinds.map { kind in
        let b = part.box(kind)
        if kind == 1 {
          return
            #"    <box label="line" xtl="\#(b.x).00" ytl="\#(b.y).00" xbr="\#(b.x + b.width).00" ybr="\#(b.y + b.height).00"/>"#
        }
        return part.number % 2 == 0
          ? #"    <mask label="square" rle="0, \#(b.width * b.height)" left="\#(b.x)" top="\#(b.y)" width="\#(b.width)" height="\#(b.height)"/>"#
          : #"    <polygon label="square" points="\#(b.x),\#(b.y);\#(b.x + b.width),\#(b.y);\#(b.x + b.width),\#(b.y + b.height);\#(b.x),\#(b.y + b.height)"/>"#
      }
      return """
          <image id="\(part.number)" name="\(part.number).png" width="64" height="64">
        \(shapes.joined(separator: "\n"))
          </image>
        """
    }
    pen.write(
      "annotations.xml",
      """
      <?xml version="1.0" encoding="utf-8"?>
      <annotations>
        <version>1.1</version>
        <meta><task><labels><label><name>line</name></label><label><name>square</name></label></labels></task></meta>
      \(images.joined(separator: "\n"))
      </annotations>
      """)
  }

  /// The layouts that need no annotation files.
  func published(_ pen: Pen, _ count: Int) {
    if self == .manifest { pen.write("parts.csv", "path,label\n") }
    let parts = Self.parts(count)
    if self == .mvtec || self == .mvtec2 {
      for index in 0..<2 * count { pen.write("train/good/\(index).png", Part(number: 200 + index, kinds: []).picture) }
    }
    for part in parts {
      let (n, kind) = (part.number, part.kinds.first ?? 0)
      let isGood = part.kinds.isEmpty
      switch self {
      case .mvtec:
        let label = ["good", "line", "square"][kind]
        pen.write("test/\(label)/\(n).png", part.picture)
        if !isGood { pen.write("ground_truth/\(label)/\(n)_mask.png", part.mask()) }
      case .mvtec2:
        pen.write("test_public/\(isGood ? "good" : "bad")/\(n).png", part.picture)
        if !isGood { pen.write("test_public/ground_truth/bad/\(n)_mask.png", part.mask()) }
      case .visa:
        pen.write("Data/Images/\(isGood ? "Normal" : "Anomaly")/\(n).JPG", part.picture)
        if !isGood { pen.write("Data/Masks/Anomaly/\(n).png", part.mask()) }
      case .kolektor:
        pen.write("kos\(n)/Part0.jpg", part.picture)
        pen.write("kos\(n)/Part0_label.bmp", part.mask())
      case .kolektor2:
        let split = n % 4 == 3 ? "test" : "train"
        pen.write("\(split)/\(n).png", part.picture)
        pen.write("\(split)/\(n)_GT.png", part.mask())
      case .dagm:
        let split = n % 4 == 3 ? "Test" : "Train"
        pen.write("Class1/\(split)/\(n).PNG", part.picture)
        if !isGood { pen.write("Class1/\(split)/Label/\(n)_label.PNG", part.mask()) }
      case .xsdd: pen.write("datas/\(["inclusion", "red iron", "iron sheet ash"][kind])/\(n).jpg", part.picture)
      case .magneticTile:
        let label = ["MT_Free", "MT_Crack", "MT_Blowhole"][kind]
        pen.write("\(label)/Imgs/\(n).jpg", part.picture)
        pen.write("\(label)/Imgs/\(n).png", part.mask())
      case .elpv:
        pen.write("images/\(n).png", part.picture)
        pen.append("labels.csv", "images/\(n).png  \(["0.0", "1.0", "0.6666666"][kind])   mono\n")
      case .manifest:
        pen.write("\(n).png", part.picture)
        pen.append("parts.csv", "\(n).png,\(["ok", "line", "square"][kind])\n")
      default: pen.write("\(["good", "line", "square"][kind])/\(n).png", part.picture)
      }
    }
  }
}
