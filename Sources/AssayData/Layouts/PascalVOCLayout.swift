import AssayImage
import Foundation

/// Pascal VOC (Everingham et al. 2010): an XML file for each image, with boxes; pixels count from 1, and the last ones belong
/// to the box. NEU-DET and GC10-DET come in this form and are told by their classes and folders.
///
/// - VOC: `Annotations/NAME.xml`, `JPEGImages/NAME.jpg`, `ImageSets/Main/{train,val,test}.txt`, or any folders.
/// - NEU-DET (He et al. 2020): `ANNOTATIONS`, `IMAGES`; or `{train,validation}/{annotations,images/CLASS}`.
/// - GC10-DET (Lv et al. 2020): images in `1` ... `10`, annotations in `lable`.
enum PascalVOCLayout {
  private static let gc10 = [
    1: "punching_hole", 2: "welding_line", 3: "crescent_gap", 4: "water_spot", 5: "oil_spot", 6: "silk_spot",
    7: "inclusion", 8: "rolled_pit", 9: "crease", 10: "waist_folding",
  ]

  private struct Document {
    let file: String
    let root: XMLNode
  }

  /// - Throws: ``DataError`` for a list of a split that cannot be read.
  static func read(_ tree: FileTree) throws(DataError) -> Dataset? {
    let files = tree.files(ending: ["xml"])
    guard files.contains(where: { isAnnotation(tree.head($0)) }) else { return nil }
    var collector = AnnotationCollector(tree)
    let documents = files.compactMap { document($0, &collector) }
    let layout = layout(documents, tree)
    let lists = try lists(tree, &collector)
    for document in documents { read(document, layout, lists, &collector) }
    for name in tree.images(in: "") where !collector.knows(name) && !FolderNames.isOfMasks(name) {
      let label = mainLabel(of: name, layout)
      let split = SplitName.find(inFoldersOf: name)
      if let label {
        collector.problem(
          name, nil, "it has no annotation; its name gives its class", "copy the XML file too", .maskMissing)
        collector.change(name) {
          $0.mainLabel = label
          $0.labels = [label]
        }
      } else {
        collector.notAnnotated(name, name, nil, "it has no annotation and is not trained on", "copy the XML file too")
      }
      collector.change(name) { $0.split = split }
    }
    return collector.dataset(layout, nothingMarked: "their XML files hold no object")
  }

  /// Whether a file's first element is `<annotation>`. (CVAT's is `<annotations>`.)
  private static func isAnnotation(_ head: String?) -> Bool {
    guard let text = head?.lowercased() else { return false }
    return text.contains("<annotation>") || text.contains("<annotation ")
  }

  private static func document(_ file: String, _ collector: inout AnnotationCollector) -> Document? {
    func unusable(_ failure: FileFailure) {
      // The image must not pass for one on which nothing is marked.
      switch collector.index.find(stem: FileTree.stem(file), in: []) {
      case .found(let image): collector.reject(image, failure)
      case .ambiguous(let images): for image in images { collector.reject(image, failure) }
      case .missing, .outside:
        collector.problem(failure.file, failure.line, failure.cause, failure.remedy, failure.kind)
      }
    }
    do throws(FileFailure) {
      let root = try collector.tree.xml(file)
      if root.isNamed("annotation") { return Document(file: file, root: root) }
      throw FileFailure(
        file: file, line: root.line, cause: "its root is <\(root.name)>, not <annotation>", remedy: "export it again",
        kind: .unknownForm)
    } catch {
      unusable(error)
    }
    return nil
  }

  private static func layout(_ documents: [Document], _ tree: FileTree) -> Layout {
    let folders = tree.imageFolders(in: "")
    if !folders.isEmpty, folders.allSatisfy({ gc10[Int($0) ?? 0] != nil }),
      documents.contains(where: { $0.file.hasPrefix("lable/") || $0.file.hasPrefix("label/") })
    {
      return .gc10DET
    }
    let names = Set(documents.flatMap { $0.root.all("object").compactMap { $0.first("name")?.text } })
    return !names.isEmpty && names.isSubset(of: Set(NEUCLSLayout.names.values)) ? .neuDET : .pascalVOC
  }

  /// Splits of `ImageSets/Main`, by name without extension.
  private static func lists(
    _ tree: FileTree, _ collector: inout AnnotationCollector
  ) throws(DataError) -> [String: Split] {
    var splits: [String: Split] = [:]
    for (list, split) in [("trainval", Split.train), ("train", .train), ("val", .validation), ("test", .test)] {
      guard let file = tree.own("ImageSets/Main/\(list).txt") else { continue }
      do throws(FileFailure) {
        for line in try tree.lines(file) { splits[line.text] = split }
      } catch { throw error.error(in: tree) }
    }
    return splits
  }

  /// NEU-DET's file names and GC10-DET's folders say what an image mainly shows.
  private static func mainLabel(of image: String, _ layout: Layout) -> String? {
    switch layout {
    case .neuDET:
      let stem = FileTree.stem(image)
      let prefix = stem.lastIndex(of: "_").map { String(stem[..<$0]) } ?? stem
      return NEUCLSLayout.names.values.first { $0 == prefix }
    case .gc10DET: return image.split(separator: "/").first.flatMap { Int($0) }.flatMap { gc10[$0] }
    default: return nil
    }
  }

  private static func images(
    _ document: Document, _ layout: Layout, _ collector: inout AnnotationCollector
  ) -> [String] {
    let folder = document.file.split(separator: "/").dropLast()
    let parent = folder.dropLast().joined(separator: "/")
    let inside = parent.isEmpty ? "" : parent + "/"
    let folders = ["images", "IMAGES", "JPEGImages"].map { inside + $0 } + [folder.joined(separator: "/"), parent, ""]
    let stated = document.root.first("filename")
    let stem = FileTree.stem(document.file)
    let near = folders.filter { !$0.isEmpty }
    var lookup = stated.map { collector.index.find($0.text, in: folders) } ?? .missing
    // Some files of NEU-DET state a name without extension, or another's.
    if lookup == .missing { lookup = collector.index.find(stem: stem, in: near) }
    if layout == .gc10DET, case .ambiguous(let copies) = lookup { return copies }
    if case .found(let path) = lookup { return [path] }
    let name = stated?.text ?? stem
    _ = collector.image(
      name.isEmpty ? stem : name, in: folders, file: document.file, line: stated?.line ?? document.root.line)
    return []
  }

  private static func read(
    _ document: Document, _ layout: Layout, _ lists: [String: Split], _ collector: inout AnnotationCollector
  ) {
    for path in images(document, layout, &collector) {
      let stem = FileTree.stem(document.file)
      let label = mainLabel(of: path, layout)
      collector.change(path) {
        $0.mainLabel = label
        $0.split = lists[stem] ?? SplitName.find(inFoldersOf: document.file) ?? SplitName.find(inFoldersOf: path)
      }
      let size = document.root.first("size")
      func side(_ name: String) -> Int? { size?.first(name).flatMap { Int($0.text) }.flatMap { $0 > 0 ? $0 : nil } }
      guard
        collector.check(
          path, width: side("width"), height: side("height"), file: document.file, line: size?.line)
      else { continue }
      for object in document.root.children {
        if object.isNamed("object") {
          add(object, to: path, document.file, layout, &collector)
        } else if isMark(object) {
          collector.reject(
            path, document.file, object.line, "the element <\(object.name)> is not known", "call it <object>",
            .unknownForm)
        }
      }
    }
  }

  private static let described: Set<String> = [
    "folder", "filename", "path", "database", "source", "size", "imagesize", "segmented", "owner",
  ]

  /// Whether an unknown element may mark something: it, or what is in it, has a name that annotations have.
  private static func isMark(_ element: XMLNode) -> Bool {
    guard !described.contains(element.name.lowercased()) else { return false }
    return !element.namesInside.union([element.name.lowercased()]).isDisjoint(with: AnnotationWords.all)
  }

  private static func add(
    _ object: XMLNode, to path: String, _ file: String, _ layout: Layout, _ collector: inout AnnotationCollector
  ) {
    guard let name = object.first("name"), !name.text.isEmpty else {
      return collector.reject(path, file, object.line, "an object has no name", "name its class", .withoutClass)
    }
    guard let box = object.first("bndbox") else {
      return collector.reject(path, file, object.line, "the \(name.text) has no bndbox", "draw its box")
    }
    var values: [Double] = []
    for side in ["xmin", "ymin", "xmax", "ymax"] {
      guard let field = box.first(side), let value = Double(field.text), value.isFinite else {
        return collector.reject(
          path, file, box.first(side)?.line ?? box.line,
          "\(side) of the \(name.text) is \(box.first(side).map { "\"\($0.text)\"" } ?? "missing")",
          "write it as a number of pixels")
      }
      values.append(value)
    }
    guard values[2] >= values[0], values[3] >= values[1] else {
      return collector.reject(
        path, file, box.line, "the box of the \(name.text) ends before it begins", "swap its corners")
    }
    var label = name.text
    if layout == .gc10DET, let number = Int(label.prefix { $0.isNumber }), let known = gc10[number] { label = known }
    // Tools that count from 0 write 0 for the first pixel.
    let (left, top) = (max(0, values[0] - 1), max(0, values[1] - 1))
    let region = AnnotatedRegion(
      label: label, shape: .box(PixelRectangle(x: left, y: top, width: values[2] - left, height: values[3] - top)))
    collector.add(region, to: path, file: file, line: box.line)
  }
}
