import Foundation

/// The splits that a YOLO data set gives: folders or lists of `data.yaml`, Darknet's `obj.data`, and lists by their name.
enum YOLOSplits {
  private static let keys: [(key: String, split: Split)] = [
    ("train", .train), ("val", .validation), ("valid", .validation), ("validation", .validation), ("test", .test),
  ]

  /// By image, in the spelling of the disk.
  static func read(
    _ tree: FileTree, _ collector: inout AnnotationCollector
  ) throws(DataError) -> [ExactName: Split] {
    var given: [Split: Set<ExactName>] = [:]
    var source: String?
    var lists: Set<String> = []
    for file in YOLOYAML.files(tree) {
      let document = try YOLOYAML.read(tree, file)
      for (key, split) in keys {
        for place in document.texts(key) {
          let found = try images(place, file, tree, &lists, &collector)
          given[split, default: []].formUnion(found)
          if !found.isEmpty { source = source ?? file }
        }
      }
    }
    for file in tree.files(ending: ["data"]) {
      let lines: [(number: Int, text: String)]
      do { lines = try tree.lines(file) } catch { throw error.error(in: tree) }
      for line in lines {
        let parts = line.text.split(separator: "=", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
        guard parts.count == 2, let split = keys.first(where: { $0.key == parts[0].lowercased() })?.split else {
          continue
        }
        let found = try images(parts[1], file, tree, &lists, &collector)
        given[split, default: []].formUnion(found)
        if !found.isEmpty { source = source ?? file }
      }
    }
    for file in SplitLists.files(tree) where !lists.contains(file) {
      guard let split = SplitName.find(FileTree.stem(file)) else { continue }
      let found = try SplitLists.images(file, tree, &collector)
      given[split, default: []].formUnion(found)
      if !found.isEmpty { source = source ?? file }
    }
    return SplitLists.settled(given, source: source, &collector)
  }

  /// Images of a folder or a list that a key names. Paths are those of the machine where it was written, so their ends
  /// count.
  private static func images(
    _ place: String, _ file: String, _ tree: FileTree, _ lists: inout Set<String>,
    _ collector: inout AnnotationCollector
  ) throws(DataError) -> Set<ExactName> {
    let parts = place.replacing("\\", with: "/").split(separator: "/").filter { $0 != "." && $0 != ".." }
      .map(String.init)
    guard !parts.isEmpty else { return Set(tree.images(in: "").map(ExactName.init)) }
    for start in parts.indices {
      let end = parts[start...].joined(separator: "/")
      if end.lowercased().hasSuffix(".txt") {
        guard let list = tree.own(end) else { continue }
        // A list that two keys name is read twice and said once.
        return lists.insert(list).inserted
          ? try SplitLists.images(list, tree, &collector) : try SplitLists.quietly(list, tree, collector.index)
      } else if let folder = tree.folders.first(where: { $0 == end || $0.lowercased() == end.lowercased() }) {
        let inside = tree.images(in: folder)
        if !inside.isEmpty { return Set(inside.map(ExactName.init)) }
      }
    }
    // A split without images is usual where only a part was copied; that it is not there is said all the same.
    collector.problem(file, nil, "there is no \(place)", "copy it, or take it out of \(file)", .imageNotFound)
    return []
  }
}

/// Lists of images, one path a line, whose names say which split they are: `train.txt`, `val.txt`, `test.txt`.
enum SplitLists {
  static func files(_ tree: FileTree) -> [String] {
    tree.files(ending: ["txt"]).filter { file in
      let folders = file.lowercased().split(separator: "/").dropLast().map(String.init)
      return SplitName.find(FileTree.stem(file)) != nil && !folders.contains(where: YOLOLabels.labelFolders.contains)
    }
  }

  /// Images that a list names; the others of its lines are named.
  static func images(
    _ file: String, _ tree: FileTree, _ collector: inout AnnotationCollector
  ) throws(DataError) -> Set<ExactName> {
    let lines: [(number: Int, text: String)]
    do { lines = try tree.lines(file) } catch { throw error.error(in: tree) }
    var images: Set<ExactName> = []
    // The label file of an image that is called so.
    if let first = lines.first, YOLOLabels.isYOLO(first.text) { return [] }
    for line in lines {
      if case .found(let path) = collector.index.find(end: line.text) {
        images.insert(ExactName(path))
      } else {
        collector.problem(
          file, line.number, "there is no image \(line.text)", "copy it or remove the line", .imageNotFound)
      }
    }
    return images
  }

  /// Images of a list whose other lines were named before.
  static func quietly(_ file: String, _ tree: FileTree, _ index: ImageIndex) throws(DataError) -> Set<ExactName> {
    let lines: [(number: Int, text: String)]
    do { lines = try tree.lines(file) } catch { throw error.error(in: tree) }
    return Set(
      lines.compactMap { if case .found(let path) = index.find(end: $0.text) { ExactName(path) } else { nil } })
  }

  /// Each image's split. Where training and validation are the same images, nothing is divided.
  static func settled(
    _ given: [Split: Set<ExactName>], source: String?, _ collector: inout AnnotationCollector
  ) -> [ExactName: Split] {
    let train = given[.train] ?? []
    let others = (given[.validation] ?? []).union(given[.test] ?? [])
    guard !train.isEmpty || !others.isEmpty else { return [:] }
    if !train.isEmpty, train.isSubset(of: others) {
      collector.note(
        DataNote(.splits, "\(source ?? "the data") trains and tests on the same images, so it divides nothing"))
      return [:]
    }
    var result: [ExactName: Split] = [:]
    for split in [Split.train, .validation, .test] {
      for image in given[split] ?? [] { result[image] = split }
    }
    let twice = train.intersection(others).count
    let counts = Split.allCases.map { split in "\(result.values.count { $0 == split }) \(split.rawValue)" }
    collector.note(
      DataNote(
        .splits,
        "splits as \(source ?? "the data") gives them: \(counts.joined(separator: ", "))"
          + (twice > 0 ? "; \(Wording.count(twice, "image")) of both training and test counts for the test" : "")))
    return result
  }
}
