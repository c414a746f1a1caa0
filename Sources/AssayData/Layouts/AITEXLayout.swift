import Foundation

/// AITEX fabrics (Silvestre-Blanes et al. 2019): `Defect_images/NNNN_DDD_FF.png` with number, code of the defect and fabric,
/// `Mask_images/NNNN_DDD_FF_mask.png` (`_mask1`, `_mask2` where there are several), and `NODefect_images/FABRIC/...` with
/// the code 000.
enum AITEXLayout {
  static let codes: [String: String] = [
    "002": "broken end", "006": "broken yarn", "010": "broken pick", "016": "weft curling", "019": "fuzzyball",
    "022": "cut selvage", "023": "crease", "025": "warp ball", "027": "knots", "029": "contamination", "030": "nep",
    "036": "weft crack",
  ]

  static func read(_ tree: FileTree) -> Dataset? {
    let folders = tree.imageFolders(in: "")
    guard folders.contains("Defect_images"), folders.contains("NODefect_images") || folders.contains("Mask_images")
    else {
      return nil
    }
    var samples: [Sample] = []
    var problems = tree.problems
    var masks: [String: [String]] = [:]
    for mask in tree.images(in: "Mask_images") {
      let stem = FileTree.stem(mask)
      guard let end = stem.range(of: "_mask") else {
        problems.append(
          DataProblem(
            file: mask, cause: "its name does not end in _mask", remedy: "rename it like its photograph",
            kind: .noImage))
        continue
      }
      masks[String(stem[..<end.lowerBound]), default: []].append(mask)
    }
    for name in tree.images(in: "Defect_images") + tree.images(in: "NODefect_images") {
      func problem(_ cause: String, _ remedy: String, _ kind: DataProblem.Kind = .unknownForm) {
        problems.append(
          DataProblem(
            file: name, cause: cause, remedy: remedy, kind: kind, image: kind == .maskMissing ? nil : name))
      }
      let isDefective = name.hasPrefix("Defect_images/")
      let parts = FileTree.stem(name).split(separator: "_", omittingEmptySubsequences: false).map(String.init)
      guard parts.count >= 3, parts[1].count == 3, Int(parts[1]) != nil else {
        problem("its name is not NUMBER_CODE_FABRIC", "name it like 0001_002_00.png")
        continue
      }
      guard isDefective == (parts[1] != "000") else {
        problem(
          "the code \(parts[1]) \(isDefective ? "says that there is no defect" : "is a defect's")",
          "move it into \(isDefective ? "NODefect_images" : "Defect_images")")
        continue
      }
      let label = isDefective ? codes[parts[1]] ?? "defect \(parts[1])" : GoodClass.standard
      let own = isDefective ? masks[FileTree.stem(name)] ?? [] : []
      if isDefective, own.isEmpty { problem("it has no mask in Mask_images", "copy the mask too", .maskMissing) }
      samples.append(
        Sample(
          path: tree.root + "/" + name, name: name, label: label,
          annotations: ["fabric": parts[2], "code": parts[1]],
          regions: own.map { AnnotatedRegion(label: label, shape: .file(tree.root + "/" + $0)) }))
    }
    return Dataset(
      root: tree.root, layout: .aitex, classes: [], goodClass: GoodClass.standard, samples: samples, problems: problems)
  }
}
