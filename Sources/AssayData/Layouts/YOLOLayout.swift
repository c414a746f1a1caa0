import AssayImage
import Foundation

/// YOLO text: for each image of `images` a file of the same name in `labels` (the last folder of that name is replaced), or
/// one beside the image; each line a class number and a box `x y width height` (its centre), or three corners or more
/// `x y x y ...`, in shares of the photograph. Names come from `data.yaml`, `classes.txt` or `obj.names`. An image without
/// a file, or with an empty one, is good.
///
/// Four corners, which Ultralytics also calls an oriented box, are a polygon; boxes with an angle are refused.
enum YOLOLayout {
  /// - Throws: ``DataError`` for key points, which are no defects.
  static func read(_ tree: FileTree) throws(DataError) -> Dataset? {
    let files = Set(tree.files)
    let names = try YOLONames.read(tree)
    let images = tree.images(in: "")
    var pairs: [String: String] = [:]
    for image in images {
      if let own = labelFile(image), files.contains(own) { pairs[image] = own }
    }
    let isParallel = !pairs.isEmpty
    if !isParallel, names != nil {
      for image in images {
        let own = ((image as NSString).deletingPathExtension as String) + ".txt"
        if files.contains(own) { pairs[image] = own }
      }
    }
    guard !pairs.isEmpty, names != nil || pairs.values.contains(where: { isYOLO(tree.root + "/" + $0) }) else {
      return nil
    }
    var collector = AnnotationCollector(tree)
    if names == nil {
      collector.problem(
        "data.yaml", nil, "the names of the classes are in no data.yaml, classes.txt or obj.names",
        "write them, one a line, into classes.txt")
    }
    for image in images where !isParallel || labelFile(image) != nil {
      collector.change(image) { $0.split = SplitName.find(inFoldersOf: image) }
      guard let file = pairs[image] else { continue }
      for line in AnnotationFile.lines(tree.root + "/" + file) ?? [] { read(line, file, image, names, &collector) }
    }
    let used = Set(pairs.values)
    let strangers = tree.files.filter { file in
      file.hasSuffix(".txt") && !used.contains(file) && isParallel && file.split(separator: "/").contains("labels")
        && !file.hasSuffix("/classes.txt")
    }
    for file in strangers {
      collector.problem(file, nil, "there is no image for it", "copy the image or remove the file")
    }
    return collector.dataset(.yolo)
  }

  /// Where the labels of an image in a folder `images` are.
  private static func labelFile(_ image: String) -> String? {
    var parts = image.split(separator: "/").map(String.init)
    guard let place = parts.dropLast().lastIndex(of: "images") else { return nil }
    parts[place] = "labels"
    return ((parts.joined(separator: "/") as NSString).deletingPathExtension as String) + ".txt"
  }

  /// Whether a file's first line is a class number and coordinates.
  private static func isYOLO(_ path: String) -> Bool {
    guard let first = AnnotationFile.lines(path)?.first else { return false }
    let fields = first.text.split(whereSeparator: \.isWhitespace)
    return fields.count >= 5 && Int(fields[0]) != nil && fields.dropFirst().allSatisfy { Double($0) != nil }
  }

  private static func read(
    _ line: (number: Int, text: String), _ file: String, _ image: String, _ names: YOLONames?,
    _ collector: inout AnnotationCollector
  ) {
    func reject(_ cause: String, _ remedy: String) { collector.reject(image, file, line.number, cause, remedy) }
    let fields = line.text.split(whereSeparator: \.isWhitespace)
    let numbers = fields.compactMap { Double($0) }
    guard fields.count != 6 || numbers.count != 6 else {
      return reject("a box with an angle is not read", "export upright boxes, or the four corners")
    }
    guard numbers.count == fields.count, fields.count == 5 || (fields.count >= 7 && !fields.count.isMultiple(of: 2))
    else {
      return reject(
        "\(fields.count) fields are neither class x y width height nor class and corners", "mend the line")
    }
    guard let number = Int(fields[0]), number >= 0 else {
      return reject("the class \(fields[0]) is not a whole number from 0 on", "correct it")
    }
    guard let label = names == nil ? "class \(number)" : names?.names[number] else {
      return reject("the class \(number) has no name in \(names?.file ?? "")", "add its name")
    }
    // Rounding may lead a little beyond the edge.
    guard numbers.dropFirst().allSatisfy({ $0 >= -0.001 && $0 <= 1.001 }) else {
      return reject("a coordinate is not a share 0...1 of the photograph", "divide it by width or height")
    }
    guard let size = collector.size(of: image) else { return }
    let (w, h) = (Double(size.width), Double(size.height))
    let shape: AnnotatedRegion.Shape =
      fields.count == 5
      ? .box(
        PixelRectangle(
          x: (numbers[1] - numbers[3] / 2) * w, y: (numbers[2] - numbers[4] / 2) * h, width: numbers[3] * w,
          height: numbers[4] * h))
      : .polygons([
        stride(from: 1, to: numbers.count, by: 2).map { PixelPoint(x: numbers[$0] * w, y: numbers[$0 + 1] * h) }
      ])
    collector.add(AnnotatedRegion(label: label, shape: shape), to: image, file: file, line: line.number)
  }
}

/// The names of YOLO's classes.
struct YOLONames {
  /// Relative to the root.
  let file: String
  let names: [Int: String]

  /// - Returns: nil when there is no file of names.
  static func read(_ tree: FileTree) throws(DataError) -> YOLONames? {
    for file in tree.files where [".yaml", ".yml"].contains(where: file.hasSuffix) && !file.contains("/") {
      let lines = AnnotationFile.lines(tree.root + "/" + file) ?? []
      if let line = lines.first(where: { $0.text.hasPrefix("kpt_shape") }) {
        throw DataError(
          path: "\(tree.root)/\(file):\(line.number)", cause: "the labels are key points",
          remedy: "export boxes or polygons")
      }
      if let names = yaml(lines.map(\.text)) { return YOLONames(file: file, names: names) }
    }
    for file in ["classes.txt", "obj.names", "labels/classes.txt", "data/obj.names"] {
      guard let lines = AnnotationFile.lines(tree.root + "/" + file) else { continue }
      return YOLONames(
        file: file, names: Dictionary(uniqueKeysWithValues: lines.enumerated().map { ($0, $1.text) }))
    }
    return nil
  }

  /// `names: [a, b]`, or on the lines below `- a` or `0: a`.
  private static func yaml(_ lines: [String]) -> [Int: String]? {
    guard let start = lines.firstIndex(where: { $0.hasPrefix("names:") }) else { return nil }
    var inline = lines[start].dropFirst("names:".count).trimmingCharacters(in: .whitespaces)
    var next = start + 1
    // A long list may go on over several lines.
    while inline.hasPrefix("["), !inline.contains("]"), next < lines.count {
      inline += lines[next]
      next += 1
    }
    if inline.hasPrefix("["), let end = inline.lastIndex(of: "]") {
      let items = inline[inline.index(after: inline.startIndex)..<end].split(separator: ",").map {
        unquoted(String($0))
      }
      return Dictionary(uniqueKeysWithValues: items.enumerated().map { ($0, $1) })
    }
    var names: [Int: String] = [:]
    for line in lines[(start + 1)...] {
      if line.hasPrefix("-") {
        names[names.count] = unquoted(String(line.dropFirst()))
      } else if let colon = line.firstIndex(of: ":"), let number = Int(line[..<colon]) {
        names[number] = unquoted(String(line[line.index(after: colon)...]))
      } else {
        break
      }
    }
    return names.isEmpty ? nil : names
  }

  private static func unquoted(_ text: String) -> String {
    text.trimmingCharacters(in: .whitespaces).trimmingCharacters(in: CharacterSet(charactersIn: "'\""))
  }
}
