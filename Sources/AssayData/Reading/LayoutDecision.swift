import Foundation

/// Decides which layout a folder has: the one place where that is done.
///
/// The order counts. Published data sets come first, since they hold files that others would take for their own; then
/// whatever has annotation files; then tables; folders by their names come last, and only where nothing looks like
/// annotations that were not understood.
enum LayoutDecision {
  private struct Candidate {
    /// Why it is that, as a clause, unless the layout says so itself.
    let reason: String
    let read: @Sendable (FileTree) throws(DataError) -> Dataset?
  }

  private static let candidates: [Candidate] = [
    Candidate(reason: "manifest.csv names the images") { (tree) throws(DataError) in
      // What `assay data --convert csv` writes: the manifest says what its folders are.
      guard let file = tree.own(ManifestLayout.ownName), !file.contains("/") else { return nil }
      var dataset = try ManifestLayout.read(tree, file: file)
      dataset.problems = tree.problems + dataset.problems
      return dataset
    },
    Candidate(reason: "labels.csv has paths, probabilities and types without commas") { (tree) throws(DataError) in
      try ELPVLayout.read(tree)
    },
    Candidate(reason: "folders MT_... hold Imgs") { (tree) throws(DataError) in MagneticTileLayout.read(tree) },
    Candidate(reason: "its only folder is datas, with a folder for each class") { (tree) throws(DataError) in
      XSDDLayout.read(tree)
    },
    Candidate(reason: "train.csv has the column EncodedPixels") { (tree) throws(DataError) in
      try SeverstalLayout.read(tree)
    },
    Candidate(reason: "train/good stands beside logical or structural anomalies") { (tree) throws(DataError) in
      MVTecLOCOLayout.read(tree)
    },
    Candidate(reason: "train/good stands beside test and ground_truth") { (tree) throws(DataError) in
      MVTecLayout.read(tree)
    },
    Candidate(reason: "Data/Images has a folder Normal") { (tree) throws(DataError) in try VisALayout.read(tree) },
    Candidate(reason: "Train or Test has a folder Label") { (tree) throws(DataError) in try DAGMLayout.read(tree) },
    Candidate(reason: "images have masks ..._label or ..._GT beside them") { (tree) throws(DataError) in
      KolektorLayout.read(tree)
    },
    Candidate(reason: "there are folders def_front and ok_front") { (tree) throws(DataError) in
      CastingLayout.read(tree)
    },
    Candidate(reason: "there are folders Defect_images and Mask_images or NODefect_images") {
      (tree) throws(DataError) in
      AITEXLayout.read(tree)
    },
    Candidate(reason: "there are pairs ..._test and ..._temp") { (tree) throws(DataError) in
      try DeepPCBLayout.read(tree)
    },
    Candidate(reason: "XML files begin with <annotation>") { (tree) throws(DataError) in
      try PascalVOCLayout.read(tree)
    },
    Candidate(reason: "an XML file begins with <annotations>") { (tree) throws(DataError) in try CVATLayout.read(tree)
    },
    Candidate(reason: "a JSON file holds annotations") { (tree) throws(DataError) in
      try AnnotationDocuments.read(tree)
    },
    Candidate(reason: "text files are called like the images and hold class numbers and coordinates") {
      (tree) throws(DataError) in try YOLOLayout.read(tree)
    },
    Candidate(reason: "a table names the images") { (tree) throws(DataError) in try TableLayout.read(tree) },
    Candidate(reason: "") { (tree) throws(DataError) in
      try UnknownAnnotations.check(tree)
      return nil
    },
    Candidate(reason: "names of images begin with a class of NEU-CLS") { (tree) throws(DataError) in
      NEUCLSLayout.read(tree)
    },
    Candidate(reason: "each folder is a class") { (tree) throws(DataError) in try ClassFoldersLayout.read(tree) },
    Candidate(reason: "there are neither class folders nor annotations") { (tree) throws(DataError) in
      unlabelled(tree)
    },
  ]

  /// - Throws: ``DataError`` for a layout that is found and cannot be read, and for what looks like annotations and is
  ///   not understood.
  static func read(_ tree: FileTree) throws(DataError) -> Dataset {
    for candidate in candidates {
      guard var dataset = try candidate.read(tree) else { continue }
      let own = dataset.notes.first { $0.kind == .layout }
      let reason = own?.text ?? candidate.reason
      dataset.notes.removeAll { $0.kind == .layout || $0.kind == .passedOver }
      dataset.notes.insert(DataNote(.layout, "read as \(dataset.layout.rawValue): \(reason)"), at: 0)
      dataset.notes += tree.notes
      if [.classFolders, .unlabelled].contains(dataset.layout), let note = UnknownAnnotations.ignored(tree) {
        dataset.notes.append(note)
      }
      return dataset
    }
    return unlabelled(tree)
  }

  /// Images of which nothing is known. Those in a folder for tests take no part where others are there to learn from.
  private static func unlabelled(_ tree: FileTree) -> Dataset {
    let images = tree.images(in: "").map {
      Sample(path: tree.root + "/" + $0, name: $0, split: SplitName.find(inFoldersOf: $0))
    }
    let isDivided = Set(images.map(\.split)).count > 1
    let used = images.filter { !isDivided || $0.split == .train || $0.split == nil }
    let taken = used.isEmpty ? images : used
    let left = Set(taken.map { ExactName($0.name) })
    let problems = images.filter { !left.contains(ExactName($0.name)) }.map {
      DataProblem(
        file: $0.name, cause: "it is in a folder for tests, and nothing says whether it is good",
        remedy: "sort the folder into class folders", kind: .noClassFolder, image: $0.name)
    }
    return Dataset(
      root: tree.root, layout: .unlabelled, classes: [], goodClass: nil, samples: taken,
      problems: tree.problems + problems)
  }
}
