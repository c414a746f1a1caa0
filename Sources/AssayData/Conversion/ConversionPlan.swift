import AssayBase
import AssayImage
import Foundation

/// Where each image and mask of a conversion goes, decided before anything is written.
struct ConversionPlan {
  struct Item {
    let sample: Sample
    /// Relative to the new folder.
    let image: String
    /// Masks to draw: of a class, or of everything marked where the class is nil.
    let masks: [(label: String?, path: String)]
  }

  private(set) var items: [Item] = []
  let leftOut: Int
  let header: [String]
  private let target: DatasetConversion.Target
  private let maskClasses: [String]
  private let isSeveral: Bool
  private let tasks: [TaskDescription]

  init(_ dataset: Dataset, _ target: DatasetConversion.Target, _ rule: SplitRule) throws(DataError) {
    self.target = target
    // A manifest can say that something has no label; folders cannot.
    let samples = target == .csv ? dataset.samples : dataset.samples.filter { $0.label != nil }
    leftOut = dataset.samples.count - samples.count
    guard !samples.isEmpty else {
      throw DataError(path: dataset.root, cause: "no image has a label", remedy: "convert to csv")
    }
    isSeveral = target == .csv && dataset.severalLabelled > 0
    maskClasses =
      target == .csv ? Set(samples.flatMap { $0.regions.map(\.label) }).sorted() : []
    tasks = target == .csv ? dataset.offeredTasks : []
    let masked = samples.contains { $0.mask != nil }
    // Of tasks, those named `label` have the plain column.
    let hasLabel = tasks.isEmpty || tasks.contains { $0.name == "label" }
    header =
      ["path"] + (hasLabel ? [isSeveral ? "labels" : "label"] : []) + ["split", "group"] + (masked ? ["mask"] : [])
      + maskClasses.map { "mask:" + $0 } + tasks.filter { $0.name != "label" }.map(Self.title)
    var names = UniqueNames()
    switch target {
    case .classFolders:
      try dataset.checkSingleLabels()
      let isDivided = samples.contains { $0.split != nil }
      for sample in samples {
        let folder = (isDivided ? (sample.split ?? .train).rawValue + "/" : "") + Self.safe(sample.label ?? "")
        items.append(Item(sample: sample, image: names.path(folder, sample.name), masks: []))
      }
    case .mvtec:
      guard let good = dataset.goodClass else {
        throw DataError(
          path: dataset.root, cause: "MVTec AD's layout needs good parts, and no class is known to be good",
          remedy: "name the good class with --good")
      }
      // By content, so that copies land together; what cannot be read goes by its name.
      let hashes = samples.map { sample in
        (try? ImageFile.contents(path: sample.path, maximumPixels: .max)).map(ContentHash.of) ?? sample.name
      }
      let copies = CopySearch(paths: samples.map(\.path), hashes: hashes).pairs()
      let splits = rule.assign(
        samples: CopySets.marked(samples, hashes: hashes, pairs: copies), hashes: hashes)
      for (sample, split) in zip(samples, splits) {
        let isGood = sample.label == good
        let kind = isGood ? GoodClass.standard : Self.safe(sample.label ?? "")
        let place = isGood && split != .test ? "train" : "test"
        let image = names.path("\(place)/\(kind)", sample.name)
        let mask = "ground_truth/\(kind)/\(FileTree.stem(image))_mask.png"
        items.append(
          Item(sample: sample, image: image, masks: isGood || !sample.hasPixelTruth ? [] : [(nil, mask)]))
      }
    case .csv:
      var maskNames = UniqueNames()
      for sample in samples {
        let image = names.path("images", sample.name)
        let stem = FileTree.stem(image)
        var masks: [(label: String?, path: String)] = []
        if sample.mask != nil { masks.append((nil, maskNames.path("masks", stem + ".png"))) }
        for name in Set(sample.regions.map(\.label)).sorted() {
          masks.append((name, maskNames.path("masks", "\(stem)_\(Self.safe(name)).png")))
        }
        items.append(Item(sample: sample, image: image, masks: masks))
      }
    }
  }

  /// The manifest's row of an image.
  /// - Parameter masks: those drawn, by class; the empty name is that of everything.
  func row(_ item: Item, masks: [String: String]) -> [String] {
    header.map { title in
      let sample = item.sample
      switch title {
      case "path": return item.image
      case "label": return sample.label ?? ""
      case "labels": return sample.label == nil ? "" : SeveralLabels.text(sample.labels ?? Set([sample.label ?? ""]))
      case "split": return sample.split?.rawValue ?? ""
      case "group": return sample.group ?? ""
      case "mask": return masks[""] ?? ""
      default:
        if let name = SeveralLabels.maskClass(title) { return masks[name] ?? "" }
        let task = tasks.first { Self.title($0) == title }
        switch task.flatMap({ sample.targets[$0.name] }) {
        case .label(let label): return label
        case .value(let value): return String(value)
        case nil: return ""
        }
      }
    }
  }

  private static func title(_ task: TaskDescription) -> String {
    switch task.kind {
    case .classification: "label:" + task.name
    case .ordinal: "level:" + task.name
    case .real: "score:" + task.name
    }
  }

  /// RFC 4180.
  static func csv(_ rows: [[String]]) -> String {
    rows.map { row in
      row.map { field in
        field.contains(where: { ",\"\n\r".contains($0) })
          ? "\"\(field.replacing("\"", with: "\"\""))\"" : field
      }.joined(separator: ",")
    }.joined(separator: "\n") + "\n"
  }

  /// A name from annotations as a folder's: it stays below its parent whatever it is.
  static func safe(_ name: String) -> String {
    let plain = String(name.map { $0 == "/" || $0 == "\\" || $0 == "\0" || $0.isNewline ? "_" : $0 })
    let trimmed = plain.trimmingCharacters(in: .whitespaces)
    return trimmed.isEmpty || trimmed.hasPrefix(".") ? "_" + trimmed : trimmed
  }
}

/// File names that do not collide, also not in a file system that ignores case.
struct UniqueNames {
  private var used: Set<String> = []

  /// A path in the folder for a file from any depth: folders become part of its name where it would collide.
  ///
  /// Masks are called after the name without extension, so that must be unique too.
  mutating func path(_ folder: String, _ name: String) -> String {
    let last = ConversionPlan.safe(name.lastPathComponent)
    let flat = ConversionPlan.safe(name.replacing("/", with: "_"))
    for candidate in [last, flat] where take(folder, candidate) { return folder + "/" + candidate }
    let suffix = flat.pathExtension
    var number = 2
    while true {
      let candidate = "\(flat.deletingPathExtension)-\(number)" + (suffix.isEmpty ? "" : "." + suffix)
      if take(folder, candidate) { return folder + "/" + candidate }
      number += 1
    }
  }

  private mutating func take(_ folder: String, _ name: String) -> Bool {
    used.insert((folder + "/" + name.deletingPathExtension).lowercased()).inserted
  }
}
