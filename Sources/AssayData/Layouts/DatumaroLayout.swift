import AssayImage

/// Datumaro's JSON (also of Geti): `categories.label.labels` and `items` with `annotations` of the types label, bbox,
/// polygon and mask; images in `images/SUBSET` or beside. An item on which nothing is marked is good, unless others have
/// classes for the whole image.
enum DatumaroLayout {
  static func isDatumaro(_ root: JSONNode) -> Bool {
    root["items"]?.array != nil && root["categories"]?.object != nil
  }

  static func read(_ tree: FileTree, _ documents: [(file: String, root: JSONNode)]) -> Dataset {
    var collector = AnnotationCollector(tree)
    let types = Set(
      documents.flatMap { $0.root["items"]?.array ?? [] }.flatMap { $0["annotations"]?.array ?? [] }
        .compactMap { $0["type"]?.string })
    for (file, root) in documents {
      let names = names(root)
      for item in root["items"]?.array ?? [] {
        read(item, file, names, needsLabel: types == ["label"], &collector)
      }
    }
    collector.leaveOutUnlisted("the list of items")
    return collector.dataset(.datumaro, nothingMarked: "their items hold no annotation")
  }

  /// Names of the labels by their place; nil where one is no name.
  private static func names(_ root: JSONNode) -> [String?] {
    (root["categories"]?["label"]?["labels"]?.array ?? []).map { label in
      (label["name"]?.string ?? label.string).flatMap { $0.isEmpty ? nil : $0 }
    }
  }

  private static func read(
    _ item: JSONNode, _ file: String, _ names: [String?], needsLabel: Bool, _ collector: inout AnnotationCollector
  ) {
    guard let path = image(item, file, &collector) else { return }
    let subset = FileTree.stem(file)
    collector.change(path) { $0.split = SplitName.find(subset) ?? SplitName.find(inFoldersOf: path) }
    guard let annotations = item["annotations"]?.array else {
      return collector.notAnnotated(path, file, item.line, "its item has no list annotations", "export it again")
    }
    if annotations.isEmpty, needsLabel {
      return collector.notAnnotated(path, file, item.line, "its item has no label, as others have", "give it one")
    }
    // [height, width]
    if let size = item["image"]?["size"]?.numbers, size.count == 2 {
      guard
        collector.check(path, width: Int(exactly: size[1]), height: Int(exactly: size[0]), file: file, line: item.line)
      else { return }
    }
    for annotation in annotations { add(annotation, to: path, file, names, &collector) }
  }

  private static func image(_ item: JSONNode, _ file: String, _ collector: inout AnnotationCollector) -> String? {
    let parent = FileTree.folder(FileTree.folder(file))
    let here = FileTree.folder(file)
    let subset = FileTree.stem(file)
    let folders = [parent, here].flatMap { base in
      ["images/" + subset, "images", subset].map { FileTree.joined(base, $0) } + [base]
    }
    if let name = item["image"]?["path"]?.string ?? item["path"]?.string, !name.isEmpty {
      if case .found(let path) = collector.index.find(name, in: folders) {
        collector.change(path) { $0.sources.insert(file) }
        return path
      }
    }
    guard let id = item["id"]?.string ?? item["id"]?.integer.map(String.init), !id.isEmpty else {
      collector.problem(file, item.line, "an item has neither an image nor an id", "export it again", .unknownForm)
      return nil
    }
    if case .found(let path) = collector.index.find(stem: FileTree.stem(id + ".x"), in: folders) {
      collector.change(path) { $0.sources.insert(file) }
      return path
    }
    return collector.image(item["image"]?["path"]?.string ?? id, in: folders, file: file, line: item.line)
  }

  private static func add(
    _ annotation: JSONNode, to path: String, _ file: String, _ names: [String?],
    _ collector: inout AnnotationCollector
  ) {
    let type = annotation["type"]?.string ?? "annotation"
    func reject(_ cause: String, _ remedy: String, _ kind: DataProblem.Kind = .invalidValue) {
      collector.reject(path, file, annotation.line, "\(type): \(cause)", remedy, kind)
    }
    guard let number = annotation["label_id"]?.integer else {
      return reject("it has no label_id", "give it a label", .withoutClass)
    }
    guard names.indices.contains(number), let label = names[number] else {
      return reject("the label_id \(number) is none of the labels", "correct it", .unknownClass)
    }
    guard type != "label" else { return collector.add(label: label, to: path) }
    guard let size = collector.size(of: path) else { return }
    do throws(RunLengthMask.Failure) {
      if let shape = try shape(type, annotation, size) {
        collector.add(AnnotatedRegion(label: label, shape: shape), to: path, file: file, line: annotation.line)
      } else {
        collector.problem(
          file, annotation.line, "a \(type) is no area: its class counts, its place does not", "draw a polygon",
          .maskMissing)
        collector.change(path) {
          $0.labels.insert(label)
          $0.lacksRegions = true
        }
      }
    } catch {
      reject(error.cause, "export it again")
    }
  }

  /// - Returns: nil for what marks no area.
  private static func shape(
    _ type: String, _ annotation: JSONNode, _ size: (width: Int, height: Int)
  ) throws(RunLengthMask.Failure) -> AnnotatedRegion.Shape? {
    switch type {
    case "bbox":
      guard let box = annotation["bbox"]?.numbers, box.count == 4 else {
        throw RunLengthMask.Failure(cause: "its bbox is not four numbers")
      }
      let straight = PixelRectangle(x: box[0], y: box[1], width: box[2], height: box[3])
      guard let node = annotation["attributes"]?["rotation"] else { return .box(straight) }
      guard let turn = node.number, turn.isFinite else {
        throw RunLengthMask.Failure(cause: "its rotation is not a number of degrees")
      }
      return turn == 0 ? .box(straight) : .polygons([TurnedBox.corners(straight, degrees: turn)])
    case "polygon":
      guard let numbers = annotation["points"]?.numbers, numbers.count >= 6, numbers.count.isMultiple(of: 2) else {
        throw RunLengthMask.Failure(cause: "its points are not a list x, y, x, y, ... of three corners or more")
      }
      return .polygons([
        stride(from: 0, to: numbers.count, by: 2).map { PixelPoint(x: numbers[$0], y: numbers[$0 + 1]) }
      ])
    case "mask":
      guard let runs = annotation["rle"], let stated = runs["size"]?.numbers,
        stated == [Double(size.height), Double(size.width)]
      else { throw RunLengthMask.Failure(cause: "its rle has no size [height, width] of the image") }
      if let text = runs["counts"]?.string {
        return .runs(try RunLengthMask(compressed: text, width: size.width, height: size.height))
      }
      let counts = runs["counts"]?.array?.map(\.integer) ?? []
      guard !counts.isEmpty, !counts.contains(nil) else {
        throw RunLengthMask.Failure(cause: "the counts of its rle are neither text nor whole numbers")
      }
      return .runs(
        try RunLengthMask(
          counts: counts.compactMap { $0 }, width: size.width, height: size.height, order: .columns, isComplete: true))
    case "points", "polyline", "ellipse", "cuboid", "cuboid_2d", "cuboid_3d", "skeleton", "rotated_bbox": return nil
    default: throw RunLengthMask.Failure(cause: "the type \(type) is not known")
    }
  }
}
