import AssayBase
import Foundation

/// Finds the images that annotation files name. Names never lead out of the data set's folder.
///
/// A name is found by the same bytes, else by the same letters composed otherwise (NFC, NFD), else by the only one that
/// differs in capitals. What is returned is the spelling of the disk.
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

  private let byPath: [String: [String]]
  private let byFileName: [String: [String]]
  private let byStem: [String: [String]]

  init(_ tree: FileTree) {
    let all = tree.images(in: "")
    byPath = Dictionary(grouping: all) { $0.lowercased() }
    byFileName = Dictionary(grouping: all) { $0.lastPathComponent.lowercased() }
    byStem = Dictionary(grouping: all) { FileTree.stem($0).lowercased() }
  }

  /// - Parameters:
  ///   - name: as the annotation file has it.
  ///   - folders: where it is looked for first, relative to the root, empty for the root itself.
  ///   - isElsewhere: whether an image of this file name in any folder will do, if there is only one.
  func find(_ name: String, in folders: [String] = [""], isElsewhere: Bool = true) -> Lookup {
    let slashed = name.replacing("\\", with: "/")
    let parts = slashed.split(separator: "/").filter { $0 != "." }.map(String.init)
    guard !slashed.hasPrefix("/"), !parts.contains(".."), !slashed.contains("\0") else { return .outside }
    guard let last = parts.last else { return .missing }
    for folder in folders {
      let path = FileTree.joined(folder, parts.joined(separator: "/"))
      if let found = Self.best(byPath[path.lowercased()], path) { return .found(found) }
    }
    guard isElsewhere else { return .missing }
    return only(byFileName[last.lowercased()], like: last, near: folders) { $0.lastPathComponent }
  }

  /// An image by the end of its path: the longest end that is there counts.
  func find(end path: String) -> Lookup {
    let parts = path.replacing("\\", with: "/").split(separator: "/").filter { $0 != "." && $0 != ".." }.map(
      String.init)
    for start in parts.indices {
      let end = parts[start...].joined(separator: "/")
      if let found = Self.best(byPath[end.lowercased()], end) { return .found(found) }
    }
    guard let last = parts.last else { return .missing }
    return only(byFileName[last.lowercased()], like: last, near: []) { $0.lastPathComponent }
  }

  /// An image by its name without extension.
  func find(stem: String, in folders: [String]) -> Lookup {
    only(byStem[stem.lowercased()], like: stem, near: folders, by: FileTree.stem)
  }

  /// A path from the root, `..` resolved; nil when it leads out.
  static func resolved(_ name: String, in folder: String) -> String? {
    var parts = folder.split(separator: "/").map(String.init)
    let slashed = name.replacing("\\", with: "/")
    guard !slashed.hasPrefix("/") else { return nil }
    for part in slashed.split(separator: "/") where part != "." {
      if part == ".." {
        guard parts.popLast() != nil else { return nil }
      } else {
        parts.append(String(part))
      }
    }
    return parts.joined(separator: "/")
  }

  /// The one that is spelled most alike.
  private static func best(_ candidates: [String]?, _ name: String) -> String? {
    guard let candidates else { return nil }
    if let same = candidates.first(where: { $0.utf8.elementsEqual(name.utf8) }) { return same }
    let equal = candidates.filter { $0 == name }
    return equal.count == 1 ? equal[0] : candidates.count == 1 ? candidates[0] : nil
  }

  private func only(
    _ candidates: [String]?, like name: String, near folders: [String], by key: (String) -> String
  ) -> Lookup {
    guard let candidates, let first = candidates.first else { return .missing }
    if candidates.count == 1 { return .found(first) }
    for matches in [
      candidates.filter { key($0).utf8.elementsEqual(name.utf8) }, candidates.filter { key($0) == name }, candidates,
    ] {
      let near = matches.filter { path in folders.contains { $0.isEmpty || path.hasPrefix($0 + "/") } }
      let direct = near.filter { path in folders.contains { FileTree.folder(path) == $0 } }
      for choice in [matches, near, direct] where choice.count == 1 { return .found(choice[0]) }
    }
    return .ambiguous(candidates)
  }
}
