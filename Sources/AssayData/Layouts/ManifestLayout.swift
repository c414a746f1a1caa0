import AssayBase
import Foundation

/// A CSV file (RFC 4180) with a header row and the columns `path`, `label` and, if wanted, `split`, `group` and `mask`.
/// Instead of `label` a column `labels` may list several classes of defect, separated by `;`, empty or `good` for a good
/// image; columns `mask:CLASS` name a mask for each class.
/// Instead of `label`, or beside it, any number of columns `label:NAME`, `level:NAME` and `score:NAME` (``TaskColumn``);
/// an empty field is a target that is not known. Other columns become annotations. Relative paths start at the CSV's
/// folder.
enum ManifestLayout {
  /// The name of the table that a conversion to CSV writes.
  static let ownName = "manifest.csv"

  /// - Parameter reader: makes a text of the file.
  static func read(file: String, reader: TextReader = TextReader()) throws(DataError) -> Dataset {
    let name = file.lastPathComponent
    let tree = FileTree(file.deletingLastPathComponent, reader: reader)
    return try read(tree, file: name)
  }

  /// - Parameter file: relative to the tree's root; relative paths start at its folder.
  static func read(_ tree: FileTree, file name: String, split: Split? = nil) throws(DataError) -> Dataset {
    let file = tree.root + "/" + name
    let text: String
    do { text = try tree.text(name) } catch { throw error.error(in: tree) }
    let table = try CSVTable.checked(text, path: file)
    guard let header = table.rows.first else {
      throw DataError(path: file, cause: "it is empty", remedy: "begin with a line path,label")
    }
    let columns = TableColumns.canonical(header.fields)
    let tasks = try TaskColumn.find(
      in: columns.enumerated().map { $1 == "label" ? "label" : header.fields[$0] }, file: file)
    let labelColumn = columns.firstIndex(of: "label")
    let severalColumn = columns.firstIndex(of: "labels")
    guard let pathColumn = columns.firstIndex(of: "path"), labelColumn != nil || severalColumn != nil || !tasks.isEmpty
    else {
      throw DataError(
        path: file,
        cause: "its first line is \(header.fields.joined(separator: ",")), without the columns path and label",
        remedy: "begin with a line path,label[,split][,group][,mask]")
    }
    guard severalColumn == nil || (labelColumn == nil && tasks.isEmpty) else {
      throw DataError(
        path: file, cause: "it has a column labels beside label or task columns", remedy: "keep one kind of them")
    }
    let index = ImageIndex(tree)
    let root = file.deletingLastPathComponent
    var samples: [Sample] = []
    var problems: [DataProblem] = []
    var seen: [ExactName: Int] = [:]
    for row in table.rows.dropFirst() where row.fields != [""] {
      func problem(
        _ cause: String, _ remedy: String, _ kind: DataProblem.Kind = .invalidValue, image: String? = nil
      ) {
        problems.append(
          DataProblem(file: name, line: row.line, cause: cause, remedy: remedy, kind: kind, image: image))
      }
      guard row.fields.count == columns.count else {
        problem(
          "\(row.fields.count) fields, the header has \(columns.count)", "quote fields that contain commas",
          .unknownForm)
        continue
      }
      func field(_ column: Int?) -> String? {
        column.map { row.fields[$0].trimmingCharacters(in: .whitespaces) }.flatMap { $0.isEmpty ? nil : $0 }
      }
      guard let named = field(pathColumn) else {
        problem("the path is empty", "name the image's file", .imageNotFound)
        continue
      }
      guard let (relative, path) = place(named, root, tree, index) else {
        problem(
          "there is no file \(named)", "correct the path, which is relative to the CSV's folder", .imageNotFound)
        continue
      }
      guard seen[ExactName(path)] == nil else {
        let other = samples.firstIndex { $0.path.utf8.elementsEqual(path.utf8) }
        let own = severalColumn.map { SeveralLabels.joined(SeveralLabels.parse(row.fields[$0])) } ?? field(labelColumn)
        let isOther = other.map { samples[$0].label != own && tasks.isEmpty } ?? false
        problem(
          "\(relative) was named before" + (isOther ? ", with another class" : ""), "keep one of the lines",
          .contradiction,
          image: isOther || other == nil ? relative : nil)
        // Which of the two is right cannot be known.
        if isOther, let other { samples.remove(at: other) }
        continue
      }
      seen[ExactName(path)] = row.line
      var given = split
      if let text = field(columns.firstIndex(of: "split")) {
        given = SplitName.find(text)
        if given == nil {
          problem("the split \(text) is none of train, validation and test", "correct it", image: relative)
          continue
        }
      }
      if !table.isEnded, row.line == table.rows.last?.line, let column = severalColumn,
        row.fields[column].allSatisfy(\.isWhitespace)
      {
        // Whether it has no class, or was cut off before one, cannot be told.
        problem("the last line ends without a class", "end the file with a line break", .unknownForm, image: relative)
        continue
      }
      var mask = field(columns.firstIndex(of: "mask")).map { place($0, root, tree, index)?.path ?? absolute($0, root) }
      if let found = mask, !FileManager.default.fileExists(atPath: found) {
        problem("there is no mask \(found)", "correct the path", .maskMissing)
        mask = nil
      }
      let labels = severalColumn.map { SeveralLabels.parse(row.fields[$0]) }
      let label = labels.map(SeveralLabels.joined) ?? field(labelColumn)
      var regions: [AnnotatedRegion] = []
      for (column, title) in header.fields.enumerated() {
        guard let name = SeveralLabels.maskClass(title),
          let path = field(column).map({ place($0, root, tree, index)?.path ?? absolute($0, root) })
        else {
          continue
        }
        guard FileManager.default.fileExists(atPath: path) else {
          problem("there is no mask \(path)", "correct the path", .maskMissing)
          continue
        }
        regions.append(AnnotatedRegion(label: name, shape: .file(path)))
      }
      var targets: [String: TaskTarget] = [:]
      for task in tasks {
        guard let text = field(task.index) else { continue }
        targets[task.name] = task.target(text)
        if targets[task.name] == nil {
          problem("the \(task.name) of \(relative) is \(text), not a number", "write it like 3.5, or leave it empty")
        }
      }
      if tasks.isEmpty ? label == nil : targets.isEmpty {
        problem("\(relative) has no label and is not trained on", "fill in its label", .withoutClass, image: relative)
      }
      var annotations: [String: String] = [:]
      for (column, title) in columns.enumerated()
      where !known.contains(title) && !TaskColumn.isTask(title) && SeveralLabels.maskClass(title) == nil
        && !title.isEmpty
      {
        annotations[title] = field(column)
      }
      samples.append(
        Sample(
          path: path, name: relative, label: label, split: given, group: field(columns.firstIndex(of: "group")),
          mask: mask, annotations: annotations, targets: targets, labels: labels, regions: regions))
    }
    var dataset = Dataset(
      root: root, layout: .manifest, classes: [], goodClass: nil, samples: samples, problems: problems)
    dataset.offeredTasks = tasks.map { TaskDescription(name: $0.name, kind: $0.kind) }
    return dataset
  }

  private static let known: Set<String> = ["path", "label", "labels", "split", "group", "mask"]

  /// A file that a field names, in the spelling of the disk: below the table's folder, else below the tree's root, else
  /// wherever it is.
  private static func place(
    _ name: String, _ root: String, _ tree: FileTree, _ index: ImageIndex
  ) -> (name: String, path: String)? {
    let path = absolute(name, root)
    if FileManager.default.fileExists(atPath: path) {
      // Two spellings look the same to a comparison; only one of them may be there.
      return (name, path)
    }
    let inside = path.hasPrefix(tree.root + "/") ? String(path.dropFirst(tree.root.count + 1)) : nil
    if let own = inside.flatMap(tree.own) { return (own, tree.root + "/" + own) }
    let slashed = name.replacing("\\", with: "/")
    guard !slashed.hasPrefix("/"), !slashed.contains("../") else { return nil }
    if let own = tree.own(slashed) { return (own, tree.root + "/" + own) }
    // Only a name without folders may be anywhere: a folder that is not there is a mistake.
    guard !slashed.contains("/") else { return nil }
    if case .found(let own) = index.find(slashed) { return (own, tree.root + "/" + own) }
    // Some tables leave the extension out.
    guard !FileTree.isImage(slashed), case .found(let own) = index.find(stem: FileTree.stem(slashed + ".x"), in: [])
    else { return nil }
    return (own, tree.root + "/" + own)
  }

  private static func absolute(_ path: String, _ root: String) -> String {
    let slashed = path.replacing("\\", with: "/")
    return slashed.hasPrefix("/") ? slashed : ((root + "/" + slashed) as NSString).standardizingPath
  }
}
