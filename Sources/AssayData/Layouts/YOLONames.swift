import AssayBase
import Foundation
import Yams

/// The names of YOLO's classes.
struct YOLONames {
  /// Relative to the root.
  let file: String
  let names: [Int: String]

  /// `data.yaml` before lists of names.
  /// - Returns: nil when there is no file of names.
  /// - Throws: ``DataError`` for a file that cannot be read or does not hold names as it should.
  static func read(_ tree: FileTree, index: ImageIndex) throws(DataError) -> YOLONames? {
    var nameless: DataError?
    for file in YOLOYAML.files(tree) {
      let document = try YOLOYAML.read(tree, file)
      guard let node = document["names"] else {
        if document.isAboutData { nameless = nameless ?? document.error("it has no key names", document.line) }
        continue
      }
      return YOLONames(file: file, names: try names(node, document))
    }
    if let listed = try lists(tree) { return listed }
    if let nameless { throw nameless }
    return nil
  }

  private static func names(_ node: Node, _ document: YOLOYAML) throws(DataError) -> [Int: String] {
    let line = node.mark?.line ?? document.line
    func name(_ item: Node) throws(DataError) -> String {
      guard let scalar = item.scalar, item.tag != Tag(.null), !scalar.string.allSatisfy(\.isWhitespace) else {
        throw document.error("a name is no text", item.mark?.line ?? line)
      }
      return scalar.string
    }
    var names: [Int: String] = [:]
    if let list = node.sequence {
      for (number, item) in list.enumerated() { names[number] = try name(item) }
    } else if let map = node.mapping {
      for (key, value) in map {
        guard let number = key.scalar.flatMap({ Int($0.string) }), number >= 0, names[number] == nil else {
          throw document.error(
            "the key \(key.scalar?.string ?? "of a name") is no number of a class of its own", key.mark?.line ?? line)
        }
        names[number] = try name(value)
      }
    } else {
      throw document.error("its names are \(node.scalar.map { "\"\($0.string)\"" } ?? "nothing")", line)
    }
    guard !names.isEmpty else { throw document.error("its list of names is empty", line) }
    return names
  }

  /// `classes.txt` and the like, one name a line, anywhere in the tree. Several must agree, or one begin like the other.
  private static func lists(_ tree: FileTree) throws(DataError) -> YOLONames? {
    var found: YOLONames?
    for file in tree.files {
      let last = file.lastPathComponent.lowercased()
      guard YOLOLabels.nameFiles.contains(last) || last.hasSuffix(".names") else { continue }
      let lines: [(number: Int, text: String)]
      do { lines = try tree.lines(file) } catch { throw error.error(in: tree) }
      // An empty line is a class without a name, and must not move the others.
      let names = Dictionary(uniqueKeysWithValues: lines.map { ($0.number - 1, $0.text) })
      if names.isEmpty || (last == "labels.txt" && lines.contains { YOLOLabels.isYOLO($0.text) }) { continue }
      guard let other = found else {
        found = YOLONames(file: file, names: names)
        continue
      }
      guard names.allSatisfy({ other.names[$0] == nil || other.names[$0] == $1 }) else {
        throw DataError(
          path: "\(tree.root)/\(file)", cause: "it names other classes than \(other.file)",
          remedy: "keep the one that is right")
      }
      if names.count > other.names.count { found = YOLONames(file: file, names: names) }
    }
    return found
  }
}

/// A `data.yaml`.
struct YOLOYAML {
  let path: String
  let file: String
  /// Of its first entry.
  let line: Int
  private let root: Node.Mapping

  /// Documents at the top and one folder below, `data.yaml` first.
  static func files(_ tree: FileTree) -> [String] {
    tree.files(ending: ["yaml", "yml"]).filter { $0.count(where: { $0 == "/" }) <= 1 }.sorted { a, b in
      func rank(_ file: String) -> (Int, Int, String) {
        (file.count(where: { $0 == "/" }), FileTree.stem(file).lowercased() == "data" ? 0 : 1, file)
      }
      return rank(a) < rank(b)
    }
  }

  static func read(_ tree: FileTree, _ file: String) throws(DataError) -> YOLOYAML {
    let path = "\(tree.root)/\(file)"
    let text: String
    do { text = try tree.text(file) } catch { throw error.error(in: tree) }
    let node: Node?
    do {
      node = try Yams.compose(yaml: text)
    } catch {
      var line: Int?
      if case .scanner(_, _, let mark, _) = error as? YamlError { line = mark.line }
      if case .parser(_, _, let mark, _) = error as? YamlError { line = mark.line }
      if case .composer(_, _, let mark, _) = error as? YamlError { line = mark.line }
      throw DataError(
        path: path + (line.map { ":\($0)" } ?? ""), cause: "it is not YAML", remedy: "mend it; \(form)")
    }
    guard let root = node?.mapping else {
      return YOLOYAML(path: path, file: file, line: 1, root: Node.Mapping([]))
    }
    let document = YOLOYAML(path: path, file: file, line: root.first?.key.mark?.line ?? 1, root: root)
    if let key = root.first(where: { $0.key.scalar?.string == "kpt_shape" })?.key {
      throw DataError(
        path: "\(path):\(key.mark?.line ?? 1)", cause: "the labels are key points", remedy: "export boxes or polygons")
    }
    return document
  }

  private static let form = "write names: [first, second], or below names: the lines 0: first and 1: second"

  subscript(_ key: String) -> Node? { root.first { $0.key.scalar?.string == key }?.value }

  /// Whether it is the description of a data set.
  var isAboutData: Bool {
    root.contains {
      ["names", "nc", "train", "val", "class_names", "classes"].contains($0.key.scalar?.string.lowercased())
    }
  }

  func error(_ cause: String, _ line: Int) -> DataError {
    DataError(path: "\(path):\(line)", cause: cause, remedy: Self.form)
  }

  /// Texts of a key: one, or each of a list.
  func texts(_ key: String) -> [String] {
    guard let node = self[key] else { return [] }
    if let list = node.sequence { return list.compactMap { $0.scalar?.string } }
    return node.scalar.map { $0.string.isEmpty || node.tag == Tag(.null) ? [] : [$0.string] } ?? []
  }
}
