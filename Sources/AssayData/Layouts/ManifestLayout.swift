import Foundation

/// A CSV file (RFC 4180) with a header row and the columns `path`, `label` and, if wanted, `split`, `group` and `mask`.
/// Instead of `label` a column `labels` may list several classes of defect, separated by `;`, empty or `good` for a good
/// image; columns `mask:CLASS` name a mask for each class.
/// Instead of `label`, or beside it, any number of columns `label:NAME`, `level:NAME` and `score:NAME` (``TaskColumn``);
/// an empty field is a target that is not known. Other columns become annotations. Relative paths start at the CSV's
/// folder.
enum ManifestLayout {
  static func read(file: String) throws(DataError) -> Dataset {
    let name = (file as NSString).lastPathComponent
    guard let data = FileManager.default.contents(atPath: file) else {
      throw DataError(path: file, cause: "it cannot be read", remedy: "make the file readable")
    }
    let table = CSVTable(String(decoding: data, as: UTF8.self))
    guard let header = table.rows.first else {
      throw DataError(path: file, cause: "it is empty", remedy: "begin with a line path,label")
    }
    let columns = header.fields.map { $0.trimmingCharacters(in: .whitespaces).lowercased() }
    let tasks = try TaskColumn.find(in: header.fields, file: file)
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
    let root = (file as NSString).deletingLastPathComponent
    var samples: [Sample] = []
    var problems: [DataProblem] = []
    var seen: Set<String> = []
    for row in table.rows.dropFirst() where row.fields != [""] {
      func problem(_ cause: String, _ remedy: String) {
        problems.append(DataProblem(file: name, line: row.line, cause: cause, remedy: remedy))
      }
      guard row.fields.count == columns.count else {
        problem("\(row.fields.count) fields, the header has \(columns.count)", "quote fields that contain commas")
        continue
      }
      func field(_ column: Int?) -> String? {
        column.map { row.fields[$0].trimmingCharacters(in: .whitespaces) }.flatMap { $0.isEmpty ? nil : $0 }
      }
      guard let relative = field(pathColumn) else {
        problem("the path is empty", "name the image's file")
        continue
      }
      let path = absolute(relative, root)
      guard FileManager.default.fileExists(atPath: path) else {
        problem("there is no file \(relative)", "correct the path, which is relative to the CSV's folder")
        continue
      }
      guard seen.insert(path).inserted else {
        problem("\(relative) was named before", "keep one of the lines")
        continue
      }
      var split: Split?
      if let text = field(columns.firstIndex(of: "split")) {
        split = splitNames[text.lowercased()]
        if split == nil {
          problem("the split \(text) is none of train, validation and test", "correct it")
          continue
        }
      }
      var mask = field(columns.firstIndex(of: "mask")).map { absolute($0, root) }
      if let found = mask, !FileManager.default.fileExists(atPath: found) {
        problem("there is no mask \(found)", "correct the path")
        mask = nil
      }
      let labels = severalColumn.map { SeveralLabels.parse(row.fields[$0]) }
      let label = labels.map(SeveralLabels.joined) ?? field(labelColumn)
      var regions: [AnnotatedRegion] = []
      for (column, title) in header.fields.enumerated() {
        guard let name = SeveralLabels.maskClass(title), let path = field(column).map({ absolute($0, root) }) else {
          continue
        }
        guard FileManager.default.fileExists(atPath: path) else {
          problem("there is no mask \(path)", "correct the path")
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
        problem("\(relative) has no label and is not trained on", "fill in its label")
      }
      var annotations: [String: String] = [:]
      for (column, title) in columns.enumerated()
      where !known.contains(title) && !TaskColumn.isTask(title) && SeveralLabels.maskClass(title) == nil {
        annotations[title] = field(column)
      }
      samples.append(
        Sample(
          path: path, name: relative, label: label, split: split, group: field(columns.firstIndex(of: "group")),
          mask: mask, annotations: annotations, targets: targets, labels: labels, regions: regions))
    }
    var dataset = Dataset(
      root: root, layout: .manifest, classes: [], goodClass: nil, samples: samples, problems: problems)
    dataset.offeredTasks = tasks.map { TaskDescription(name: $0.name, kind: $0.kind) }
    return dataset
  }

  private static let known: Set<String> = ["path", "label", "labels", "split", "group", "mask"]
  private static let splitNames: [String: Split] = [
    "train": .train, "training": .train, "val": .validation, "valid": .validation, "validation": .validation,
    "test": .test, "testing": .test,
  ]

  private static func absolute(_ path: String, _ root: String) -> String {
    let slashed = path.replacing("\\", with: "/")
    return slashed.hasPrefix("/") ? slashed : ((root + "/" + slashed) as NSString).standardizingPath
  }
}

/// Comma-separated values as RFC 4180 has them: quoted fields with commas, quotes and line breaks; CR, LF or both; a
/// byte order mark is skipped.
struct CSVTable {
  struct Row {
    /// 1-based line on which the row begins.
    let line: Int
    let fields: [String]
  }

  private(set) var rows: [Row] = []

  init(_ text: String) {
    var fields: [String] = []
    var field = ""
    var isQuoted = false
    var line = 1
    var rowLine = 1
    var scalars = Array(text.unicodeScalars)
    if scalars.first == "\u{FEFF}" { scalars.removeFirst() }
    var index = 0
    func finishRow(_ rows: inout [Row]) {
      rows.append(Row(line: rowLine, fields: fields + [field]))
      fields = []
      field = ""
    }
    while index < scalars.count {
      let scalar = scalars[index]
      let next = index + 1 < scalars.count ? scalars[index + 1] : nil
      index += 1
      if scalar == "\n" || (scalar == "\r" && next != "\n") { line += 1 }
      if isQuoted {
        if scalar == "\"", next == "\"" {
          field.unicodeScalars.append(scalar)
          index += 1
        } else if scalar == "\"" {
          isQuoted = false
        } else {
          field.unicodeScalars.append(scalar)
        }
      } else if scalar == "\"", field.isEmpty {
        isQuoted = true
      } else if scalar == "," {
        fields.append(field)
        field = ""
      } else if scalar == "\n" || scalar == "\r" {
        if scalar == "\r", next == "\n" { continue }
        finishRow(&rows)
        rowLine = line
      } else {
        field.unicodeScalars.append(scalar)
      }
    }
    if !field.isEmpty || !fields.isEmpty { finishRow(&rows) }
  }
}
