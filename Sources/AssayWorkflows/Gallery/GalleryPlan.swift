import AssayBase
import AssayData
import AssayReport
import Foundation

/// Which picture stands on which page of a gallery, and what is said of it.
struct GalleryPlan {
  let dataset: Dataset
  let path: String
  let colours: GalleryColours
  let pictures: [ExactName: GalleryArtist.Drawn]
  /// Images that were left out and may still be shown, without anything marked.
  let lost: [Sample]

  init(_ dataset: Dataset, path: String, colours: GalleryColours, pictures: [ExactName: GalleryArtist.Drawn]) {
    self.dataset = dataset
    self.path = path
    self.colours = colours
    self.pictures = pictures
    var seen: Set<ExactName> = []
    lost = dataset.problems.compactMap { problem in
      guard problem.kind != .imageUnreadable, problem.kind != .nameNotUTF8, let name = problem.image else { return nil }
      let file = name.hasPrefix("/") ? name : dataset.root + "/" + name
      guard FileManager.default.fileExists(atPath: file), seen.insert(ExactName(file)).inserted else { return nil }
      return Sample(path: file, name: name)
    }
  }

  func content(lost drawn: [ExactName: GalleryArtist.Drawn]) -> GalleryContent {
    let name = path.lastPathComponent
    var content = GalleryContent(
      title: name.isEmpty ? path : name, subtitle: "Assay \(Versions.assay) · what was understood of \(path)",
      reading: DataReading(dataset, path: path).content(dataset.problems))
    content.colours = colours.byClass.keys.sorted().map { .init($0, colour: colours.css($0)) }
    content.groups = groups
    content.leftOut = leftOut(drawn)
    return content
  }

  // MARK: What takes part

  private static let noLabel = "(no label)"

  private struct Place: Hashable {
    let label: String
    let split: Split?
  }

  private var groups: [GalleryContent.Group] {
    var places: [Place: [Sample]] = [:]
    for sample in dataset.samples {
      let labels = Self.labels(sample)
      for label in labels.isEmpty ? [Self.noLabel] : labels {
        places[Place(label: label, split: sample.split), default: []].append(sample)
      }
    }
    let labels = Set(places.keys.map(\.label)).sorted { first, second in
      // The good class first: it is what the others differ from.
      (first == dataset.goodClass ? 0 : 1, first) < (second == dataset.goodClass ? 0 : 1, second)
    }
    let splits: [Split?] = Split.allCases + [nil]
    return labels.flatMap { label in
      splits.compactMap { split in
        places[Place(label: label, split: split)].map { samples in
          .init(row: label, column: split?.rawValue ?? "no split given", pictures: samples.map(picture))
        }
      }
    }
  }

  /// Everything marked on an image, or its label.
  private static func labels(_ sample: Sample) -> [String] {
    if let labels = sample.labels, !labels.isEmpty { return labels.sorted() }
    return [sample.label].compactMap { $0 }
  }

  private func picture(_ sample: Sample) -> GalleryContent.Picture {
    let drawn = pictures[ExactName(sample.path)]
    let labels = Self.labels(sample)
    var marks = labels.map { label in
      let own = sample.regions.filter { $0.label == label }
      let mask = sample.mask != nil && label == sample.label ? ["mask"] : []
      let parts = counts(own) + mask
      return GalleryContent.Mark(
        parts.isEmpty ? label : "\(label): \(parts.joined(separator: ", "))",
        colour: parts.isEmpty ? nil : colours.css(label))
    }
    for name in Set(sample.regions.map(\.label)).subtracting(labels).sorted() {
      let own = sample.regions.filter { $0.label == name }
      marks.append(.init("\(name): \(counts(own).joined(separator: ", "))", colour: colours.css(name)))
    }
    for (task, target) in sample.targets.sorted(by: { $0.key < $1.key }) {
      let value = target.label ?? target.value.map { "\($0)" } ?? ""
      marks.append(.init("\(task) = \(value)"))
    }
    let size = drawn.map { ["\($0.photograph.width) x \($0.photograph.height) pixels"] } ?? []
    let group = sample.group.map { ["group \($0)"] } ?? []
    return GalleryContent.Picture(
      name: sample.name, file: drawn?.file, width: drawn?.width ?? 0, height: drawn?.height ?? 0, marks: marks,
      lines: [(size + group).joined(separator: ", ")].filter { !$0.isEmpty }
        + (drawn?.troubles ?? []).map { "a mask is not drawn: \($0)" })
  }

  private func counts(_ regions: [AnnotatedRegion]) -> [String] {
    var boxes = 0
    var polygons = 0
    var masks = 0
    for region in regions {
      switch region.shape {
      case .box: boxes += 1
      case .polygons(let own): polygons += own.count
      case .runs, .file: masks += 1
      }
    }
    func text(_ count: Int, _ one: String, _ many: String) -> [String] {
      count == 0 ? [] : [count == 1 ? "1 \(one)" : "\(count) \(many)"]
    }
    return text(boxes, "box", "boxes") + text(polygons, "polygon", "polygons") + text(masks, "mask", "masks")
  }

  // MARK: What takes none

  private func leftOut(_ drawn: [ExactName: GalleryArtist.Drawn]) -> [GalleryContent.Group] {
    dataset.leftOut.map { kind in
      let problems = dataset.problems.filter { $0.kind == kind.kind }
      return GalleryContent.Group(
        row: kind.cause, column: "left out",
        pictures: problems.map { problem in
          let name = problem.image ?? problem.file
          let file = name.hasPrefix("/") ? name : dataset.root + "/" + name
          let found = drawn[ExactName(file)]
          return GalleryContent.Picture(
            name: name, file: found?.file, width: found?.width ?? 0, height: found?.height ?? 0, marks: [],
            lines: [], cause: "\(problem)")
        })
    }
  }
}
