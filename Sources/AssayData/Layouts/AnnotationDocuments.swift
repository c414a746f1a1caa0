import Foundation

/// Finds annotation files in JSON below a folder, and reads them.
enum AnnotationDocuments {
  private struct Document {
    let file: String
    let root: JSONNode
  }

  /// - Throws: ``DataError`` for a file of annotations that is damaged or of a form that is not read.
  static func read(_ tree: FileTree, only file: String? = nil) throws(DataError) -> Dataset? {
    if let file {
      let root: JSONNode
      do { root = try tree.json(file) } catch { throw error.error(in: tree) }
      return try read(tree, [Document(file: file, root: root)], only: file)
    }
    let candidates = tree.files(ending: ["json"])
    var documents: [Document] = []
    var failures: [FileFailure] = []
    for name in candidates where mentionsAnnotations(tree.root + "/" + name) {
      do throws(FileFailure) {
        documents.append(Document(file: name, root: try tree.json(name)))
      } catch {
        failures.append(error)
      }
    }
    if documents.contains(where: { LabelmeLayout.isLabelme($0.root) }) {
      let others = Set(documents.filter { !LabelmeLayout.isLabelme($0.root) }.map { ExactName($0.file) })
      let silent = candidates.filter { name in
        !documents.contains { $0.file == name } && !failures.contains { $0.file == name }
      }
      return LabelmeLayout.read(
        tree, documents.filter { !others.contains(ExactName($0.file)) }.map { ($0.file, $0.root) },
        others: others.map(\.text) + silent, failures: failures)
    }
    if let failure = failures.first { throw failure.error(in: tree) }
    return try read(tree, documents, only: nil)
  }

  private static func read(_ tree: FileTree, _ documents: [Document], only file: String?) throws(DataError) -> Dataset?
  {
    let coco = documents.filter { COCOLayout.isCOCO($0.root) }
    if !coco.isEmpty { return COCOLayout.read(tree, coco.map { ($0.file, $0.root) }) }
    let datumaro = documents.filter { DatumaroLayout.isDatumaro($0.root) }
    if !datumaro.isEmpty { return DatumaroLayout.read(tree, datumaro.map { ($0.file, $0.root) }) }
    let exports = documents.filter { LabelStudioLayout.isExport($0.root) }
    if let export = exports.first {
      guard exports.count == 1 else {
        throw DataError(
          path: tree.root, cause: "\(Wording.list(exports.map(\.file))) are Label Studio's exports, each of them whole",
          remedy: "name the one that counts")
      }
      return LabelStudioLayout.read(tree, file: export.file, export.root)
    }
    for document in documents where LabelStudioLayout.isMinimal(document.root) {
      throw DataError(
        path: tree.root + "/" + document.file,
        cause: "it is Label Studio's smaller export, without the sizes of images",
        remedy: "export as JSON instead of JSON-MIN")
    }
    if let file, let document = documents.first {
      guard LabelmeLayout.isLabelme(document.root) else {
        throw DataError(
          path: tree.root + "/" + file,
          cause: "it is none of the JSON that is read: COCO, Label Studio, Datumaro, labelme",
          remedy: "export as COCO or as JSON")
      }
      return LabelmeLayout.read(tree, [(file, document.root)], others: [], failures: [])
    }
    return nil
  }

  /// Whether it is worth parsing: other files of a data set may be JSON too.
  private static func mentionsAnnotations(_ path: String) -> Bool {
    var status = stat()
    // What is too large is refused by name, and not searched through.
    guard stat(path, &status) == 0, status.st_size <= FileTree.limit(path),
      let data = try? Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe)
    else { return true }
    // UTF-16 by its mark: read it to see.
    if data.starts(with: [0xFF, 0xFE]) || data.starts(with: [0xFE, 0xFF]) { return true }
    return ["\"annotations\"", "\"completions\"", "\"categories\"", "\"annotation_id\"", "\"shapes\""].contains {
      data.range(of: Data($0.utf8)) != nil
    }
  }
}
