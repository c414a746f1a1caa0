import AssayBase
import Foundation

/// Files that look like annotations and belong to no layout that is read. Without them the images would be learned as
/// something that nobody said, so they are an error.
enum UnknownAnnotations {
  /// - Throws: ``DataError`` that names the first of them.
  static func check(_ tree: FileTree) throws(DataError) {
    guard let found = find(tree) else { return }
    throw DataError(path: "\(tree.root)/\(found.file)", cause: found.cause, remedy: found.remedy)
  }

  static func areSuspected(_ tree: FileTree) -> Bool { find(tree) != nil }

  /// What stands beside the images and was looked into, and is no annotation.
  static func ignored(_ tree: FileTree) -> DataNote? {
    let files = tree.files(ending: [
      "json", "jsonl", "ndjson", "xml", "csv", "tsv", "xls", "xlsx", "ods", "mat", "npy", "pkl",
    ])
    guard !files.isEmpty else { return nil }
    return DataNote(
      .ignored, "\(Wording.count(files.count, "file")) beside the images ignored: \(Wording.list(files))",
      count: files.count, names: files)
  }

  private struct Finding {
    let file: String
    let cause: String
    let remedy: String
  }

  private static let convert =
    "export as COCO, YOLO, Pascal VOC, CVAT, Label Studio, Datumaro or labelme, or list the images in a CSV with the "
    + "columns path,label; move it elsewhere if it is no annotation"

  private static func find(_ tree: FileTree) -> Finding? {
    let images = tree.images(in: "")
    guard !images.isEmpty else { return nil }
    let isPlain = isPlain(tree)
    let names = Set(images.map { $0.lastPathComponent.lowercased() })
    let stems = Set(images.map { FileTree.stem($0).lowercased() })
    for file in tree.files where !FileTree.isImage(file) {
      let suffix = file.pathExtension.lowercased()
      let stem = FileTree.stem(file).lowercased()
      guard let cause = cause(tree, file, suffix, isSidecar: stems.contains(stem), isPlain: isPlain, names) else {
        continue
      }
      return Finding(file: file, cause: cause, remedy: convert)
    }
    return sidecars(tree, stems) ?? hidden(tree, isPlain) ?? (isPlain ? description(tree) : nil)
  }

  /// What stands in the place of annotations and cannot be opened hides what it holds.
  private static func hidden(_ tree: FileTree, _ isPlain: Bool) -> Finding? {
    let files: Set<String> = ["json", "xml", "csv", "tsv", "yaml", "yml"]
    for (path, cause) in tree.obstacles.sorted(by: { $0.key < $1.key }) {
      let isFile = files.contains(path.pathExtension.lowercased())
      let isFolder = cause == FileWalker.isFolder
      let isLabel = FolderNames.isOfAnnotations(path.lastPathComponent)
      if isFolder ? isFile && isPlain : isFile || isLabel {
        return Finding(
          file: path, cause: cause, remedy: "put the file in its place and make it readable, or move this elsewhere")
      }
    }
    return nil
  }

  /// A description of labels, of which there are none.
  private static func description(_ tree: FileTree) -> Finding? {
    let names = tree.files.filter { file in
      let name = file.lastPathComponent.lowercased()
      if YOLOLabels.nameFiles.contains(name) || name.hasSuffix(".names") || name == "obj.data" { return true }
      guard ["yaml", "yml"].contains(name.pathExtension) else { return false }
      return words(beginning(tree, file) ?? "names").isDisjoint(with: ["names", "nc", "train", "val"]) == false
    }
    let folders = tree.folders.filter {
      FolderNames.isOfAnnotations($0.lastPathComponent) && tree.images(in: $0).isEmpty
    }
    guard let file = names.first ?? folders.first else { return nil }
    return Finding(
      file: file, cause: "it belongs to labels, and there are none that can be read",
      remedy: "copy the labels too, or move this elsewhere if nothing is labelled")
  }

  /// Whether nothing else names a class: no folders, or one that is only a folder of images.
  private static func isPlain(_ tree: FileTree) -> Bool {
    let folders = tree.imageFolders(in: "").filter { !FolderNames.isOfAnnotations($0) }
    return folders.isEmpty || folders.allSatisfy { FolderNames.isNeutral($0) || SplitName.find($0) != nil }
  }

  private static func cause(
    _ tree: FileTree, _ file: String, _ suffix: String, isSidecar: Bool, isPlain: Bool, _ names: Set<String>
  ) -> String? {
    switch suffix {
    case "json", "jsonl", "ndjson", "json5":
      guard !isPlain, let text = beginning(tree, file) else { return unknown(tree, file) }
      let keys = words(text)
      if !keys.isDisjoint(with: AnnotationWords.geometry) || mentions(text, names) { return unknown(tree, file) }
      if isSidecar, !keys.isDisjoint(with: AnnotationWords.classes) { return unknown(tree, file) }
    case "xml":
      guard !isPlain, !isSidecar, let text = beginning(tree, file) else { return unknown(tree, file) }
      if !words(text).isDisjoint(with: AnnotationWords.geometry) || mentions(text, names) { return unknown(tree, file) }
    case "csv", "tsv":
      guard let text = beginning(tree, file) else { return isPlain ? unknown(tree, file) : nil }
      if mentions(text, names) {
        return "it names images, and its first line has no columns of paths and classes that are known"
      }
      // Nothing else says what the images show.
      if isPlain { return unknown(tree, file) }
    case "txt", "lst", "list", "tsd":
      guard let text = beginning(tree, file) else {
        return isSidecar || FolderNames.isOfMasks(file) ? "it looks like annotations and cannot be read as text" : nil
      }
      return listCause(text, file, names)
    case "xls", "xlsx", "ods", "mat", "npy", "npz", "pkl", "parquet", "h5", "hdf5", "tfrecord", "record", "db",
      "sqlite",
      "sqlite3":
      let isNamed = !words(FileTree.stem(file).replacing("_", with: " ")).isDisjoint(with: AnnotationWords.all)
      if isNamed || isPlain { return "it may hold what the images show, and .\(suffix) is not read" }
    default: break
    }
    return nil
  }

  private static func unknown(_ tree: FileTree, _ file: String) -> String {
    do throws(FileFailure) {
      _ = try tree.text(file)
      return "it may hold annotations, and its form is not known"
    } catch {
      return "it may hold annotations, and \(error.cause)"
    }
  }

  /// A list of images with something behind each name.
  private static func listCause(_ text: String, _ file: String, _ names: Set<String>) -> String? {
    let prose = ["readme", "license", "licence", "changelog", "notes"]
    guard !prose.contains(where: FileTree.stem(file).lowercased().hasPrefix) else { return nil }
    var named = 0
    var more = 0
    let lines = text.split(whereSeparator: \.isNewline).prefix(200)
    for line in lines {
      let trimmed = line.trimmingCharacters(in: .whitespaces)
      let fields = trimmed.split { $0 == "," || $0 == ";" || $0 == "\t" || $0 == " " }
      let whole = trimmed.replacing("\\", with: "/").lastPathComponent.lowercased()
      if names.contains(whole) {
        named += 1
      } else if fields.contains(where: { isName(String($0), names) }) {
        named += 1
        more += 1
      }
    }
    if more > 0, more * 2 >= named, named * 2 >= lines.count {
      return "it names images and says something of them in a form that is not known"
    }
    return nil
  }

  /// Texts that are called like images.
  private static func sidecars(_ tree: FileTree, _ stems: Set<String>) -> Finding? {
    let texts = tree.files(ending: ["txt"]).filter { stems.contains(FileTree.stem($0).lowercased()) }
    for file in texts {
      let lines: [(number: Int, text: String)]
      do throws(FileFailure) {
        lines = try tree.lines(file)
      } catch {
        return Finding(
          file: file, cause: "it is called like an image and cannot be read (\(error.cause))", remedy: error.remedy)
      }
      let isLabel = FolderNames.isOfMasks(file)
      let isMostlyNumbers =
        lines.first.map { line in
          let fields = line.text.split { $0 == "," || $0 == ";" || $0.isWhitespace }
          return fields.count >= 4 && fields.count { Double($0) != nil } * 4 >= fields.count * 3
        } ?? false
      if isMostlyNumbers || (isLabel && !lines.isEmpty) {
        return Finding(
          file: file, cause: "it is called like an image and holds no labels of a form that is known", remedy: convert)
      }
    }
    return nil
  }

  private static func isName(_ field: String, _ names: Set<String>) -> Bool {
    let last = field.replacing("\\", with: "/").lastPathComponent.lowercased()
    return names.contains(last)
  }

  /// The first megabyte as text; nil when it is none.
  private static func beginning(_ tree: FileTree, _ file: String) -> String? {
    (try? tree.text(file)).map { String($0.prefix(1 << 20)) }
  }

  /// Whether some name of an image stands in a text.
  private static func mentions(_ text: String, _ names: Set<String>) -> Bool {
    let pieces = text.split { ",;\t\"'<>[]{}()=".contains($0) || $0.isNewline }
    return pieces.contains { piece in
      let trimmed = piece.trimmingCharacters(in: .whitespaces)
      return isName(trimmed, names) || trimmed.split(separator: " ").contains { isName(String($0), names) }
    }
  }

  /// Words of a text, lower case.
  private static func words(_ text: String) -> Set<String> {
    Set(text.lowercased().split { !$0.isLetter && !$0.isNumber && $0 != "_" }.map(String.init))
  }
}
