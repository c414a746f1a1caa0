/// One folder for each class, with or without `train`, `validation` and `test` above them.
enum ClassFoldersLayout {
  private static let splitNames: [String: Split] = [
    "train": .train, "training": .train, "val": .validation, "valid": .validation, "validation": .validation,
    "test": .test, "testing": .test,
  ]

  static func read(_ tree: FileTree) -> Dataset? {
    let folders = tree.imageFolders(in: "")
    let splits = folders.filter { splitNames[$0.lowercased()] != nil }
    if splits.contains(where: { !tree.imageFolders(in: $0).isEmpty }) {
      let samples = splits.flatMap { folder in
        Self.samples(tree, in: folder, split: splitNames[folder.lowercased()])
      }
      let others = folders.filter { splitNames[$0.lowercased()] == nil }
      let ignored = others.map {
        DataProblem(
          file: $0, cause: "the folder stands beside the splits and is ignored", remedy: "move it into a split")
      }
      return dataset(tree, samples, ignored)
    }
    guard !folders.isEmpty else { return nil }
    let loose = tree.images(in: "").filter { !$0.contains("/") }.map {
      DataProblem(file: $0, cause: "the image is in no class folder and is ignored", remedy: "move it into one")
    }
    return dataset(tree, Self.samples(tree, in: "", split: nil), loose)
  }

  static func samples(_ tree: FileTree, in folder: String, split: Split?) -> [Sample] {
    tree.imageFolders(in: folder).flatMap { name in
      let path = folder.isEmpty ? name : folder + "/" + name
      return tree.images(in: path).map {
        Sample(path: tree.root + "/" + $0, name: $0, label: name, split: split)
      }
    }
  }

  private static func dataset(_ tree: FileTree, _ samples: [Sample], _ ignored: [DataProblem]) -> Dataset {
    Dataset(
      root: tree.root, layout: .classFolders, classes: [], goodClass: nil, samples: samples,
      problems: tree.problems + ignored)
  }
}

/// X-SDD (Feng et al. 2021): class folders below `datas`, beside a `readme.txt`.
enum XSDDLayout {
  static func read(_ tree: FileTree) -> Dataset? {
    let folders = tree.imageFolders(in: "")
    guard folders == ["datas"] else { return nil }
    let samples = ClassFoldersLayout.samples(tree, in: "datas", split: nil)
    guard !samples.isEmpty else { return nil }
    return Dataset(
      root: tree.root, layout: .xsdd, classes: [], goodClass: nil, samples: samples, problems: tree.problems)
  }
}

/// Magnetic tile defects (Huang et al. 2020): `MT_CLASS/Imgs/NAME.jpg` with a mask `NAME.png` beside each.
enum MagneticTileLayout {
  static func read(_ tree: FileTree) -> Dataset? {
    let folders = tree.imageFolders(in: "").filter { $0.hasPrefix("MT_") }
    guard !folders.isEmpty else { return nil }
    let files = Set(tree.files)
    var samples: [Sample] = []
    var problems = tree.problems
    for folder in folders {
      let photographs = tree.images(in: folder + "/Imgs").filter { $0.lowercased().hasSuffix(".jpg") }
      for name in photographs {
        let mask = name.dropLast(3) + "png"
        let hasMask = files.contains(String(mask))
        if !hasMask {
          problems.append(DataProblem(file: name, cause: "it has no mask \(mask)", remedy: "copy the mask too"))
        }
        samples.append(
          Sample(
            path: tree.root + "/" + name, name: name, label: folder, mask: hasMask ? tree.root + "/" + mask : nil))
      }
    }
    guard !samples.isEmpty else { return nil }
    return Dataset(
      root: tree.root, layout: .magneticTile, classes: [], goodClass: nil, samples: samples, problems: problems)
  }
}
