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
    let files = Set(tree.files)
    var samples =
      ClassFoldersLayout.samples(tree, in: "train", split: .train)
      + ClassFoldersLayout.samples(tree, in: "validation", split: .validation)
    var problems = tree.problems
    for sample in ClassFoldersLayout.samples(tree, in: test, split: .test) where sample.label != "ground_truth" {
      var sample = sample
      if let label = sample.label, label != "good" {
        let mask = "\(truth)/\(label)/\(FileTree.stem(sample.name))_mask.png"
        if files.contains(mask) {
          sample.mask = tree.root + "/" + mask
        } else {
          problems.append(DataProblem(file: sample.name, cause: "it has no mask \(mask)", remedy: "copy the mask too"))
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

  static func read(_ tree: FileTree) -> Dataset? {
    let top = tree.imageFolders(in: "")
    if isClass(tree, "") { return dataset(tree, classes: [""]) }
    let classes = top.filter { isClass(tree, $0 + "/") }
    return classes.isEmpty ? nil : dataset(tree, classes: classes.map { $0 + "/" })
  }

  private static func isClass(_ tree: FileTree, _ prefix: String) -> Bool {
    ["Train", "Test"].contains { split in
      tree.files.contains { $0.hasPrefix("\(prefix)\(split)/Label/") }
    }
  }

  private static func dataset(_ tree: FileTree, classes: [String]) -> Dataset {
    let files = Set(tree.files)
    var samples: [Sample] = []
    var problems = tree.problems
    for prefix in classes {
      for folder in ["Train", "Test"] {
        let path = prefix + folder
        let table = files.contains(path + "/Label/Labels.txt") ? labels(tree.root + "/\(path)/Label/Labels.txt") : [:]
        for name in tree.images(in: path) where !name.dropFirst(path.count + 1).contains("/") {
          let stem = FileTree.stem(name)
          let mask = ["PNG", "png"].map { "\(path)/Label/\(stem)_label.\($0)" }.first(where: files.contains)
          let isDefective = table[stem] ?? (mask != nil)
          if isDefective, mask == nil {
            problems.append(
              DataProblem(file: name, cause: "it has no mask \(stem)_label.PNG", remedy: "copy the mask too"))
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
  private static func labels(_ path: String) -> [String: Bool] {
    guard let text = FileTree.text(path) else { return [:] }
    var result: [String: Bool] = [:]
    for line in text.split(whereSeparator: \.isNewline) {
      let fields = line.split(whereSeparator: \.isWhitespace)
      guard fields.count >= 3 else { continue }
      result[FileTree.stem(String(fields[2]))] = fields[1] == "1"
    }
    return result
  }
}
