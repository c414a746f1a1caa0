import AssayBase
import AssayImage
import Foundation

/// Label Studio's export (JSON): tasks with `data` and `annotations`, whose results are choices, rectangles, polygons,
/// ellipses and brushes, in percent of the photograph. Of several annotations of a task the first that was not cancelled
/// counts. A task annotated with nothing is good; one that was not annotated has no label.
enum LabelStudioLayout {
  static func isExport(_ root: JSONNode) -> Bool {
    guard let first = root.array?.first else { return false }
    return first["data"]?.object != nil && (first["annotations"] ?? first["completions"])?.array != nil
  }

  /// Whether it is the smaller export, which leaves out what is needed.
  static func isMinimal(_ root: JSONNode) -> Bool {
    guard let first = root.array?.first?.object, first["data"] == nil, first["annotator"] != nil else { return false }
    return first["annotation_id"] != nil
  }

  static func read(_ tree: FileTree, file: String, _ root: JSONNode) -> Dataset {
    var collector = AnnotationCollector(tree)
    let tasks = root.array ?? []
    // Where every class is a choice for the whole image, nothing chosen is no answer.
    let types = Set(
      tasks.flatMap { annotations($0).flatMap { $0["result"]?.array ?? [] } }.compactMap { $0["type"]?.string })
    let needsChoice = types.contains("choices") && types.subtracting(["choices", "relation", "textarea"]).isEmpty
    for task in tasks { read(task, file, needsChoice, &collector) }
    collector.leaveOutUnlisted("the export")
    return collector.dataset(.labelStudio, nothingMarked: "they were annotated, with nothing")
  }

  private static func annotations(_ task: JSONNode) -> [JSONNode] {
    (task["annotations"] ?? task["completions"])?.array ?? []
  }

  private static func read(
    _ task: JSONNode, _ file: String, _ needsChoice: Bool, _ collector: inout AnnotationCollector
  ) {
    let title = "task \(task["id"]?.integer.map(String.init) ?? "without id")"
    guard let path = image(of: task, title, file, &collector) else { return }
    guard let annotation = annotations(task).first(where: { $0["was_cancelled"]?.bool != true }) else {
      return collector.notAnnotated(
        path, file, task.line, "\(title) (\(path)) was not annotated and is not trained on", "annotate it")
    }
    guard let results = annotation["result"]?.array else {
      return collector.reject(
        path, file, annotation.line, "the annotation of \(title) has no list result", "export it again", .unknownForm)
    }
    if results.isEmpty, needsChoice {
      return collector.notAnnotated(path, file, task.line, "\(title) (\(path)) has no choice", "choose its class")
    }
    // A region and its class may come in two results of one id.
    var classes: [String: [String]] = [:]
    for result in results {
      guard let id = result["id"]?.string, let names = result["value"]?["labels"]?.array else { continue }
      classes[id, default: []] += names.compactMap(\.string).filter { !$0.isEmpty }
    }
    for result in results { add(result, classes, to: path, title, file, &collector) }
  }

  /// Exports name an image by its upload, a URL or a path of the server's storage.
  private static func image(
    of task: JSONNode, _ title: String, _ file: String, _ collector: inout AnnotationCollector
  ) -> String? {
    let data = task["data"]?.object ?? [:]
    let values = [data["image"]?.string, data["img"]?.string] + data.keys.sorted().map { data[$0]?.string }
    guard let reference = values.compactMap({ $0 }).first(where: { !$0.isEmpty }) else {
      collector.problem(file, task.line, "\(title) names no image in its data", "export it again", .imageNotFound)
      return nil
    }
    var text = reference
    if let query = text.range(of: "?d=") { text = String(text[query.upperBound...]) }
    text = text.removingPercentEncoding ?? text
    let last = text.replacing("\\", with: "/").lastPathComponent
    // Uploads have eight hexadecimal digits before the name.
    let plain = last.split(separator: "-", maxSplits: 1).map(String.init)
    let isPrefixed = plain.count == 2 && plain[0].count == 8 && plain[0].allSatisfy(\.isHexDigit)
    for name in [task["file_upload"]?.string, last, isPrefixed ? plain[1] : nil].compactMap({ $0 }) {
      if case .found(let path) = collector.index.find(name, in: ["", "images"]) {
        collector.change(path) { _ in }
        return path
      }
    }
    return collector.image(last, in: ["", "images"], file: file, line: task.line)
  }

  private static func add(
    _ result: JSONNode, _ classes: [String: [String]], to path: String, _ title: String, _ file: String,
    _ collector: inout AnnotationCollector
  ) {
    // What ties two regions together says nothing of a class.
    if result["type"]?.string == "relation" { return }
    guard let type = result["type"]?.string, let value = result["value"] else {
      return collector.reject(
        path, file, result.line, "a result of \(title) has no type or value", "export it again", .unknownForm)
    }
    let own = result["id"]?.string.flatMap { classes[$0] } ?? []
    if type == "choices" {
      guard let choices = value["choices"]?.array, !choices.isEmpty else {
        return collector.reject(
          path, file, result.line, "a choice of \(title) has no class", "choose one", .withoutClass)
      }
      for choice in choices {
        guard let name = choice.string, !name.isEmpty else {
          collector.reject(path, file, choice.line, "a choice of \(title) has no name", "correct it", .withoutClass)
          continue
        }
        collector.add(label: name, to: path)
      }
      return
    }
    let labels: [String]
    if let names = value[type]?.array, shapes.contains(type) {
      labels = names.compactMap(\.string).filter { !$0.isEmpty }
      guard labels.count == names.count else {
        return collector.reject(
          path, file, result.line, "a class of a \(type) of \(title) is no text", "correct it", .withoutClass)
      }
    } else {
      labels = own
      // The class of a region of the same id, or a note about it.
      if !own.isEmpty, !shapes.contains(type + "labels") {
        for name in own { collector.add(label: name, to: path) }
        return
      }
    }
    guard !labels.isEmpty else {
      let isShape = shapes.contains(type) || shapes.contains(type + "labels")
      return collector.reject(
        path, file, result.line,
        isShape ? "a \(type) of \(title) has no class" : "a \(type) of \(title) is no class that is read",
        isShape ? "give it one" : "mark it with choices or with labels", isShape ? .withoutClass : .unknownForm)
    }
    guard
      collector.check(
        path, width: result["original_width"]?.integer, height: result["original_height"]?.integer, file: file,
        line: result.line), let size = collector.size(of: path)
    else { return }
    do throws(RunLengthMask.Failure) {
      guard let shape = try shape(type, value, size) else {
        collector.problem(
          file, result.line, "\(type) of \(title) is no area: its class counts, its place does not", "draw a polygon",
          .maskMissing)
        return collector.change(path) {
          $0.labels.formUnion(labels)
          $0.lacksRegions = true
        }
      }
      for label in labels {
        collector.add(AnnotatedRegion(label: label, shape: shape), to: path, file: file, line: result.line)
      }
    } catch {
      collector.reject(path, file, result.line, "\(type) of \(title): \(error.cause)", "export it again")
    }
  }

  private static let shapes: Set<String> = [
    "rectanglelabels", "polygonlabels", "ellipselabels", "brushlabels", "keypointlabels", "bitmasklabels",
    "vectorlabels",
  ]

  /// - Returns: nil for what marks no area.
  private static func shape(
    _ type: String, _ value: JSONNode, _ size: (width: Int, height: Int)
  ) throws(RunLengthMask.Failure) -> AnnotatedRegion.Shape? {
    let (w, h) = (Double(size.width) / 100, Double(size.height) / 100)
    func number(_ key: String) throws(RunLengthMask.Failure) -> Double {
      guard let number = value[key]?.number else { throw RunLengthMask.Failure(cause: "\(key) is missing") }
      return number
    }
    func rotation() throws(RunLengthMask.Failure) -> Double {
      guard let node = value["rotation"] else { return 0 }
      if case .null = node.value { return 0 }
      guard let number = node.number else { throw RunLengthMask.Failure(cause: "rotation is not a number") }
      return number
    }
    switch type.hasSuffix("labels") ? type : type + "labels" {
    case "rectanglelabels":
      let box = PixelRectangle(
        x: try number("x") * w, y: try number("y") * h, width: try number("width") * w, height: try number("height") * h
      )
      let turn = try rotation() * .pi / 180
      guard turn != 0 else { return .box(box) }
      // Turned clockwise about the upper left corner, in pixels.
      let corners = [(0.0, 0.0), (box.width, 0), (box.width, box.height), (0, box.height)].map { x, y in
        PixelPoint(x: box.x + x * cos(turn) - y * sin(turn), y: box.y + x * sin(turn) + y * cos(turn))
      }
      return .polygons([corners])
    case "polygonlabels":
      let points = value["points"]?.array?.map(\.numbers) ?? []
      guard !points.contains(where: { $0?.count != 2 }) else {
        throw RunLengthMask.Failure(cause: "its points are not pairs of numbers")
      }
      return .polygons([points.compactMap { $0 }.map { PixelPoint(x: $0[0] * w, y: $0[1] * h) }])
    case "ellipselabels":
      let (x, y) = (try number("x") * w, try number("y") * h)
      let (a, b) = (try number("radiusX") * w, try number("radiusY") * h)
      let turn = try rotation() * .pi / 180
      let corners = (0..<64).map { step in
        let angle = Double(step) * .pi / 32
        return PixelPoint(
          x: x + a * cos(angle) * cos(turn) - b * sin(angle) * sin(turn),
          y: y + a * cos(angle) * sin(turn) + b * sin(angle) * cos(turn))
      }
      return .polygons([corners])
    case "brushlabels":
      let bytes = value["rle"]?.array?.map { $0.integer.flatMap { UInt8(exactly: $0) } } ?? []
      guard !bytes.isEmpty, !bytes.contains(nil) else {
        throw RunLengthMask.Failure(cause: "its rle is not a list of bytes")
      }
      return .runs(try RunLengthMask(packed: bytes.compactMap { $0 }, width: size.width, height: size.height))
    default: return nil
    }
  }
}
