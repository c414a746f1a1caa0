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

  private struct Images {
    var identified = COCOIdentified<String?>()
    var paths: [COCOIdentifier: String] { identified.things.compactMapValues { $0 } }
  }

  private static func categories(
    _ root: JSONNode, _ file: String, _ collector: inout AnnotationCollector
  ) -> COCOIdentified<String> {
    var names = COCOIdentified<String>()
    for category in root["categories"]?.array ?? [] {
      guard let id = COCOIdentifier(category["id"]), let name = category["name"]?.string, !name.isEmpty else {
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
      guard let id = COCOIdentifier(image["id"]), let name = image["file_name"]?.string else {
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
        path, width: side(image["width"]), height: side(image["height"]), file: file, line: image.line)
    }
    return images
  }

  /// A number of pixels, or nothing, which some programs write as null.
  private static func isSide(_ node: JSONNode?) -> Bool {
    guard let node else { return true }
    if case .null = node.value { return true }
    return side(node) != nil
  }

  private static func side(_ node: JSONNode?) -> Int? { node?.integer ?? node?.string.flatMap { Int($0) } }

  private static func add(
    _ annotation: JSONNode, _ file: String, _ categories: COCOIdentified<String>, _ images: Images,
    _ collector: inout AnnotationCollector
  ) {
    let title = "annotation \(COCOIdentifier(annotation["id"])?.description ?? "without id")"
    guard let image = COCOIdentifier(annotation["image_id"]) else {
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
    guard let category = COCOIdentifier(annotation["category_id"]) else {
      return reject("it has no category_id", "name one of the categories", .withoutClass)
    }
    guard let label = categories.find(category) else {
      return reject(
        "the category \(category.description) is none of the list", "name one of the categories", .unknownClass)
    }
    guard let size = collector.size(of: path) else { return }
    do throws(RunLengthMask.Failure) {
      let shape = try COCOShape.read(annotation, size)
      collector.add(AnnotatedRegion(label: label, shape: shape), to: path, file: file, line: annotation.line)
    } catch {
      reject(error.cause, "export the annotation again")
    }
  }
}
