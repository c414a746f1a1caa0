import AssayBase
import Foundation

/// VisA (Zou et al. 2022): `OBJECT/Data/Images/{Normal,Anomaly}`, `OBJECT/Data/Masks/Anomaly/NAME.png`, and for all
/// objects `split_csv/1cls.csv` with the columns object, split, label, image and mask. One object is one category; its
/// folder is read with the table beside it. Without the table nothing is divided yet.
enum VisALayout {
  static func read(_ tree: FileTree) throws(DataError) -> Dataset? {
    guard tree.imageFolders(in: "Data/Images").contains("Normal") else { return nil }
    let parent = tree.root.deletingLastPathComponent
    let object = tree.root.lastPathComponent
    return try table(parent, object: object, tree) ?? folders(tree)
  }

  /// Names of the objects in a folder of categories.
  static func objects(_ tree: FileTree) -> [String] {
    tree.imageFolders(in: "").filter { tree.imageFolders(in: $0 + "/Data/Images").contains("Normal") }
  }

  private static func table(_ parent: String, object: String, _ tree: FileTree) throws(DataError) -> Dataset? {
    let file = parent + "/split_csv/1cls.csv"
    guard FileManager.default.fileExists(atPath: file) else { return nil }
    let text = try FileTree.text(path: file, tree.reader)
    let rows = try CSVTable.checked(text, path: file).rows
    guard let header = rows.first?.fields.map({ $0.lowercased() }),
      let objectColumn = header.firstIndex(of: "object"), let splitColumn = header.firstIndex(of: "split"),
      let labelColumn = header.firstIndex(of: "label"), let imageColumn = header.firstIndex(of: "image")
    else { return nil }
    let maskColumn = header.firstIndex(of: "mask")
    var samples: [Sample] = []
    var problems = tree.problems
    for row in rows.dropFirst() where row.fields.count >= header.count && row.fields[objectColumn] == object {
      let image = row.fields[imageColumn]
      let inside = String(image.dropFirst(object.count + 1))
      guard image.hasPrefix(object + "/"), let inside = tree.own(inside) else {
        problems.append(
          DataProblem(
            file: "1cls.csv", line: row.line, cause: "there is no file \(image)", remedy: "copy it or remove the line",
            kind: .imageNotFound))
        continue
      }
      let mask = maskColumn.map { row.fields[$0] }.flatMap { $0.isEmpty ? nil : $0 }
      // As every name of a table, it is looked up among the files of the folder.
      let ownMask = mask.flatMap { $0.hasPrefix(object + "/") ? tree.own(String($0.dropFirst(object.count + 1))) : nil }
      if let mask, ownMask == nil {
        problems.append(
          DataProblem(
            file: "1cls.csv", line: row.line, cause: "there is no mask \(mask) in \(object)",
            remedy: "copy it or correct the line", kind: .maskMissing, image: inside))
      }
      samples.append(
        Sample(
          path: tree.root + "/" + inside, name: inside,
          label: row.fields[labelColumn].lowercased() == "normal" ? "good" : "anomaly",
          split: row.fields[splitColumn] == "train" ? .train : .test,
          mask: ownMask.map { tree.root + "/" + $0 }))
    }
    guard !samples.isEmpty else { return nil }
    return Dataset(
      root: tree.root, layout: .visa, classes: [], goodClass: "good", samples: samples, problems: problems)
  }

  private static func folders(_ tree: FileTree) -> Dataset {
    let samples = ["Normal", "Anomaly"].flatMap { folder in
      tree.images(in: "Data/Images/" + folder).map { name in
        let mask = tree.own("Data/Masks/\(folder)/\(FileTree.stem(name)).png")
        return Sample(
          path: tree.root + "/" + name, name: name, label: folder == "Normal" ? "good" : "anomaly",
          mask: mask.map { tree.root + "/" + $0 })
      }
    }
    return Dataset(
      root: tree.root, layout: .visa, classes: [], goodClass: "good", samples: samples, problems: tree.problems)
  }
}
