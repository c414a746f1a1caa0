/// Casting products (Dabhi 2020): `casting_data/{train,test}/{def_front,ok_front}`, beside it the same impellers larger and
/// not divided, `casting_512x512/{def_front,ok_front}`. As the archive unpacks, each folder may be nested in one of its name.
enum CastingLayout {
  private static let classes = ["def_front", "ok_front"]

  static func read(_ tree: FileTree) -> Dataset? {
    let bases = ["", "casting_data", "casting_data/casting_data", "casting_512x512", "casting_512x512/casting_512x512"]
    guard let base = bases.first(where: { isDivided(tree, $0) }) ?? bases.first(where: { isPlain(tree, $0) }) else {
      return nil
    }
    func inside(_ name: String) -> String { base.isEmpty ? name : base + "/" + name }
    let samples =
      isDivided(tree, base)
      ? ["train", "test"].flatMap { name in
        ClassFoldersLayout.samples(tree, in: inside(name), split: SplitName.find(name))
      } : ClassFoldersLayout.samples(tree, in: base, split: nil)
    var problems = tree.problems
    for sample in samples where !classes.contains(sample.label ?? "") {
      problems.append(
        DataProblem(
          file: sample.name, cause: "its folder is neither def_front nor ok_front", remedy: "move it into one of them",
          kind: .noClassFolder, image: sample.name))
    }
    let top = base.split(separator: "/").first.map(String.init)
    for folder in tree.imageFolders(in: "") where top != nil && folder != top {
      problems.append(
        DataProblem(
          file: folder, cause: "the folder shows the same castings again and is ignored", remedy: "read it by itself",
          kind: .noClassFolder))
    }
    return Dataset(
      root: tree.root, layout: .casting, classes: [], goodClass: "ok_front",
      samples: samples.filter { classes.contains($0.label ?? "") }, problems: problems)
  }

  private static func isPlain(_ tree: FileTree, _ folder: String) -> Bool {
    classes.allSatisfy(tree.imageFolders(in: folder).contains)
  }

  private static func isDivided(_ tree: FileTree, _ folder: String) -> Bool {
    isPlain(tree, folder.isEmpty ? "train" : folder + "/train")
  }
}
