import AssayImage

/// KolektorSDD (Tabernik et al. 2019): `kosNN/PartM.jpg` with a mask `PartM_label.bmp` for every image; and KolektorSDD2
/// (Božič et al. 2021): `{train,test}/NAME.png` with `NAME_GT.png`. An image is defective when its mask is not empty, so
/// the masks are read.
enum KolektorLayout {
  static func read(_ tree: FileTree) -> Dataset? {
    first(tree) ?? second(tree)
  }

  private static func first(_ tree: FileTree) -> Dataset? {
    var pairs: [(image: String, mask: String, group: String?, split: Split?)] = []
    for folder in tree.imageFolders(in: "") where folder.lowercased().hasPrefix("kos") {
      for image in tree.images(in: folder) where !FileTree.stem(image).hasSuffix("_label") {
        let base = folder + "/" + FileTree.stem(image)
        guard let mask = ["_label.bmp", "_label.png"].lazy.compactMap({ tree.own(base + $0) }).first else { continue }
        // One folder is one part, photographed on its surfaces.
        pairs.append((image, mask, folder, nil))
      }
    }
    return dataset(tree, .kolektor, pairs)
  }

  private static func second(_ tree: FileTree) -> Dataset? {
    var pairs: [(image: String, mask: String, group: String?, split: Split?)] = []
    for (folder, split) in [("train", Split.train), ("test", .test), ("", nil)] {
      for image in tree.images(in: folder) where !FileTree.stem(image).hasSuffix("_GT") {
        let parent = image.lastIndex(of: "/").map { String(image[...$0]) } ?? ""
        guard parent == (folder.isEmpty ? "" : folder + "/") else { continue }
        if let mask = tree.own(parent + FileTree.stem(image) + "_GT.png") { pairs.append((image, mask, nil, split)) }
      }
    }
    return dataset(tree, .kolektor2, pairs)
  }

  private static func isMask(_ image: String) -> Bool {
    ["_label", "_GT"].contains(where: FileTree.stem(image).hasSuffix)
  }

  private static func dataset(
    _ tree: FileTree, _ layout: Layout, _ pairs: [(image: String, mask: String, group: String?, split: Split?)]
  ) -> Dataset? {
    guard !pairs.isEmpty else { return nil }
    var problems = tree.problems
    let known = Set(pairs.flatMap { [ExactName($0.image), ExactName($0.mask)] })
    for image in tree.images(in: "") where !known.contains(ExactName(image)) && !isMask(image) {
      problems.append(
        DataProblem(
          file: image, cause: "it has no mask, so nothing is known of it", remedy: "copy the mask too",
          kind: .notAnnotated, image: image))
    }
    var samples: [Sample] = []
    for pair in pairs {
      let mask = tree.root + "/" + pair.mask
      do throws(ImageError) {
        let isDefective = try !ImageFile.read(path: mask).isBlack
        samples.append(
          Sample(
            path: tree.root + "/" + pair.image, name: pair.image, label: isDefective ? "defect" : "good",
            split: pair.split, group: pair.group, mask: isDefective ? mask : nil))
      } catch {
        // Without its mask it is not known whether the image is good.
        problems.append(
          DataProblem(
            file: pair.mask, cause: error.cause, remedy: error.remedy, kind: .annotationUnreadable, image: pair.image))
      }
    }
    return Dataset(
      root: tree.root, layout: layout, classes: [], goodClass: "good", samples: samples, problems: problems)
  }
}

extension Image {
  /// Whether every sample is 0.
  var isBlack: Bool {
    switch samples {
    case .uint8(let values): values.allSatisfy { $0 == 0 }
    case .uint16(let values): values.allSatisfy { $0 == 0 }
    }
  }
}
