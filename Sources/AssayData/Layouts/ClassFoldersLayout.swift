import AssayBase
import Foundation

/// One folder for each class, with or without `train`, `validation` and `test` above them.
enum ClassFoldersLayout {
  /// - Throws: ``DataError`` for folders that are no classes: images beside masks that no layout explains.
  static func read(_ tree: FileTree) throws(DataError) -> Dataset? {
    let base = base(tree)
    let folders = tree.imageFolders(in: base)
    guard !folders.isEmpty else { return nil }
    let splits = folders.filter { SplitName.find($0) != nil }
    if splits.contains(where: { !tree.imageFolders(in: FileTree.joined(base, $0)).isEmpty }) {
      return try divided(tree, base, folders, splits)
    }
    // Nothing but splits, or nothing but a folder of images: no class is named.
    guard splits.count < folders.count, !(folders.count == 1 && FolderNames.isNeutral(folders[0])) else { return nil }
    try checkMasks(tree, base, folders)
    var problems = loose(tree, base)
    for folder in splits {
      problems += tree.images(in: FileTree.joined(base, folder)).map {
        noClass($0, "it is in \(folder), and in no class folder there", "sort \(folder) into class folders")
      }
    }
    let classes = folders.filter { SplitName.find($0) == nil }
    let samples = classes.flatMap { self.samples(tree, in: base, class: $0, split: nil) }
    return dataset(tree, samples, problems + empty(tree, base), base, "each folder is a class")
  }

  static func samples(_ tree: FileTree, in folder: String, split: Split?) -> [Sample] {
    tree.imageFolders(in: folder).flatMap { samples(tree, in: folder, class: $0, split: split) }
  }

  private static func samples(_ tree: FileTree, in folder: String, class name: String, split: Split?) -> [Sample] {
    tree.images(in: FileTree.joined(folder, name)).map {
      Sample(path: tree.root + "/" + $0, name: $0, label: name, split: split)
    }
  }

  /// The folder that holds the class folders: what was unpacked may lie in one folder of its own.
  private static func base(_ tree: FileTree) -> String {
    var base = ""
    for _ in 0..<4 {
      let folders = tree.imageFolders(in: base)
      guard folders.count == 1, !tree.images(in: base).contains(where: { FileTree.folder($0) == base }) else { break }
      let next = FileTree.joined(base, folders[0])
      let inside = tree.imageFolders(in: next)
      let isHolder =
        FolderNames.isNeutral(folders[0]) || inside.contains { SplitName.find($0) != nil || GoodClass.isGood($0) }
      guard !inside.isEmpty, isHolder, SplitName.find(folders[0]) == nil, !GoodClass.isGood(folders[0]) else { break }
      base = next
    }
    return base
  }

  private static func divided(
    _ tree: FileTree, _ base: String, _ folders: [String], _ splits: [String]
  ) throws(DataError) -> Dataset {
    var samples: [Sample] = []
    var problems: [DataProblem] = []
    for folder in splits {
      let place = FileTree.joined(base, folder)
      let inside = tree.imageFolders(in: place)
      if inside.count == 1, FolderNames.isNeutral(inside[0]) {
        problems += tree.images(in: place).map {
          noClass($0, "\(folder)/\(inside[0]) is no class", "sort \(folder) into class folders")
        }
        continue
      }
      try checkMasks(tree, place, inside)
      samples += self.samples(tree, in: place, split: SplitName.find(folder))
      problems += tree.images(in: place).filter { FileTree.folder($0) == place }.map {
        noClass($0, "it is in \(folder), and in no class folder there", "move it into one")
      }
      problems += empty(tree, place)
    }
    for folder in folders where SplitName.find(folder) == nil {
      problems += tree.images(in: FileTree.joined(base, folder)).map {
        DataProblem(
          file: FileTree.joined(base, folder), cause: "the folder stands beside the splits and is ignored",
          remedy: "move it into a split", kind: .noClassFolder, image: $0)
      }
    }
    return dataset(
      tree, samples, problems + loose(tree, base), base,
      "each folder in \(Wording.list(splits)) is a class")
  }

  /// Images beside the class folders.
  private static func loose(_ tree: FileTree, _ base: String) -> [DataProblem] {
    tree.images(in: "").filter { FileTree.folder($0) == base || !($0.hasPrefix(base + "/") || base.isEmpty) }.map {
      noClass($0, "the image is in no class folder and is ignored", "move it into one")
    }
  }

  private static func noClass(_ image: String, _ cause: String, _ remedy: String) -> DataProblem {
    DataProblem(file: image, cause: cause, remedy: remedy, kind: .noClassFolder, image: image)
  }

  /// Folders where classes are, without an image.
  private static func empty(_ tree: FileTree, _ base: String) -> [DataProblem] {
    let images = Set(tree.imageFolders(in: base))
    return tree.folders.filter { FileTree.folder($0) == base }.compactMap { folder in
      let name = folder.lastPathComponent
      guard !images.contains(name), !FolderNames.isOfAnnotations(name), SplitName.find(name) == nil else { return nil }
      return DataProblem(
        file: folder, cause: "the folder holds no image that is read, so there is no class \(name)",
        remedy: "put images into it or remove it", kind: .emptyClass)
    }
  }

  /// Folders of masks beside folders of images are no classes.
  private static func checkMasks(_ tree: FileTree, _ base: String, _ folders: [String]) throws(DataError) {
    for folder in folders where FolderNames.isOfAnnotations(folder) {
      let masks = tree.images(in: FileTree.joined(base, folder)).map { YOLOLabels.look(FileTree.stem($0)) }
      let others = folders.filter { $0 != folder }.flatMap { tree.images(in: FileTree.joined(base, $0)) }
      let stems = Set(others.map { YOLOLabels.look(FileTree.stem($0)) })
      let paired = masks.count { mask in
        stems.contains(mask)
          || ["mask", "gt", "label", "seg"].contains {
            mask.hasSuffix($0) && stems.contains(String(mask.dropLast($0.count)))
          }
      }
      let isPlain = folders.count == 2 && folders.contains(where: FolderNames.isNeutral)
      guard paired * 2 < masks.count, !isPlain else {
        throw DataError(
          path: FileTree.joined(FileTree.joined(tree.root, base), folder),
          cause: "it holds masks of the images beside it, and which class they are is not said",
          remedy: "list the images in a CSV with the columns path,label,mask, or arrange them as MVTec AD does")
      }
    }
  }

  private static func dataset(
    _ tree: FileTree, _ samples: [Sample], _ problems: [DataProblem], _ base: String, _ reason: String
  ) -> Dataset {
    var dataset = Dataset(
      root: tree.root, layout: .classFolders, classes: [], goodClass: nil, samples: samples,
      problems: tree.problems + problems)
    let place = base.isEmpty ? "" : ", below \(base)"
    dataset.notes = tree.notes + [DataNote(.layout, reason + place + ", and nothing looks like annotations")]
    return dataset
  }
}

/// X-SDD (Feng et al. 2021): class folders below `datas`, beside a `readme.txt`.
enum XSDDLayout {
  static func read(_ tree: FileTree) -> Dataset? {
    let folders = tree.imageFolders(in: "")
    guard folders == ["datas"] else { return nil }
    let samples = ClassFoldersLayout.samples(tree, in: "datas", split: nil)
    guard !samples.isEmpty, !UnknownAnnotations.areSuspected(tree) else { return nil }
    return Dataset(
      root: tree.root, layout: .xsdd, classes: [], goodClass: nil, samples: samples, problems: tree.problems)
  }
}

/// Magnetic tile defects (Huang et al. 2020): `MT_CLASS/Imgs/NAME.jpg` with a mask `NAME.png` beside each.
enum MagneticTileLayout {
  static func read(_ tree: FileTree) -> Dataset? {
    let folders = tree.imageFolders(in: "").filter { $0.hasPrefix("MT_") }
    guard !folders.isEmpty else { return nil }
    var samples: [Sample] = []
    var problems = tree.problems
    for folder in folders {
      let photographs = tree.images(in: folder + "/Imgs").filter { $0.lowercased().hasSuffix(".jpg") }
      for name in photographs {
        let mask = name.dropLast(3) + "png"
        let own = tree.own(String(mask))
        if own == nil {
          problems.append(
            DataProblem(file: name, cause: "it has no mask \(mask)", remedy: "copy the mask too", kind: .maskMissing))
        }
        samples.append(
          Sample(
            path: tree.root + "/" + name, name: name, label: folder, mask: own.map { tree.root + "/" + $0 }))
      }
    }
    guard !samples.isEmpty else { return nil }
    return Dataset(
      root: tree.root, layout: .magneticTile, classes: [], goodClass: nil, samples: samples, problems: problems)
  }
}
