import Foundation

/// A folder of images with a table beside them that names them: it says what the images show, whatever their folders are
/// called. Several tables are read together where their names say which split each is.
enum TableLayout {
  static func read(_ tree: FileTree) throws(DataError) -> Dataset? {
    let candidates = tree.files(ending: ["csv", "tsv"]).filter { $0.count(where: { $0 == "/" }) <= 2 }
    guard !candidates.isEmpty else { return nil }
    let index = ImageIndex(tree)
    var tables: [String] = []
    for file in candidates {
      let text: String
      do {
        text = try tree.text(file)
      } catch {
        // A table that cannot be read may be the one that says everything.
        throw error.error(in: tree)
      }
      let rows = CSVTable(text).rows
      guard let header = rows.first?.fields, TableColumns.isManifest(header),
        let column = TableColumns.canonical(header).firstIndex(of: "path")
      else { continue }
      let names = rows.dropFirst().prefix(1000).compactMap { $0.fields.count > column ? $0.fields[column] : nil }
      if names.contains(where: { isImage($0, beside: file, tree, index) }) { tables.append(file) }
    }
    guard let first = tables.first else { return nil }
    let splits = tables.map { SplitName.find(FileTree.stem($0)) ?? SplitName.find(inPath: FileTree.stem($0)) }
    guard tables.count == 1 || (Set(splits).count == tables.count && !splits.contains(nil)) else {
      throw DataError(
        path: tree.root, cause: "\(Wording.list(tables)) all name images",
        remedy: "name the table that counts instead of the folder, or call them train.csv, validation.csv and test.csv")
    }
    var dataset = try ManifestLayout.read(tree, file: first, split: tables.count > 1 ? splits[0] : nil)
    for (file, split) in zip(tables, splits).dropFirst() {
      let other = try ManifestLayout.read(tree, file: file, split: split)
      dataset.samples += other.samples
      dataset.problems += other.problems
      if dataset.offeredTasks.isEmpty { dataset.offeredTasks = other.offeredTasks }
    }
    // Names from the root of the folder, which is what was given.
    var renamed: [ExactName: String] = [:]
    for position in dataset.samples.indices where dataset.samples[position].path.hasPrefix(tree.root + "/") {
      let name = String(dataset.samples[position].path.dropFirst(tree.root.count + 1))
      renamed[ExactName(dataset.samples[position].name)] = name
      dataset.samples[position].name = name
    }
    dataset.problems = dataset.problems.map { problem in
      guard let name = problem.image.flatMap({ renamed[ExactName($0)] }) else { return problem }
      return DataProblem(
        file: problem.file, line: problem.line, cause: problem.cause, remedy: problem.remedy, kind: problem.kind,
        image: name)
    }
    dataset.root = tree.root
    let named = Set(dataset.samples.map { ExactName($0.name) })
    let unnamed = tree.images(in: "").filter { !named.contains(ExactName($0)) && !FolderNames.isOfMasks($0) }
    let masks = Set(
      dataset.samples.flatMap { [$0.mask].compactMap { $0 } + $0.regions.compactMap(\.file) }.map(ExactName.init))
    for image in unnamed where !masks.contains(ExactName(tree.root + "/" + image)) {
      dataset.problems.append(
        DataProblem(
          file: image, cause: "\(Wording.list(tables)) does not name it, so nothing is known of it",
          remedy: "add a line for it, or take it out of the folder", kind: .notAnnotated, image: image))
    }
    dataset.problems = tree.problems + dataset.problems
    dataset.notes = [
      DataNote(.layout, "\(Wording.list(tables)) says what the images show, by its columns of paths and classes")
    ]
    return dataset
  }

  private static func isImage(_ name: String, beside file: String, _ tree: FileTree, _ index: ImageIndex) -> Bool {
    let name = name.trimmingCharacters(in: .whitespaces)
    guard !name.isEmpty else { return false }
    if case .found = index.find(name, in: [FileTree.folder(file), ""]) { return true }
    if !name.contains("/"), !FileTree.isImage(name), case .found = index.find(stem: FileTree.stem(name + ".x"), in: [])
    {
      return true
    }
    return false
  }
}
