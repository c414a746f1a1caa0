import AssayImage
import Foundation

/// YOLO text: for each image of `images` a file of the same name in `labels` (the last folder of that name is replaced), or
/// one beside the image; each line a class number and a box `x y width height` (its centre), or three corners or more
/// `x y x y ...`, in shares of the photograph. Names come from `data.yaml`, `classes.txt` or `obj.names`, splits from
/// `data.yaml`, `obj.data` and lists. An image without a file, or with an empty one, is good.
///
/// Four corners, which Ultralytics also calls an oriented box, are a polygon; boxes with an angle are refused.
enum YOLOLayout {
  /// - Throws: ``DataError`` for names that are not understood, and for key points, which are no defects.
  static func read(_ tree: FileTree) throws(DataError) -> Dataset? {
    var collector = AnnotationCollector(tree)
    let labels = YOLOLabels(tree)
    guard labels.isYOLO else { return nil }
    let names = try YOLONames.read(tree, index: collector.index)
    if names == nil {
      collector.problem(
        "data.yaml", nil, "the names of the classes are in no data.yaml, classes.txt or obj.names",
        "write them, one a line, into classes.txt")
    }
    let splits = try YOLOSplits.read(tree, &collector)
    var withoutFile = 0
    var empty = 0
    for image in labels.images {
      let split = splits[ExactName(image)] ?? SplitName.find(inFoldersOf: image)
      collector.change(image) { $0.split = split }
      switch labels.state(of: image) {
      case .none: withoutFile += 1
      case .blocked(let file, let cause):
        collector.reject(
          image, file, nil, cause, "make it a file that can be read", .annotationUnreadable)
      case .misspelled(let file):
        collector.reject(
          image, file, nil, "it is probably the label file of \(image), which has another name",
          "give both the same name", .imageNotFound)
      case .file(let file):
        do throws(FileFailure) {
          let lines = try tree.lines(file)
          if lines.isEmpty { empty += 1 }
          for line in lines { read(line, file, image, names, &collector) }
        } catch {
          collector.reject(image, error)
        }
      }
    }
    for file in labels.strangers {
      collector.problem(file, nil, "there is no image for it", "copy the image or remove the file", .noImage)
    }
    withoutFile -= leaveOutUnlabelledSplits(labels, &collector)
    collector.leaveOutUnlisted("no folder of labels")
    let counted = [(withoutFile, "without a label file"), (empty, "with an empty one")].filter { $0.0 > 0 }
    return collector.dataset(
      .yolo,
      nothingMarked: "YOLO marks nothing that way ("
        + counted.map { "\($0.0) \($0.1)" }.joined(separator: ", ") + ")")
  }

  /// A part of the data without any label file was never labelled, where other parts have them.
  /// - Returns: how many images it has.
  private static func leaveOutUnlabelledSplits(_ labels: YOLOLabels, _ collector: inout AnnotationCollector) -> Int {
    let parts = Dictionary(grouping: labels.images) { collector.entry($0)?.split }
    var count = 0
    for (split, images) in parts where split != nil && parts.count > 1 {
      guard images.allSatisfy({ labels.state(of: $0) == .none }) else { continue }
      for image in images {
        count += 1
        collector.notAnnotated(
          image, image, nil, "no image of \(split?.rawValue ?? "its part") has a label file, so nothing is known of it",
          "copy the labels too, or write an empty file for each image on which nothing is marked")
      }
    }
    return count
  }

  private static func read(
    _ line: (number: Int, text: String), _ file: String, _ image: String, _ names: YOLONames?,
    _ collector: inout AnnotationCollector
  ) {
    func reject(_ cause: String, _ remedy: String, _ kind: DataProblem.Kind = .invalidValue) {
      collector.reject(image, file, line.number, cause, remedy, kind)
    }
    let fields = line.text.split(whereSeparator: \.isWhitespace)
    let numbers = fields.compactMap { Double($0) }
    guard fields.count != 6 || numbers.count != 6 else {
      return reject("a box with an angle is not read", "export upright boxes, or the four corners", .unknownForm)
    }
    guard numbers.count == fields.count, fields.count == 5 || (fields.count >= 7 && !fields.count.isMultiple(of: 2))
    else {
      return reject(
        "\(fields.count) fields are neither class x y width height nor class and corners", "mend the line",
        .unknownForm)
    }
    // Programs that save tables of numbers write the class as 1.0 or 1.000e+00.
    guard let number = Int(exactly: numbers[0]), number >= 0 else {
      return reject("the class \(fields[0]) is not a whole number from 0 on", "correct it", .unknownClass)
    }
    guard let label = names == nil ? "class \(number)" : names?.names[number], !label.isEmpty else {
      return reject("the class \(number) has no name in \(names?.file ?? "")", "add its name", .unknownClass)
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
