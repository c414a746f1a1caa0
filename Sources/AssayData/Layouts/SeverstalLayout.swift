/// Severstal steel (Kaggle 2019): `train.csv` with ImageId, ClassId and EncodedPixels, or in the older form with
/// `ImageId_ClassId` and EncodedPixels; photographs of 1600 x 256 pixels in `train_images`. Runs go down the columns and
/// start at 1. Images that the table does not name are good.
enum SeverstalLayout {
  private static let table = "train.csv"
  private static let folder = "train_images"
  private static let classes = 1...4

  static func read(_ tree: FileTree) throws(DataError) -> Dataset? {
    guard tree.files.contains(table) else { return nil }
    let text: String
    do { text = try tree.text(table) } catch { throw error.error(in: tree) }
    let parsed = try CSVTable.checked(text, path: tree.root + "/" + table)
    let rows = parsed.rows
    let header = rows.first?.fields.map { $0.lowercased() } ?? []
    guard let runColumn = header.firstIndex(of: "encodedpixels") else { return nil }
    let columns: Columns
    if let joined = header.firstIndex(of: "imageid_classid") {
      columns = .joined(joined, runColumn)
    } else if let image = header.firstIndex(of: "imageid"), let label = header.firstIndex(of: "classid") {
      columns = .separate(image, label, runColumn)
    } else {
      return nil
    }
    var collector = AnnotationCollector(tree)
    let images = tree.images(in: folder).isEmpty ? tree.images(in: "") : tree.images(in: folder)
    for name in images where !name.hasPrefix("test_images/") { collector.change(name) { $0.sources.insert(table) } }
    var seen: Set<[String]> = []
    guard rows.count > 1 else {
      throw DataError(
        path: tree.root + "/" + table, cause: "it names no image", remedy: "copy the whole table")
    }
    // Images that it does not name are good, so none of its lines may be missing.
    if !parsed.isEnded {
      collector.doubt(
        table, rows.last?.line, "its last line does not end: the table may be cut off", "copy it again, or end the line"
      )
    }
    for row in rows.dropFirst() where row.fields != [""] {
      read(row, columns, count: header.count, &seen, &collector)
    }
    return collector.dataset(.severstal, nothingMarked: "train.csv marks nothing on them")
  }

  private enum Columns {
    case joined(Int, Int)
    case separate(Int, Int, Int)
  }

  private static func read(
    _ row: CSVTable.Row, _ columns: Columns, count: Int, _ seen: inout Set<[String]>,
    _ collector: inout AnnotationCollector
  ) {
    guard row.fields.count == count else {
      // Whichever image it is about must not pass for one on which nothing is marked.
      let cause = "\(row.fields.count) fields, the header has \(count)"
      let words = row.fields.flatMap { field in
        field.split(whereSeparator: \.isWhitespace).map(String.init)
          + (field.lastIndex(of: "_").map { [String(field[..<$0])] } ?? [])
      }
      var isFound = false
      for word in words where FileTree.isImage(word) {
        guard case .found(let path) = collector.index.find(word, in: [folder, ""]) else { continue }
        isFound = true
        collector.reject(path, table, row.line, cause, "mend the line", .unknownForm)
      }
      // With more fields than there are columns it may be two lines.
      if !isFound || row.fields.count > count { collector.doubt(table, row.line, cause, "mend the line") }
      return
    }
    let name: String
    let label: String
    let runs: String
    switch columns {
    case .separate(let image, let own, let run):
      (name, label, runs) = (row.fields[image], row.fields[own], row.fields[run])
    case .joined(let both, let run):
      guard let underscore = row.fields[both].lastIndex(of: "_") else {
        return collector.doubt(
          table, row.line, "\(row.fields[both]) is not an image and a class joined by _",
          "write it like 0002cc93b.jpg_1")
      }
      name = String(row.fields[both][..<underscore])
      label = String(row.fields[both][row.fields[both].index(after: underscore)...])
      runs = row.fields[run]
    }
    guard FileTree.isImage(name), !FileTree.stem(name).allSatisfy(\.isWhitespace) else {
      return collector.doubt(table, row.line, "\(name) is no name of an image", "correct it")
    }
    guard let path = collector.image(name, in: [folder, ""], file: table, line: row.line) else { return }
    guard let number = Int(label), classes.contains(number) else {
      return collector.reject(
        path, table, row.line, "the class \(label) of \(name) is none of 1, 2, 3 and 4", "correct it")
    }
    guard seen.insert([path, label]).inserted else {
      return collector.reject(
        path, table, row.line, "\(name) has a line for class \(number) already", "join the runs in one line")
    }
    guard !runs.allSatisfy(\.isWhitespace) else {
      // The older form has a line for every class, empty where there is no such defect. In the newer one a
      // class alone says that something is marked and not where.
      if case .joined = columns { return }
      return collector.reject(
        path, table, row.line, "\(name), class \(number), has no EncodedPixels", "complete the line", .unknownForm)
    }
    guard let size = collector.size(of: path) else { return }
    do throws(RunLengthMask.Failure) {
      let mask = try RunLengthMask(startsAndLengths: runs, width: size.width, height: size.height)
      collector.add(AnnotatedRegion(label: String(number), shape: .runs(mask)), to: path, file: table, line: row.line)
    } catch {
      collector.reject(path, table, row.line, "\(name), class \(number): \(error.cause)", "correct EncodedPixels")
    }
  }
}
