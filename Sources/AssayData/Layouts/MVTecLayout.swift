/// MVTec AD (Bergmann et al. 2019) and MVTec AD 2 (Heckler-Kram et al. 2025), one category.
///
/// - AD: `train/good`, `test/{good,DEFECT}`, `ground_truth/DEFECT/NAME_mask.png`.
/// - AD 2: `train/good`, `validation/good`, `test_public/{good,bad}`, `test_public/ground_truth/bad/NAME_mask.png`; the
///   private test sets have no labels and are left out.
enum MVTecLayout {
  static func read(_ tree: FileTree) -> Dataset? {
    guard tree.imageFolders(in: "train").contains("good") else { return nil }
    let folders = tree.imageFolders(in: "")
    let isSecond = folders.contains("test_public")
    let test = isSecond ? "test_public" : "test"
    let truth = isSecond ? "test_public/ground_truth" : "ground_truth"
    guard folders.contains(test), isSecond || folders.contains("ground_truth") else { return nil }
    var samples =
      ClassFoldersLayout.samples(tree, in: "train", split: .train)
      + ClassFoldersLayout.samples(tree, in: "validation", split: .validation)
    var problems = tree.problems
    for sample in ClassFoldersLayout.samples(tree, in: test, split: .test) where sample.label != "ground_truth" {
      var sample = sample
      if let label = sample.label, label != "good" {
        let mask = "\(truth)/\(label)/\(FileTree.stem(sample.name))_mask.png"
        if let own = tree.own(mask) {
          sample.mask = tree.root + "/" + own
        } else {
          problems.append(
            DataProblem(
              file: sample.name, cause: "it has no mask \(mask)", remedy: "copy the mask too", kind: .maskMissing))
        }
      }
      samples.append(sample)
    }
    return Dataset(
      root: tree.root, layout: isSecond ? .mvtec2 : .mvtec, classes: [], goodClass: "good", samples: samples,
      problems: problems)
  }
}

/// DAGM 2007: `{Train,Test}/NAME.PNG`, masks of ellipses `Label/NAME_label.PNG`, and `Label/Labels.txt` with number, 0 or 1,
/// image, 0 or 1, mask. `ClassN` is one texture; a folder of them holds them all.
enum DAGMLayout {
  private static let splits: [String: Split] = ["train": .train, "test": .test]

  /// - Throws: ``DataError`` for a `Labels.txt` that cannot be read.
  static func read(_ tree: FileTree) throws(DataError) -> Dataset? {
    let top = tree.imageFolders(in: "")
    if isClass(tree, "") { return try dataset(tree, classes: [""]) }
    let classes = top.filter { isClass(tree, $0 + "/") }
    return classes.isEmpty ? nil : try dataset(tree, classes: classes.map { $0 + "/" })
  }

  private static func isClass(_ tree: FileTree, _ prefix: String) -> Bool {
    ["Train", "Test"].contains { split in
      tree.files.contains { $0.hasPrefix("\(prefix)\(split)/Label/") }
    }
  }

  private static func dataset(_ tree: FileTree, classes: [String]) throws(DataError) -> Dataset {
    var samples: [Sample] = []
    var problems = tree.problems
    for prefix in classes {
      for folder in ["Train", "Test"] {
        let path = prefix + folder
        let list = path + "/Label/Labels.txt"
        let others = tree.files(ending: ["txt"]).filter { FileTree.folder($0) == path + "/Label" }
        guard tree.own(list) != nil || others.isEmpty else {
          throw DataError(
            path: "\(tree.root)/\(others[0])", cause: "the list of \(path)/Label is called Labels.txt",
            remedy: "rename it")
        }
        let table = tree.own(list) == nil ? nil : try labels(tree, list, &problems)
        for name in tree.images(in: path) where !name.dropFirst(path.count + 1).contains("/") {
          let stem = FileTree.stem(name)
          let mask = ["PNG", "png"].lazy.compactMap { tree.own("\(path)/Label/\(stem)_label.\($0)") }.first
          // Where there is a list, an image that it does not name is not known to be good.
          guard let isDefective = table?[stem] ?? (mask != nil ? true : table == nil ? false : nil) else {
            problems.append(
              DataProblem(
                file: name, cause: "\(list) does not say whether it is defective",
                remedy: "write 0 or 1 before its name", kind: .notAnnotated, image: name))
            continue
          }
          if isDefective, mask == nil {
            problems.append(
              DataProblem(
                file: name, cause: "it has no mask \(stem)_label.PNG", remedy: "copy the mask too", kind: .maskMissing))
          }
          samples.append(
            Sample(
              path: tree.root + "/" + name, name: name, label: isDefective ? "defect" : "good",
              split: splits[folder.lowercased()], mask: isDefective ? mask.map { tree.root + "/" + $0 } : nil,
              annotations: prefix.isEmpty ? [:] : ["texture": String(prefix.dropLast())]))
        }
      }
    }
    return Dataset(
      root: tree.root, layout: .dagm, classes: [], goodClass: "good", samples: samples, problems: problems)
  }

  /// Whether each image, by its name without extension, is defective.
  private static func labels(
    _ tree: FileTree, _ file: String, _ problems: inout [DataProblem]
  ) throws(DataError) -> [String: Bool] {
    let lines: [(number: Int, text: String)]
    do { lines = try tree.lines(file) } catch { throw error.error(in: tree) }
    var result: [String: Bool] = [:]
    for line in lines {
      let fields = line.text.split(whereSeparator: \.isWhitespace)
      // The first line is a number alone.
      if fields.count == 1 { continue }
      guard fields.count >= 3, fields[1] == "0" || fields[1] == "1" else {
        problems.append(
          DataProblem(
            file: file, line: line.number, cause: "\(line.text) is not a number, 0 or 1, and an image",
            remedy: "mend the line", kind: .invalidValue))
        continue
      }
      result[FileTree.stem(String(fields[2]))] = fields[1] == "1"
    }
    return result
  }
}
