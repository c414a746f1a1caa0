import AssayImage
import Foundation

/// CVAT for images 1.1: `annotations.xml` with tags, boxes, polygons, ellipses and masks of each image; photographs in
/// `images`. Images of the list on which nothing is marked are good.
enum CVATLayout {
  /// - Throws: ``DataError`` when the file is CVAT's but cannot be used.
  static func read(_ tree: FileTree) throws(DataError) -> Dataset? {
    let files = tree.files.filter { $0.lowercased().hasSuffix(".xml") }
    var collector = AnnotationCollector(tree)
    var documents: [(file: String, root: XMLNode)] = []
    for file in files where isExport(tree.head(file)) {
      let root: XMLNode
      do { root = try tree.xml(file) } catch { throw error.error(in: tree) }
      if let track = root.first("track") {
        throw DataError(
          path: "\(tree.root)/\(file):\(track.line)", cause: "it is CVAT's form for videos",
          remedy: "export as \"CVAT for images 1.1\"")
      }
      documents.append((file, root))
    }
    guard !documents.isEmpty else { return nil }
    // Where every class is a tag of the whole image, an image without one was not judged.
    let marks = documents.flatMap { $0.root.all("image").flatMap(\.children) }
    let needsTag = !marks.isEmpty && marks.allSatisfy { $0.isNamed("tag") }
    for (file, root) in documents {
      let labels = declared(root)
      for image in root.all("image") { read(image, file, labels, needsTag, &collector) }
    }
    collector.leaveOutUnlisted("annotations.xml")
    return collector.dataset(.cvat, nothingMarked: "in CVAT's list nothing inside means nothing marked")
  }

  private static func isExport(_ head: String?) -> Bool {
    guard let text = head?.lowercased() else { return false }
    return text.contains("<annotations>") || text.contains("<annotations ")
  }

  /// Classes of the task or project; empty when the file does not tell.
  private static func declared(_ root: XMLNode) -> Set<String> {
    let meta = root.first("meta")
    let lists = [meta, meta?.first("task"), meta?.first("project"), meta?.first("job")].compactMap {
      $0?.first("labels")
    }
    return Set(lists.flatMap { $0.all("label").compactMap { $0.first("name")?.text } })
  }

  private static func read(
    _ image: XMLNode, _ file: String, _ labels: Set<String>, _ needsTag: Bool, _ collector: inout AnnotationCollector
  ) {
    guard let name = image.attributes["name"] else {
      return collector.problem(file, image.line, "an image has no name", "export it again", .unknownForm)
    }
    let subset = image.attributes["subset"]
    let folder = file.split(separator: "/").dropLast().joined(separator: "/")
    let inside = folder.isEmpty ? "" : folder + "/"
    let folders = (subset.map { [inside + "images/" + $0] } ?? []) + [inside + "images", folder, ""]
    guard let path = collector.image(name, in: folders, file: file, line: image.line) else { return }
    collector.change(path) { $0.split = subset.flatMap { SplitName.find($0) } ?? SplitName.find(inFoldersOf: path) }
    let size = ["width", "height"].map { image.attributes[$0].flatMap { Int($0) } }
    guard collector.check(path, width: size[0], height: size[1], file: file, line: image.line) else { return }
    if image.children.isEmpty, needsTag {
      return collector.notAnnotated(path, file, image.line, "\(name) has no tag, as others have", "tag it")
    }
    for shape in image.children { add(shape, to: path, file, labels, &collector) }
  }

  private static func add(
    _ node: XMLNode, to path: String, _ file: String, _ labels: Set<String>, _ collector: inout AnnotationCollector
  ) {
    guard let label = node.attributes["label"], !label.isEmpty else {
      return collector.reject(path, file, node.line, "a \(node.name) has no label", "give it one", .withoutClass)
    }
    guard labels.isEmpty || labels.contains(label) else {
      return collector.reject(
        path, file, node.line, "the label \(label) is none of \(labels.sorted().joined(separator: ", "))",
        "export the task with its labels", .unknownClass)
    }
    if node.isNamed("tag") { return collector.add(label: label, to: path) }
    do throws(RunLengthMask.Failure) {
      guard let shape = try shape(node) else {
        collector.problem(
          file, node.line, "a \(node.name) is no area: its class counts, its place does not", "draw a polygon",
          .maskMissing)
        return collector.change(path) {
          $0.labels.insert(label)
          $0.lacksRegions = true
        }
      }
      collector.add(AnnotatedRegion(label: label, shape: shape), to: path, file: file, line: node.line)
    } catch {
      collector.reject(path, file, node.line, "\(node.name) \(label): \(error.cause)", "export it again")
    }
  }

  /// - Returns: nil for what marks no area.
  private static func shape(_ node: XMLNode) throws(RunLengthMask.Failure) -> AnnotatedRegion.Shape? {
    func number(_ key: String) throws(RunLengthMask.Failure) -> Double {
      guard let text = node.attributes[key], let value = Double(text), value.isFinite else {
        throw RunLengthMask.Failure(cause: "\(key) is \(node.attributes[key] ?? "missing"), not a number")
      }
      return value
    }
    /// Corners about a centre, turned clockwise by the attribute `rotation` in degrees.
    let degrees = node.attributes["rotation"] == nil ? 0 : try number("rotation")
    func turned(_ corners: [(Double, Double)], about centre: PixelPoint) -> [PixelPoint] {
      let turn = degrees * .pi / 180
      return corners.map { x, y in
        PixelPoint(x: centre.x + x * cos(turn) - y * sin(turn), y: centre.y + x * sin(turn) + y * cos(turn))
      }
    }
    switch node.name.lowercased() {
    case "box":
      let (left, top) = (try number("xtl"), try number("ytl"))
      let (width, height) = (try number("xbr") - left, try number("ybr") - top)
      guard degrees != 0 else {
        return .box(PixelRectangle(x: left, y: top, width: width, height: height))
      }
      let corners = [(-1.0, -1.0), (1, -1), (1, 1), (-1, 1)].map { ($0.0 * width / 2, $0.1 * height / 2) }
      return .polygons([turned(corners, about: PixelPoint(x: left + width / 2, y: top + height / 2))])
    case "ellipse":
      let (a, b) = (try number("rx"), try number("ry"))
      let corners = (0..<64).map { step in
        (a * cos(Double(step) * .pi / 32), b * sin(Double(step) * .pi / 32))
      }
      return .polygons([turned(corners, about: PixelPoint(x: try number("cx"), y: try number("cy")))])
    case "polygon":
      var points: [PixelPoint] = []
      for pair in (node.attributes["points"] ?? "").split(separator: ";") {
        let numbers = pair.split(separator: ",").compactMap { Double($0) }
        guard numbers.count == 2 else { throw RunLengthMask.Failure(cause: "the point \(pair) is not x,y") }
        points.append(PixelPoint(x: numbers[0], y: numbers[1]))
      }
      return .polygons([points])
    case "mask":
      let frame = try ["left", "top", "width", "height"].map { (key) throws(RunLengthMask.Failure) in
        guard let value = Int(exactly: try number(key)), abs(value) <= 1 << 20 else {
          throw RunLengthMask.Failure(cause: "\(key) is not a whole number of pixels")
        }
        return value
      }
      let fields = (node.attributes["rle"] ?? "").split(separator: ",").map {
        Int($0.trimmingCharacters(in: .whitespaces))
      }
      guard !fields.isEmpty, !fields.contains(nil) else {
        throw RunLengthMask.Failure(cause: "its rle is not a list of whole numbers")
      }
      return .runs(
        try RunLengthMask(
          counts: fields.compactMap { $0 }, x: frame[0], y: frame[1], width: frame[2], height: frame[3], order: .rows,
          isComplete: false))
    default: return nil
    }
  }
}
