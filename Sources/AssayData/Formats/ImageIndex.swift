import Foundation

/// Finds the images that annotation files name. Names never lead out of the data set's folder.
struct ImageIndex {
  enum Lookup: Equatable {
    /// Path relative to the root.
    case found(String)
    case missing
    /// The name leads out of the data set's folder.
    case outside
    /// Images of this name, in several folders.
    case ambiguous([String])
  }

  private let images: Set<String>
  private let byFileName: [String: [String]]
  private let byStem: [String: [String]]

  init(_ tree: FileTree) {
    let all = tree.images(in: "")
    images = Set(all)
    byFileName = Dictionary(grouping: all) { ($0 as NSString).lastPathComponent }
    byStem = Dictionary(grouping: all) { FileTree.stem($0) }
  }

  /// - Parameters:
  ///   - name: as the annotation file has it.
  ///   - folders: where it is looked for first, relative to the root, empty for the root itself.
  ///   - isElsewhere: whether an image of this file name in any folder will do, if there is only one.
  func find(_ name: String, in folders: [String] = [""], isElsewhere: Bool = true) -> Lookup {
    let slashed = name.replacing("\\", with: "/")
    let parts = slashed.split(separator: "/").filter { $0 != "." }
    guard !slashed.hasPrefix("/"), !parts.contains(".."), !slashed.contains("\0") else { return .outside }
    guard !parts.isEmpty else { return .missing }
    let clean = parts.joined(separator: "/")
    for folder in folders {
      let path = folder.isEmpty ? clean : folder + "/" + clean
      if images.contains(path) { return .found(path) }
    }
    guard isElsewhere, let last = parts.last else { return .missing }
    return only(byFileName[String(last)], near: folders)
  }

  /// An image by its name without extension.
  func find(stem: String, in folders: [String]) -> Lookup { only(byStem[stem], near: folders) }

  private func only(_ candidates: [String]?, near folders: [String]) -> Lookup {
    guard let candidates, let first = candidates.first else { return .missing }
    if candidates.count == 1 { return .found(first) }
    let near = candidates.filter { path in folders.contains { !$0.isEmpty && path.hasPrefix($0 + "/") } }
    return near.count == 1 ? .found(near[0]) : .ambiguous(candidates)
  }
}

/// Splits as folders, files and columns name them.
enum SplitName {
  private static let names: [String: Split] = [
    "train": .train, "training": .train, "trainval": .train, "val": .validation, "valid": .validation,
    "validation": .validation, "test": .test, "testing": .test,
  ]

  static func find(_ name: some StringProtocol) -> Split? { names[name.lowercased()] }

  /// The split that a folder or a part of a file's name (`instances_train2017.json`) names.
  static func find(inPath path: String) -> Split? {
    let words = path.lowercased().split { !$0.isLetter }
    return words.lazy.compactMap { find($0) }.first
  }
}

extension SplitName {
  /// The split that one of the folders of a path names.
  static func find(inFoldersOf path: String) -> Split? {
    path.split(separator: "/").dropLast().lazy.compactMap { find($0) }.first
  }
}
