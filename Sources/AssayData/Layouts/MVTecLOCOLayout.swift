/// MVTec LOCO AD (Bergmann et al. 2022), one category: `{train,validation}/good`,
/// `test/{good,logical_anomalies,structural_anomalies}`, and for each anomalous image a folder of masks
/// `ground_truth/KIND/NAME/000.png`.
enum MVTecLOCOLayout {
  private static let kinds = ["logical_anomalies", "structural_anomalies"]

  static func read(_ tree: FileTree) -> Dataset? {
    let tested = tree.imageFolders(in: "test")
    guard tree.imageFolders(in: "train").contains("good"), tested.contains(where: kinds.contains) else { return nil }
    var samples =
      ClassFoldersLayout.samples(tree, in: "train", split: .train)
      + ClassFoldersLayout.samples(tree, in: "validation", split: .validation)
    var problems = tree.problems
    for var sample in ClassFoldersLayout.samples(tree, in: "test", split: .test) {
      guard let label = sample.label, label == GoodClass.standard || kinds.contains(label) else {
        problems.append(
          DataProblem(
            file: sample.name, cause: "the folder is none of good, \(kinds.joined(separator: " and "))",
            remedy: "move the image into one of them", kind: .noClassFolder, image: sample.name))
        continue
      }
      if label != GoodClass.standard {
        let masks = tree.images(in: "ground_truth/\(label)/\(FileTree.stem(sample.name))")
        sample.regions = masks.map { AnnotatedRegion(label: label, shape: .file(tree.root + "/" + $0)) }
        if masks.isEmpty {
          problems.append(
            DataProblem(
              file: sample.name, cause: "it has no masks in ground_truth/\(label)/\(FileTree.stem(sample.name))",
              remedy: "copy the masks too", kind: .maskMissing))
        }
      }
      samples.append(sample)
    }
    return Dataset(
      root: tree.root, layout: .mvtecLOCO, classes: [], goodClass: GoodClass.standard, samples: samples,
      problems: problems)
  }
}
