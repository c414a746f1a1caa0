import AssayBase
import AssayImage
import Foundation

/// labelme (Wada 2016): a JSON file for each image with `imagePath` and `shapes` of `label`, `points` and `shape_type`:
/// rectangles, polygons, circles; flags that are set are classes of the whole image. Pixels count from 0. An image whose
/// file holds no shape is good; one without a file has no label.
enum LabelmeLayout {
  static func isLabelme(_ root: JSONNode) -> Bool {
    root["shapes"]?.array != nil && (root["imagePath"] != nil || root["imageData"] != nil || root["flags"] != nil)
  }

  /// - Parameters:
  ///   - others: JSON files that are no labelme; one with an image's name is that image's, and not understood.
  ///   - failures: files that are no JSON at all.
  static func read(
    _ tree: FileTree, _ documents: [(file: String, root: JSONNode)], others: [String], failures: [FileFailure]
  ) -> Dataset {
    var collector = AnnotationCollector(tree)
    let statesFlags = documents.contains { flags($0.root).contains(where: \.value) }
    let hasShapes = documents.contains { $0.root["shapes"]?.array?.isEmpty == false }
    for (file, root) in documents { read(file, root, needsFlag: statesFlags && !hasShapes, &collector) }
    for file in others {
      let failure = FileFailure(
        file: file, cause: "it has no list shapes as labelme's files have", remedy: "export it again",
        kind: .unknownForm)
      leaveOut(failure, &collector)
    }
    for failure in failures { leaveOut(failure, &collector) }
    for image in tree.images(in: "") where !collector.knows(image) && !FolderNames.isOfMasks(image) {
      let split = SplitName.find(inFoldersOf: image)
      collector.notAnnotated(
        image, image, nil, "it has no JSON file", "annotate it, or save a file without shapes where nothing is marked")
      collector.change(image) { $0.split = split }
    }
    return collector.dataset(.labelme, nothingMarked: "their files hold no shape")
  }

  private static func leaveOut(_ failure: FileFailure, _ collector: inout AnnotationCollector) {
    switch collector.index.find(stem: FileTree.stem(failure.file), in: [FileTree.folder(failure.file)]) {
    case .found(let image): collector.reject(image, failure)
    case .ambiguous(let images): for image in images { collector.reject(image, failure) }
    case .missing, .outside: break
    }
  }

  /// Flags of the whole image.
  private static func flags(_ root: JSONNode) -> [(name: String, value: Bool)] {
    (root["flags"]?.object ?? [:]).compactMap { name, node in node.bool.map { (name, $0) } }
  }

  private static func read(
    _ file: String, _ root: JSONNode, needsFlag: Bool, _ collector: inout AnnotationCollector
  ) {
    guard let path = image(file, root, &collector) else { return }
    collector.change(path) { $0.split = SplitName.find(inFoldersOf: path) ?? SplitName.find(inFoldersOf: file) }
    for (name, node) in root["flags"]?.object ?? [:] where node.bool == nil {
      collector.reject(path, file, node.line, "the flag \(name) is neither true nor false", "correct it")
    }
    for flag in flags(root) where flag.value { collector.add(label: flag.name, to: path) }
    if needsFlag, !flags(root).contains(where: \.value) {
      return collector.notAnnotated(path, file, root.line, "none of its flags is set, as others' are", "set one")
    }
    guard
      collector.check(
        path, width: root["imageWidth"]?.integer, height: root["imageHeight"]?.integer, file: file, line: root.line)
    else { return }
    for shape in root["shapes"]?.array ?? [] { add(shape, to: path, file, &collector) }
  }

  /// The image that the file names, else the one that is called like it.
  private static func image(_ file: String, _ root: JSONNode, _ collector: inout AnnotationCollector) -> String? {
    let folder = FileTree.folder(file)
    let stem = FileTree.stem(file)
    let near = [folder, FileTree.joined(FileTree.folder(folder), "images")]
    var found: [String] = []
    if let name = root["imagePath"]?.string, !name.isEmpty {
      if let inside = ImageIndex.resolved(name, in: folder),
        case .found(let path) = collector.index.find(inside, in: [""], isElsewhere: false)
      {
        found.append(path)
      }
    }
    if case .found(let path) = collector.index.find(stem: stem, in: near) {
      found.append(path)
    }
    guard let path = found.first else {
      let name = root["imagePath"]?.string ?? stem
      let last = name.replacing("\\", with: "/").lastPathComponent
      return collector.image(last.isEmpty ? stem : last, in: near, file: file, line: root.line)
    }
    collector.change(path) { $0.sources.insert(file) }
    return path
  }

  private static func add(
    _ shape: JSONNode, to path: String, _ file: String, _ collector: inout AnnotationCollector
  ) {
    guard let label = shape["label"]?.string, !label.isEmpty else {
      return collector.reject(path, file, shape.line, "a shape has no label", "give it one", .withoutClass)
    }
    do throws(RunLengthMask.Failure) {
      if let region = try region(shape) {
        collector.add(AnnotatedRegion(label: label, shape: region), to: path, file: file, line: shape.line)
      } else {
        collector.problem(
          file, shape.line,
          "a \(shape["shape_type"]?.string ?? "shape") is no area: its class counts, its place does not",
          "draw a polygon", .maskMissing)
        collector.change(path) {
          $0.labels.insert(label)
          $0.lacksRegions = true
        }
      }
    } catch {
      collector.reject(path, file, shape.line, "\(label): \(error.cause)", "draw it again")
    }
  }

  /// - Returns: nil for what marks no area.
  private static func region(_ shape: JSONNode) throws(RunLengthMask.Failure) -> AnnotatedRegion.Shape? {
    let type = shape["shape_type"]?.string ?? "polygon"
    let pairs = shape["points"]?.array?.map(\.numbers) ?? []
    guard !pairs.isEmpty, pairs.allSatisfy({ $0?.count == 2 }) else {
      throw RunLengthMask.Failure(cause: "its points are not pairs of numbers")
    }
    let points = pairs.compactMap { $0 }.map { PixelPoint(x: $0[0], y: $0[1]) }
    switch type {
    case "rectangle" where points.count == 2:
      let (a, b) = (points[0], points[1])
      return .box(
        PixelRectangle(x: min(a.x, b.x), y: min(a.y, b.y), width: abs(a.x - b.x), height: abs(a.y - b.y)))
    case "rectangle", "polygon", "rotation", "oriented_rectangle": return .polygons([points])
    case "circle":
      guard points.count == 2 else { throw RunLengthMask.Failure(cause: "a circle is not a centre and a point of it") }
      let radius = hypot(points[1].x - points[0].x, points[1].y - points[0].y)
      return .polygons([
        (0..<64).map { step in
          let angle = Double(step) * .pi / 32
          return PixelPoint(x: points[0].x + radius * cos(angle), y: points[0].y + radius * sin(angle))
        }
      ])
    case "line", "linestrip", "point", "points", "mask": return nil
    default: throw RunLengthMask.Failure(cause: "the shape_type \(type) is not known")
    }
  }
}
