import AssayImage

/// DeepPCB (Tang et al. 2019): pairs of a board as it should be, `ID_temp.jpg`, and as it is, `ID_test.jpg`, in
/// `groupNNNNN/NNNNN`; the defects in `groupNNNNN/NNNNN_not/ID.txt`, a line `x1,y1,x2,y2,type` (or with blanks) for each;
/// `trainval.txt` and `test.txt` with pairs of image and annotation.
enum DeepPCBLayout {
  private static let types = [1: "open", 2: "short", 3: "mousebite", 4: "spur", 5: "copper", 6: "pin-hole"]

  static func read(_ tree: FileTree) throws(DataError) -> Dataset? {
    let tested = tree.images(in: "").filter { FileTree.stem($0).hasSuffix("_test") }
    guard !tested.isEmpty, tree.images(in: "").contains(where: { FileTree.stem($0).hasSuffix("_temp") }) else {
      return nil
    }
    var collector = AnnotationCollector(tree)
    let base = ["PCBData/", ""].first { prefix in tree.files.contains { $0.hasPrefix(prefix + "group") } } ?? ""
    let splits = try self.splits(tree, base, &collector)
    for name in tested {
      let stem = String(FileTree.stem(name).dropLast("_test".count))
      let folder = name.split(separator: "/").dropLast().joined(separator: "/")
      let marks = ["\(folder)_not/\(stem).txt", "\(folder)/\(stem).txt"].lazy.compactMap(tree.own).first
      let split = splits[Pair(folder: String(folder.dropFirst(base.count)), stem: stem)]
      collector.change(name) {
        $0.split = split
        $0.group = stem
      }
      let template = tree.images(in: folder).first { FileTree.stem($0) == stem + "_temp" }
      if let template {
        collector.change(template) {
          $0.split = split
          $0.group = stem
        }
      } else {
        collector.problem(name, nil, "it has no template \(stem)_temp.jpg", "copy the template too", .maskMissing)
      }
      guard let marks else {
        collector.reject(
          name, name, nil, "it has no annotation \(folder)_not/\(stem).txt", "copy the annotation too", .notAnnotated)
        continue
      }
      do throws(FileFailure) {
        let lines = try tree.lines(marks)
        if lines.isEmpty {
          collector.reject(
            name, marks, nil, "it is empty, and every tested board has defects", "copy it again", .unknownForm)
        }
        for line in lines { read(line, marks, name, &collector) }
      } catch {
        collector.reject(name, error)
      }
    }
    return collector.dataset(.deepPCB, nothingMarked: "they are templates")
  }

  private static func read(
    _ line: (number: Int, text: String), _ file: String, _ image: String, _ collector: inout AnnotationCollector
  ) {
    let fields = line.text.split { $0 == "," || $0.isWhitespace }.map { Int($0) }
    let numbers = fields.compactMap { $0 }
    guard fields.count == 5, numbers.count == 5 else {
      return collector.reject(image, file, line.number, "\(line.text) is not x1,y1,x2,y2,type", "mend the line")
    }
    guard let label = types[numbers[4]] else {
      return collector.reject(
        image, file, line.number, "the type \(numbers[4]) is none of 1 (open) to 6 (pin-hole)", "correct it")
    }
    let box = PixelRectangle(
      x: Double(numbers[0]), y: Double(numbers[1]), width: Double(numbers[2]) - Double(numbers[0]),
      height: Double(numbers[3]) - Double(numbers[1]))
    collector.add(AnnotatedRegion(label: label, shape: .box(box)), to: image, file: file, line: line.number)
  }

  private struct Pair: Hashable {
    let folder: String
    let stem: String
  }

  /// Which list each pair is in.
  private static func splits(
    _ tree: FileTree, _ base: String, _ collector: inout AnnotationCollector
  ) throws(DataError) -> [Pair: Split] {
    var splits: [Pair: Split] = [:]
    let images = Set(tree.images(in: ""))
    for (list, split) in [("trainval.txt", Split.train), ("test.txt", .test)] {
      let file = base + list
      guard tree.own(file) != nil else { continue }
      let lines: [(number: Int, text: String)]
      do { lines = try tree.lines(file) } catch { throw error.error(in: tree) }
      for line in lines {
        let fields = line.text.split(whereSeparator: \.isWhitespace).map(String.init)
        guard fields.count == 2 else {
          collector.problem(
            file, line.number, "\(line.text) is not an image and its annotation", "mend the line", .unknownForm)
          continue
        }
        // The lists name ID.jpg, which stands for ID_temp.jpg and ID_test.jpg.
        let folder = fields[0].split(separator: "/").dropLast().joined(separator: "/")
        let pair = Pair(folder: folder, stem: FileTree.stem(fields[0]))
        guard images.contains("\(base)\(folder)/\(pair.stem)_test.jpg") else {
          collector.problem(
            file, line.number, "there is no image \(fields[0])", "copy it or remove the line", .imageNotFound)
          continue
        }
        splits[pair] = split
      }
    }
    return splits
  }
}
