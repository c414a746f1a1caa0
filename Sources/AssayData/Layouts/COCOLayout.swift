import AssayImage

/// COCO (Lin et al. 2014): `images`, `categories` and `annotations` in a JSON file; `segmentation` holds polygons or runs
/// (down the columns, compressed or not), without it `bbox` counts. Several files, one for each split, are read together.
/// Images of the list without annotations are good.
enum COCOLayout {
  static func isCOCO(_ root: JSONNode) -> Bool {
    root["images"]?.array != nil && root["categories"]?.array != nil
  }

  static func read(_ tree: FileTree, _ documents: [(file: String, root: JSONNode)]) -> Dataset {
    var collector = AnnotationCollector(tree)
    for document in documents {
      let categories = categories(document.root, document.file, &collector)
      let images = images(document.root, document.file, &collector)
      guard let annotations = document.root["annotations"]?.array else {
        for path in Set(images.paths.values.map(ExactName.init)).sorted()
        where collector.entry(path.text)?.labels.isEmpty == true {
          collector.notAnnotated(
            path.text, document.file, document.root.line,
            "it has no list annotations, so nothing is known of its images",
            "export it with its annotations")
        }
        continue
      }
      for annotation in annotations { add(annotation, document.file, categories, images, &collector) }
    }
    collector.leaveOutUnlisted("the list of images")
    return collector.dataset(.coco, nothingMarked: "in COCO no annotation means nothing marked")
  }

  /// What names an image or a category: a number, or a text as some programs write it.
  private enum Identifier: Hashable {
    case number(Int)
    case text(String)

    init?(_ node: JSONNode?) {
      if let number = node?.integer {
        self = .number(number)
      } else if let text = node?.string, !text.isEmpty {
        self = .text(text)
      } else {
        return nil
      }
    }

    /// A text of digits is also the number.
    var asNumber: Int? {
      switch self {
      case .number(let number): number
      case .text(let text): Int(text)
      }
    }

    var description: String {
      switch self {
      case .number(let number): String(number)
      case .text(let text): "\"\(text)\""
      }
    }
  }

  /// Things by their identifiers: as written, else by the number that it is.
  private struct Identified<Thing> {
    private(set) var things: [Identifier: Thing] = [:]
    private var byNumber: [Int: [Identifier]] = [:]
    /// Those named twice, which name nothing.
    private var twice: Set<Identifier> = []

    var isAllNumbers: Bool { things.keys.allSatisfy { if case .number = $0 { true } else { false } } }

    /// - Returns: what was there under this identifier, which is then no longer there.
    mutating func add(_ thing: Thing, _ id: Identifier) -> Thing? {
      guard !twice.contains(id) else { return thing }
      if let other = things.removeValue(forKey: id) {
        twice.insert(id)
        return other
      }
      things[id] = thing
      if let number = id.asNumber { byNumber[number, default: []].append(id) }
      return nil
    }

    func find(_ id: Identifier) -> Thing? {
      if let thing = things[id] { return thing }
      guard !twice.contains(id), let number = id.asNumber, let same = byNumber[number], same.count == 1 else {
        return nil
      }
      return things[same[0]]
    }

    func isTwice(_ id: Identifier) -> Bool { twice.contains(id) }
  }

  private struct Images {
    var identified = Identified<String?>()
    var paths: [Identifier: String] { identified.things.compactMapValues { $0 } }
  }

  private static func categories(
    _ root: JSONNode, _ file: String, _ collector: inout AnnotationCollector
  ) -> Identified<String> {
    var names = Identified<String>()
    for category in root["categories"]?.array ?? [] {
      guard let id = Identifier(category["id"]), let name = category["name"]?.string, !name.isEmpty else {
        collector.problem(file, category.line, "a category has no id or no name", "give it both", .unknownClass)
        continue
      }
      if names.find(id) == name { continue }
      if names.add(name, id) != nil {
        collector.problem(
          file, category.line, "the category \(id.description) is named twice", "give \(name) an id of its own",
          .contradiction)
      }
    }
    return names
  }

  private static func images(
    _ root: JSONNode, _ file: String, _ collector: inout AnnotationCollector
  ) -> Images {
    let folder = file.split(separator: "/").dropLast()
    let parent = folder.dropLast().joined(separator: "/")
    let here = folder.joined(separator: "/")
    let split = SplitName.find(inPath: file)
    let subset = FileTree.stem(file).split(separator: "_").last.map(String.init) ?? ""
    let folders = [here, parent].flatMap { base -> [String] in
      let inside = base.isEmpty ? "" : base + "/"
      return [base, inside + "images", inside + "images/" + subset]
        + (split.map { [inside + $0.rawValue, inside + "images/" + $0.rawValue] } ?? [])
    }
    var images = Images()
    for image in root["images"]?.array ?? [] {
      guard let id = Identifier(image["id"]), let name = image["file_name"]?.string else {
        collector.problem(file, image.line, "an image has no id or no file_name", "give it both", .unknownForm)
        continue
      }
      let path = collector.image(name, in: folders, file: file, line: image.line)
      if let other = images.identified.add(path, id) {
        // Which of the two an annotation is about cannot be known.
        for path in [path, other].compactMap({ $0 }) {
          collector.reject(
            path, file, image.line, "the image id \(id.description) occurs twice", "give \(name) an id of its own",
            .contradiction)
        }
      }
      guard let path else { continue }
      collector.change(path) { $0.split = split ?? SplitName.find(inFoldersOf: path) }
      for key in ["width", "height"] where !isSide(image[key]) {
        collector.reject(path, file, image.line, "the \(key) of \(name) is not a whole number", "correct it")
      }
      _ = collector.check(
        path, width: image["width"]?.integer, height: image["height"]?.integer, file: file, line: image.line)
    }
    return images
  }

  /// A number of pixels, or nothing, which some programs write as null.
  private static func isSide(_ node: JSONNode?) -> Bool {
    guard let node else { return true }
    if case .null = node.value { return true }
    return node.integer != nil
  }

  private static func add(
    _ annotation: JSONNode, _ file: String, _ categories: Identified<String>, _ images: Images,
    _ collector: inout AnnotationCollector
  ) {
    let title = "annotation \(Identifier(annotation["id"])?.description ?? "without id")"
    guard let image = Identifier(annotation["image_id"]) else {
      return collector.doubt(file, annotation.line, "\(title) has no image_id", "name its image")
    }
    guard let listed = images.identified.find(image) else {
      let cause = "\(title) is about image \(image.description), which is not there"
      let remedy = "copy the image or remove the entry"
      // The number of an image that was taken out of the list is usual; anything else may be about any image.
      if case .number = image, images.identified.isAllNumbers {
        return collector.problem(file, annotation.line, cause, remedy, .imageNotFound)
      }
      guard !images.identified.isTwice(image) else { return }
      return collector.doubt(file, annotation.line, cause, remedy)
    }
    guard let path = listed else {
      return collector.problem(
        file, annotation.line, "\(title) is about image \(image.description), which is not there",
        "copy the image or remove the entry", .imageNotFound)
    }
    func reject(_ cause: String, _ remedy: String, _ kind: DataProblem.Kind = .invalidValue) {
      collector.reject(path, file, annotation.line, "\(title): \(cause)", remedy, kind)
    }
    guard let category = Identifier(annotation["category_id"]) else {
      return reject("it has no category_id", "name one of the categories", .withoutClass)
    }
    guard let label = categories.find(category) else {
      return reject(
        "the category \(category.description) is none of the list", "name one of the categories", .unknownClass)
    }
    guard let size = collector.size(of: path) else { return }
    do throws(RunLengthMask.Failure) {
      let shape = try shape(annotation, size)
      collector.add(AnnotatedRegion(label: label, shape: shape), to: path, file: file, line: annotation.line)
    } catch {
      reject(error.cause, "export the annotation again")
    }
  }

  private static func shape(
    _ annotation: JSONNode, _ size: (width: Int, height: Int)
  ) throws(RunLengthMask.Failure) -> AnnotatedRegion.Shape {
    let segmentation = annotation["segmentation"]
    if let array = segmentation?.array {
      // One flat list is one polygon; empty lists, and the four numbers of a box, say no more than the bbox.
      let flat = segmentation?.numbers.map { $0.isEmpty ? [] : [$0] }
      let lists = flat ?? array.map(\.numbers)
      guard !lists.contains(where: { $0 == nil }) else {
        throw RunLengthMask.Failure(cause: "its segmentation is not a list of numbers")
      }
      let polygons = lists.compactMap { $0 }.filter { !$0.isEmpty }
      if !polygons.isEmpty, !(polygons.count == 1 && polygons[0].count == 4 && annotation["bbox"] != nil) {
        return try outline(polygons, annotation)
      }
    } else if let runs = segmentation?.object {
      return try mask(runs, size)
    } else if let segmentation {
      guard case .null = segmentation.value else {
        throw RunLengthMask.Failure(cause: "its segmentation is neither polygons nor runs")
      }
    }
    guard let box = annotation["bbox"]?.numbers, box.count == 4 else {
      throw RunLengthMask.Failure(cause: "it has neither a segmentation nor a bbox of four numbers")
    }
    let straight = PixelRectangle(x: box[0], y: box[1], width: box[2], height: box[3])
    guard let turn = try rotation(annotation) else { return .box(straight) }
    return .polygons([TurnedBox.corners(straight, degrees: turn)])
  }

  private static func outline(
    _ polygons: [[Double]], _ annotation: JSONNode
  ) throws(RunLengthMask.Failure) -> AnnotatedRegion.Shape {
    var corners: [[PixelPoint]] = []
    for numbers in polygons {
      guard numbers.count >= 6, numbers.count.isMultiple(of: 2) else {
        throw RunLengthMask.Failure(cause: "a polygon is not a list x, y, x, y, ... of three corners or more")
      }
      corners.append(
        stride(from: 0, to: numbers.count, by: 2).map { PixelPoint(x: numbers[$0], y: numbers[$0 + 1]) })
    }
    // A polygon has its turn in its corners, unless it is only the straight box again.
    if let turn = try rotation(annotation), corners.count == 1, let box = annotation["bbox"]?.numbers, box.count == 4 {
      let straight = PixelRectangle(x: box[0], y: box[1], width: box[2], height: box[3])
      if TurnedBox.isOutline(corners[0], of: straight) {
        return .polygons([TurnedBox.corners(straight, degrees: turn)])
      }
    }
    return .polygons(corners)
  }

  private static func mask(
    _ runs: [String: JSONNode], _ size: (width: Int, height: Int)
  ) throws(RunLengthMask.Failure) -> AnnotatedRegion.Shape {
    guard let stated = runs["size"]?.numbers, stated == [Double(size.height), Double(size.width)] else {
      throw RunLengthMask.Failure(
        cause: "the size of its runs is not [height, width] of the image, [\(size.height), \(size.width)]")
    }
    if let text = runs["counts"]?.string {
      return .runs(try RunLengthMask(compressed: text, width: size.width, height: size.height))
    }
    let counts = runs["counts"]?.array?.map(\.integer) ?? []
    guard !counts.isEmpty, !counts.contains(nil) else {
      throw RunLengthMask.Failure(cause: "the counts of its runs are neither text nor whole numbers")
    }
    return .runs(
      try RunLengthMask(
        counts: counts.compactMap { $0 }, width: size.width, height: size.height, order: .columns, isComplete: true))
  }

  /// How far a box is turned, in degrees clockwise (CVAT); nil for not at all.
  private static func rotation(_ annotation: JSONNode) throws(RunLengthMask.Failure) -> Double? {
    guard let node = annotation["attributes"]?["rotation"] ?? annotation["rotation"] else { return nil }
    if case .null = node.value { return nil }
    guard let turn = node.number ?? node.string.flatMap(Double.init), turn.isFinite else {
      throw RunLengthMask.Failure(cause: "its rotation is not a number of degrees")
    }
    return turn.truncatingRemainder(dividingBy: 360) == 0 ? nil : turn
  }
}
