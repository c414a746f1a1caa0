/// NEU-CLS (Song and Yan 2013): images of hot-rolled strip whose names begin with the class, `Cr_1.bmp`, in one folder. (In
/// class folders it is read as such.)
enum NEUCLSLayout {
  static let names: [String: String] = [
    "cr": "crazing", "in": "inclusion", "pa": "patches", "ps": "pitted_surface", "rs": "rolled-in_scale",
    "sc": "scratches",
  ]

  static func read(_ tree: FileTree) -> Dataset? {
    let images = tree.images(in: "")
    let folders = tree.imageFolders(in: "")
    // All in the root, or all in the one folder that was unpacked.
    guard folders.isEmpty || (folders.count == 1 && images.allSatisfy { $0.hasPrefix(folders[0] + "/") }),
      tree.imageFolders(in: folders.first ?? "").isEmpty || folders.isEmpty
    else { return nil }
    let labels = images.map(label)
    guard labels.count(where: { $0 != nil }) * 2 > images.count, Set(labels.compactMap { $0 }).count >= 2 else {
      return nil
    }
    var problems = tree.problems
    var samples: [Sample] = []
    for (name, label) in zip(images, labels) {
      if let label {
        samples.append(Sample(path: tree.root + "/" + name, name: name, label: label))
      } else {
        problems.append(
          DataProblem(
            file: name, cause: "its name does not begin with Cr_, In_, Pa_, PS_, RS_ or Sc_ and end in a number",
            remedy: "rename it or take it out", kind: .noClassFolder, image: name))
      }
    }
    return Dataset(
      root: tree.root, layout: .neuCLS, classes: [], goodClass: nil, samples: samples, problems: problems)
  }

  private static func label(_ name: String) -> String? {
    let parts = FileTree.stem(name).split(separator: "_", omittingEmptySubsequences: false)
    guard parts.count == 2, Int(parts[1]) != nil else { return nil }
    return names[parts[0].lowercased()]
  }
}
