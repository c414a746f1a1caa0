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
      for annotation in document.root["annotations"]?.array ?? [] {
        add(annotation, document.file, categories, images, &collector)
      }
    }
    return collector.dataset(.coco)
  }

  private static func categories(
    _ root: JSONNode, _ file: String, _ collector: inout AnnotationCollector
  ) -> [Int: String] {
    var names: [Int: String] = [:]
    for category in root["categories"]?.array ?? [] {
      guard let id = category["id"]?.integer, let name = category["name"]?.string, !name.isEmpty else {
        collector.problem(file, category.line, "a category has no id or no name", "give it both")
        continue
      }
      guard names[id] == nil else {
        collector.problem(file, category.line, "the category \(id) is named twice", "give \(name) an id of its own")
        continue
      }
      names[id] = name
    }
    return names
  }

  private static func images(
    _ root: JSONNode, _ file: String, _ collector: inout AnnotationCollector
  ) -> [Int: String] {
    let folder = file.split(separator: "/").dropLast()
    let parent = folder.dropLast().joined(separator: "/")
    let here = folder.joined(separator: "/")
    let split = SplitName.find(inPath: file)
    let folders = [here, parent].flatMap { base -> [String] in
      let inside = base.isEmpty ? "" : base + "/"
      return [base, inside + "images"] + (split.map { [inside + $0.rawValue, inside + "images/" + $0.rawValue] } ?? [])
    }
    var paths: [Int: String] = [:]
    for image in root["images"]?.array ?? [] {
      guard let id = image["id"]?.integer, let name = image["file_name"]?.string else {
        collector.problem(file, image.line, "an image has no id or no file_name", "give it both")
        continue
      }
      guard paths[id] == nil else {
        collector.problem(file, image.line, "the image id \(id) occurs twice", "give \(name) an id of its own")
        continue
      }
      guard let path = collector.image(name, in: folders, file: file, line: image.line) else { continue }
      paths[id] = path
      collector.change(path) { $0.split = split }
      for key in ["width", "height"] where image[key] != nil && image[key]?.integer == nil {
        collector.reject(path, file, image.line, "the \(key) of \(name) is not a whole number", "correct it")
      }
      _ = collector.check(
        path, width: image["width"]?.integer, height: image["height"]?.integer, file: file, line: image.line)
    }
    return paths
  }

  private static func add(
    _ annotation: JSONNode, _ file: String, _ categories: [Int: String], _ images: [Int: String],
    _ collector: inout AnnotationCollector
  ) {
    let title = "annotation \(annotation["id"]?.integer.map(String.init) ?? "without id")"
    guard let image = annotation["image_id"]?.integer else {
      return collector.problem(file, annotation.line, "\(title) has no image_id", "name its image")
    }
    guard let path = images[image] else {
      return collector.problem(
        file, annotation.line, "\(title) is about image \(image), which is not there",
        "copy the image or remove the entry")
    }
    func reject(_ cause: String, _ remedy: String) {
      collector.reject(path, file, annotation.line, "\(title): \(cause)", remedy)
    }
    guard let category = annotation["category_id"]?.integer, let label = categories[category] else {
      return reject(
        "the category \(annotation["category_id"]?.integer.map(String.init) ?? "is missing and") is none of the list",
        "name one of the categories")
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
    if let polygons = segmentation?.array, !polygons.isEmpty {
      var corners: [[PixelPoint]] = []
      for polygon in polygons {
        guard let numbers = polygon.numbers, numbers.count >= 6, numbers.count.isMultiple(of: 2) else {
          throw RunLengthMask.Failure(cause: "a polygon is not a list x, y, x, y, ... of three corners or more")
        }
        corners.append(
          stride(from: 0, to: numbers.count, by: 2).map { PixelPoint(x: numbers[$0], y: numbers[$0 + 1]) })
      }
      return .polygons(corners)
    }
    if let runs = segmentation?.object {
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
    guard let box = annotation["bbox"]?.numbers, box.count == 4 else {
      throw RunLengthMask.Failure(cause: "it has neither a segmentation nor a bbox of four numbers")
    }
    return .box(PixelRectangle(x: box[0], y: box[1], width: box[2], height: box[3]))
  }
}
