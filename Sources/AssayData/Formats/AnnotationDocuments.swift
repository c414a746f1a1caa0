import Foundation

/// Finds annotation files in JSON below a folder, and reads them.
enum AnnotationDocuments {
  /// - Throws: ``DataError`` for a file of annotations that is damaged or of a form that is not read.
  static func read(_ tree: FileTree, only file: String? = nil) throws(DataError) -> Dataset? {
    var coco: [(file: String, root: JSONNode)] = []
    let candidates = file.map { [$0] } ?? tree.files.filter { $0.lowercased().hasSuffix(".json") }
    for name in candidates where file != nil || mentionsAnnotations(tree.root + "/" + name) {
      let root = try AnnotationFile.json(tree.root + "/" + name)
      if COCOLayout.isCOCO(root) {
        coco.append((name, root))
      } else if LabelStudioLayout.isExport(root) {
        return LabelStudioLayout.read(tree, file: name, root)
      } else if LabelStudioLayout.isMinimal(root) {
        throw DataError(
          path: tree.root + "/" + name, cause: "it is Label Studio's smaller export, without the sizes of images",
          remedy: "export as JSON instead of JSON-MIN")
      }
    }
    if file != nil, coco.isEmpty {
      throw DataError(
        path: tree.root + "/" + (file ?? ""), cause: "it is neither COCO's nor Label Studio's JSON",
        remedy: "export as COCO or as JSON")
    }
    return coco.isEmpty ? nil : COCOLayout.read(tree, coco)
  }

  /// Whether it is worth parsing: other files of a data set may be JSON too.
  private static func mentionsAnnotations(_ path: String) -> Bool {
    guard let data = try? Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe) else { return false }
    return ["\"annotations\"", "\"completions\"", "\"categories\"", "\"annotation_id\""].contains {
      data.range(of: Data($0.utf8)) != nil
    }
  }
}
