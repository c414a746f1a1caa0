import AssayImage

/// Collects what annotation files say of images, checks it, and makes samples of it.
///
/// An image of which an entry cannot be used takes no part: without that entry it might pass as good.
struct AnnotationCollector {
  /// What is known of one image.
  struct Entry {
    var labels: Set<String> = []
    /// The class that the data set gives the whole image.
    var mainLabel: String?
    var regions: [AnnotatedRegion] = []
    var split: Split?
    var group: String?
    /// Nothing was said of it, so that it is not known to be good.
    var isUnlabelled = false
    var isUnusable = false
    /// Something is marked whose place is not known, so that the other regions are not the whole truth.
    var lacksRegions = false
    /// Lists that name it.
    var sources: Set<String> = []
    fileprivate var size: (width: Int, height: Int)?
  }

  let tree: FileTree
  let index: ImageIndex
  private(set) var problems: [DataProblem]
  private(set) var notes: [DataNote]
  private var entries: [ExactName: Entry] = [:]
  /// Lists in which an entry could not be tied to its image: it may be about any of theirs on which nothing is marked.
  private var doubts: [String: (line: Int?, cause: String)] = [:]

  init(_ tree: FileTree) {
    self.tree = tree
    index = ImageIndex(tree)
    problems = tree.problems
    notes = tree.notes
  }

  mutating func problem(
    _ file: String, _ line: Int?, _ cause: String, _ remedy: String, _ kind: DataProblem.Kind = .other
  ) {
    problems.append(DataProblem(file: file, line: line, cause: cause, remedy: remedy, kind: kind))
  }

  mutating func note(_ note: DataNote) { notes.append(note) }

  /// Whether anything was said of an image.
  func knows(_ path: String) -> Bool { entries[ExactName(path)] != nil }

  func entry(_ path: String) -> Entry? { entries[ExactName(path)] }

  /// Finds an image and makes an entry for it; otherwise notes the problem.
  /// - Returns: its path relative to the root.
  mutating func image(
    _ name: String, in folders: [String] = [""], isElsewhere: Bool = true, file: String, line: Int?
  ) -> String? {
    switch index.find(name, in: folders, isElsewhere: isElsewhere) {
    case .found(let path):
      change(path) { $0.sources.insert(file) }
      return path
    case .missing: problem(file, line, "there is no image \(name)", "copy it or remove the entry", .imageNotFound)
    case .outside:
      problem(
        file, line, "the image \(name) lies outside of the data set's folder", "name images below the folder",
        .imageOutside)
    case .ambiguous(let paths):
      problem(
        file, line, "the image \(name) could be \(paths.prefix(2).joined(separator: " or "))",
        "name its folder in the entry", .imageNotFound)
    }
    return nil
  }

  /// Changes what is known of an image.
  mutating func change(_ path: String, _ change: (inout Entry) -> Void) {
    change(&entries[ExactName(path), default: Entry()])
  }

  /// Notes a problem and leaves the image out.
  mutating func reject(
    _ path: String, _ file: String, _ line: Int?, _ cause: String, _ remedy: String,
    _ kind: DataProblem.Kind = .invalidValue
  ) {
    problems.append(DataProblem(file: file, line: line, cause: cause, remedy: remedy, kind: kind, image: path))
    change(path) { $0.isUnusable = true }
  }

  mutating func reject(_ path: String, _ failure: FileFailure) {
    reject(path, failure.file, failure.line, failure.cause, failure.remedy, failure.kind)
  }

  /// Notes that nothing says what an image shows: it has no label.
  mutating func notAnnotated(_ path: String, _ file: String, _ line: Int?, _ cause: String, _ remedy: String) {
    problems.append(
      DataProblem(file: file, line: line, cause: cause, remedy: remedy, kind: .notAnnotated, image: path))
    change(path) { $0.isUnlabelled = true }
  }

  /// Notes an entry that could not be tied to its image: every image of the list on which nothing else is marked is
  /// left out, since it may be the one.
  mutating func doubt(
    _ file: String, _ line: Int?, _ cause: String, _ remedy: String, _ kind: DataProblem.Kind = .unknownForm
  ) {
    problem(file, line, cause, remedy, kind)
    if doubts[file] == nil { doubts[file] = (line, cause) }
  }

  /// Adds a class that the image shows somewhere.
  mutating func add(label: String, to path: String) { change(path) { $0.labels.insert(label) } }

  /// Adds a region and its class, if something of it lies inside the image; otherwise rejects the image.
  mutating func add(_ region: AnnotatedRegion, to path: String, file: String, line: Int?) {
    if let cause = fault(region, of: path) {
      return reject(path, file, line, cause, "mend the entry", region.label.isEmpty ? .withoutClass : .invalidValue)
    }
    change(path) {
      $0.labels.insert(region.label)
      // Several lists may hold the same.
      if $0.sources.count < 2 || !$0.regions.contains(region) { $0.regions.append(region) }
    }
  }

  /// The size of an image, upright, in pixels; nil, with the image left out, when its header cannot be read.
  mutating func size(of path: String) -> (width: Int, height: Int)? {
    if let size = entry(path)?.size { return size }
    do throws(ImageError) {
      let header = try ImageFile.header(path: tree.root + "/" + path)
      let size = (width: header.width, height: header.height)
      change(path) { $0.size = size }
      return size
    } catch {
      if entry(path)?.isUnusable != true { reject(path, path, nil, error.cause, error.remedy, .imageUnreadable) }
      return nil
    }
  }

  /// Compares the size that an annotation file states with the image's own.
  /// - Returns: false, with the image left out, when they differ.
  mutating func check(
    _ path: String, width: Int?, height: Int?, file: String, line: Int?
  ) -> Bool {
    guard let own = size(of: path) else { return false }
    guard width ?? own.width == own.width, height ?? own.height == own.height else {
      reject(
        path, file, line,
        "\(path) is said to have \(width ?? own.width) x \(height ?? own.height) pixels and has \(own.width) x \(own.height)",
        "annotate the image in the size it has", .sizeDiffers)
      return false
    }
    return true
  }

  private mutating func fault(_ region: AnnotatedRegion, of path: String) -> String? {
    guard !region.label.isEmpty else { return "the class has no name" }
    switch region.shape {
    case .box(let box):
      guard [box.x, box.y, box.x + box.width, box.y + box.height].allSatisfy(Self.isPlace) else {
        return "the box is not made of places in pixels"
      }
      guard box.width > 0, box.height > 0 else { return "the box is \(text(box.width)) x \(text(box.height)) pixels" }
      guard let size = size(of: path) else { return "the size of \(path) is not known" }
      let seen = box.clamped(width: Double(size.width), height: Double(size.height))
      guard seen.width > 0, seen.height > 0 else {
        return "the box at \(text(box.x)), \(text(box.y)) lies outside of the \(size.width) x \(size.height) pixels"
      }
    case .polygons(let polygons):
      guard !polygons.isEmpty, polygons.allSatisfy({ $0.count >= 3 }) else {
        return "a polygon has fewer than three corners"
      }
      guard polygons.allSatisfy({ $0.count <= 100_000 }) else { return "a polygon has more than 100,000 corners" }
      guard polygons.joined().allSatisfy({ Self.isPlace($0.x) && Self.isPlace($0.y) }) else {
        return "the polygon is not made of places in pixels"
      }
      guard let size = size(of: path) else { return "the size of \(path) is not known" }
      let columns = polygons.joined().map(\.x)
      let rows = polygons.joined().map(\.y)
      guard let left = columns.min(), let right = columns.max(), let top = rows.min(), let bottom = rows.max(),
        right > 0, bottom > 0, left < Double(size.width), top < Double(size.height)
      else { return "the polygon lies outside of the \(size.width) x \(size.height) pixels" }
    case .runs(let runs):
      guard runs.area > 0 else { return "the mask is empty" }
    case .file: break
    }
    return nil
  }

  /// Whether a coordinate can be of something that was drawn on a photograph, be it far outside: finite, and small enough for
  /// whoever computes with it.
  private static func isPlace(_ value: Double) -> Bool { abs(value) <= 1e9 }

  private func text(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : String(value)
  }

  /// Leaves out what nobody spoke of.
  /// - Parameter lists: what should name them, for the message.
  mutating func leaveOutUnlisted(_ lists: String) {
    for name in tree.images(in: "") where !knows(name) && !FolderNames.isOfMasks(name) {
      problems.append(
        DataProblem(
          file: name, cause: "\(lists) does not name it, so nothing is known of it",
          remedy: "annotate it, or take it out of the folder", kind: .notAnnotated, image: name))
    }
  }

  /// Leaves out images on which nothing is marked, of lists with an entry that may be about them.
  private mutating func settleDoubts() {
    guard !doubts.isEmpty else { return }
    for (name, entry) in entries.sorted(by: { $0.key < $1.key }) {
      guard entry.labels.isEmpty, entry.mainLabel == nil, !entry.isUnusable, !entry.isUnlabelled,
        let file = entry.sources.sorted().first(where: { doubts[$0] != nil }), let doubt = doubts[file]
      else { continue }
      reject(
        name.text, file, doubt.line, "nothing is marked on it, but \(doubt.cause): that may be about it",
        "mend that entry", .unknownForm)
    }
  }

  /// The data set of all entries that can be used.
  /// - Parameter rule: why an image on which nothing is marked is good, as a clause: "no annotation means nothing
  ///   marked".
  mutating func dataset(_ layout: Layout, nothingMarked rule: String? = nil) -> Dataset {
    settleDoubts()
    // Where two names could mean good, neither does.
    let named = Set(entries.values.flatMap(\.labels)).filter(GoodClass.isGood).sorted()
    let good = named.count == 1 ? named[0] : GoodClass.standard
    func isGood(_ name: String) -> Bool { named.count == 1 && GoodClass.isGood(name) }
    var assumed = 0
    let samples = entries.filter { !$0.value.isUnusable }.map { name, entry in
      // A class that says "good" is no defect.
      let labels = entry.labels.union(entry.mainLabel.map { [$0] } ?? []).filter { !isGood($0) }
      let label = entry.mainLabel ?? (labels.isEmpty ? good : labels.sorted().joined(separator: "+"))
      if !entry.isUnlabelled, entry.mainLabel == nil, entry.labels.isEmpty { assumed += 1 }
      return Sample(
        path: tree.root + "/" + name.text, name: name.text, label: entry.isUnlabelled ? nil : label, split: entry.split,
        group: entry.group, labels: entry.isUnlabelled ? nil : labels,
        regions: entry.lacksRegions ? [] : entry.regions.filter { !isGood($0.label) })
    }
    if let rule, assumed > 0 {
      let what = "nothing is marked on \(Wording.count(assumed, "image"))"
      notes.append(
        DataNote(.assumedGood, "\(what), \(assumed == 1 ? "it is" : "they are") good: \(rule)", count: assumed))
    }
    var dataset = Dataset(
      root: tree.root, layout: layout, classes: [], goodClass: nil, samples: samples, problems: problems)
    dataset.notes = notes
    return dataset
  }
}
