import Foundation

/// Miniatures of published data sets: the folders and files as published, with pictures of 64 x 64 pixels on which a line
/// (kind 1), a square (kind 2) or both are to be seen.
package enum Miniature: String, CaseIterable, Sendable {
  case severstal, severstalOld, loco, neuCLS, neuDET, neuDETDivided, gc10, deepPCB, casting, aitex, coco, yolo,
    labelStudio,
    cvat, pascalVOC
  case mvtec, mvtec2, visa, kolektor, kolektor2, dagm, xsdd, magneticTile, elpv, classFolders, manifest

  package static let side = 64

  /// A part with its defects.
  package struct Part: Sendable {
    package let number: Int
    package let kinds: [Int]

    package init(number: Int, kinds: [Int]) {
      self.number = number
      self.kinds = kinds
    }

    /// Left, top, width and height of a kind's defect, in pixels.
    package func box(_ kind: Int) -> (x: Int, y: Int, width: Int, height: Int) {
      kind == 1 ? (8 + number % 12, 6, 4, 50) : (34 + number % 14, 10 + number % 24, 14, 14)
    }

    /// PGM, whatever its name says.
    package var picture: [UInt8] {
      var state = UInt64(number) &* 0x9E37_79B9_7F4A_7C15 | 1
      var pixels = [UInt8](repeating: 0, count: side * side)
      for index in pixels.indices {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        var value = 140 + Int(state >> 59)
        for kind in kinds where contains(kind, index) { value += kind == 1 ? -90 : 80 }
        pixels[index] = UInt8(max(0, min(255, value)))
      }
      return Array("P5 \(side) \(side) 255\n".utf8) + pixels
    }

    package func contains(_ kind: Int, _ index: Int) -> Bool {
      let box = box(kind)
      return (box.x..<box.x + box.width).contains(index % side) && (box.y..<box.y + box.height).contains(index / side)
    }

    /// White where a kind is marked; of all kinds when none is named.
    package func mask(_ kind: Int? = nil) -> [UInt8] {
      let marked = kind.map { [$0] } ?? kinds
      return Array("P5 \(side) \(side) 255\n".utf8)
        + (0..<side * side).map { index in marked.contains { contains($0, index) } ? 255 : 0 }
    }

    /// Column by column, counted from 1.
    package func runs(_ kind: Int) -> String {
      let box = box(kind)
      return (box.x..<box.x + box.width).map { "\($0 * side + box.y + 1) \(box.height)" }.joined(separator: " ")
    }
  }

  /// Good parts, parts with a line, with a square and, where wanted, with both.
  package static func parts(_ count: Int, first: Int = 0, both: Bool = false) -> [Part] {
    (0..<count * (both ? 4 : 3)).map { index in
      Part(number: first + index, kinds: [[], [1], [2], [1, 2]][index % (both ? 4 : 3)])
    }
  }

  /// Parts with one kind each, and none that is good.
  package static func defects(_ count: Int) -> [Part] { (0..<count * 2).map { Part(number: $0, kinds: [$0 % 2 + 1]) } }

  /// - Parameter count: of parts of each kind.
  package func write(to folder: String, count: Int) {
    let pen = Pen(folder: folder)
    switch self {
    case .severstal, .severstalOld: severstal(pen, count)
    case .loco: loco(pen, count)
    case .neuCLS:
      for part in Self.defects(count) {
        pen.write("\(part.kinds[0] == 1 ? "Sc" : "Pa")_\(part.number).bmp", part.picture)
      }
    case .neuDET, .neuDETDivided, .gc10, .pascalVOC: voc(pen, count)
    case .deepPCB: deepPCB(pen, count)
    case .casting:
      for part in Self.parts(count) {
        let split = part.number % 3 == 0 || part.number % 4 > 0 ? "train" : "test"
        let name = part.kinds.isEmpty ? "ok_front/cast_ok_0_" : "def_front/cast_def_0_"
        pen.write(
          "casting_data/casting_data/\(part.number % 5 == 0 ? "test" : split)/\(name)\(part.number).jpeg", part.picture)
      }
    case .aitex:
      for part in Self.parts(count) {
        let number = String(format: "%04d", part.number)
        guard let kind = part.kinds.first else {
          pen.write("NODefect_images/2306881-210020u/\(number)_000_00.png", part.picture)
          continue
        }
        let stem = "\(number)_\(kind == 1 ? "002" : "030")_00"
        pen.write("Defect_images/\(stem).png", part.picture)
        pen.write("Mask_images/\(stem)_mask\(part.number % 2 == 0 ? "" : "1").png", part.mask())
      }
    case .coco: coco(pen, count)
    case .yolo: yolo(pen, count)
    case .labelStudio: labelStudio(pen, count)
    case .cvat: cvat(pen, count)
    default: published(pen, count)
    }
  }

  private func severstal(_ pen: Pen, _ count: Int) {
    var table = self == .severstal ? "ImageId,ClassId,EncodedPixels\n" : "ImageId_ClassId,EncodedPixels\n"
    for part in Self.parts(count, both: true) {
      let name = String(format: "%08x.jpg", part.number)
      pen.write("train_images/" + name, part.picture)
      if self == .severstal {
        for kind in part.kinds { table += "\(name),\(kind),\(part.runs(kind))\n" }
      } else {
        for kind in 1...4 { table += "\(name)_\(kind),\(part.kinds.contains(kind) ? part.runs(kind) : "")\n" }
      }
    }
    pen.write("train.csv", table)
    pen.write("test_images/ffffffff.jpg", Part(number: 999, kinds: []).picture)
  }

  private func loco(_ pen: Pen, _ count: Int) {
    for index in 0..<2 * count { pen.write("train/good/\(index).png", Part(number: index, kinds: []).picture) }
    for index in 0..<count { pen.write("validation/good/\(index).png", Part(number: 200 + index, kinds: []).picture) }
    for part in Self.parts(count, first: 300) {
      let kind = ["good", "structural_anomalies", "logical_anomalies"][part.kinds.first ?? 0]
      pen.write("test/\(kind)/\(part.number).png", part.picture)
      guard !part.kinds.isEmpty else { continue }
      // One defect in two masks, as where something is missing twice.
      pen.write("ground_truth/\(kind)/\(part.number)/000.png", part.mask())
      pen.write("ground_truth/\(kind)/\(part.number)/001.png", part.mask())
    }
    pen.write("defects_config.json", #"[{"defect_name": "line", "pixel_value": 255, "saturation_threshold": 1}]"#)
  }

  private func deepPCB(_ pen: Pen, _ count: Int) {
    for part in Self.parts(count, both: true) where !part.kinds.isEmpty {
      let id = String(format: "%08d", 41000 + part.number)
      pen.write("PCBData/group00041/00041/\(id)_temp.jpg", Part(number: part.number, kinds: []).picture)
      pen.write("PCBData/group00041/00041/\(id)_test.jpg", part.picture)
      let separator = part.number % 2 == 0 ? " " : ","
      pen.write(
        "PCBData/group00041/00041_not/\(id).txt",
        part.kinds.map { kind in
          let box = part.box(kind)
          return [box.x, box.y, box.x + box.width, box.y + box.height, kind].map(String.init).joined(
            separator: separator)
        }.joined(separator: "\n") + "\n")
      pen.append(
        "PCBData/\(part.number % 5 == 1 ? "test" : "trainval").txt",
        "group00041/00041/\(id).jpg group00041/00041_not/\(id).txt\n")
    }
  }
}

/// Writes below a folder.
struct Pen {
  let folder: String

  func write(_ name: String, _ bytes: [UInt8]) {
    let file = folder + "/" + name
    try! FileManager.default.createDirectory(
      atPath: (file as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    try! Data(bytes).write(to: URL(fileURLWithPath: file))
  }

  func write(_ name: String, _ text: String) { write(name, Array(text.utf8)) }

  func append(_ name: String, _ text: String) {
    let old = FileManager.default.contents(atPath: folder + "/" + name) ?? Data()
    write(name, Array(old) + Array(text.utf8))
  }
}
