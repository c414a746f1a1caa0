import AssayImage
import Foundation

/// The files below a folder: sorted, without hidden ones, symbolic links followed once.
struct FileTree {
  let root: String
  /// Relative paths with `/`, sorted.
  let files: [String]
  let problems: [DataProblem]

  init(_ root: String) {
    self.root = root
    var walker = Walker()
    walker.walk(root, prefix: "", depth: 0)
    files = walker.files.sorted()
    problems = walker.problems
  }

  private struct Walker {
    var files: [String] = []
    var problems: [DataProblem] = []
    private var visited: Set<String> = []

    mutating func walk(_ folder: String, prefix: String, depth: Int) {
      // A link back up would otherwise be followed for ever.
      guard depth < 64, visited.insert(FileTree.resolved(folder)).inserted else { return }
      guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
        problems.append(
          DataProblem(
            file: prefix.isEmpty ? folder : prefix, cause: "the folder cannot be read", remedy: "make it readable"))
        return
      }
      for name in names.sorted() where !name.hasPrefix(".") && name != "Thumbs.db" && name != "__MACOSX" {
        let path = folder + "/" + name
        let relative = prefix.isEmpty ? name : prefix + "/" + name
        var status = stat()
        guard stat(path, &status) == 0 else {
          problems.append(
            DataProblem(file: relative, cause: "the link leads nowhere", remedy: "remove it or mend its target"))
          continue
        }
        if status.st_mode & S_IFMT == S_IFDIR {
          walk(path, prefix: relative, depth: depth + 1)
        } else if status.st_mode & S_IFMT == S_IFREG {
          files.append(relative)
        }
      }
    }
  }

  static func isImage(_ name: String) -> Bool {
    ImageFile.extensions.contains((name as NSString).pathExtension.lowercased())
  }

  /// A file's name without folders and extension.
  static func stem(_ path: String) -> String {
    ((path as NSString).lastPathComponent as NSString).deletingPathExtension
  }

  /// A text file's content, nil when there is none.
  static func text(_ path: String) -> String? {
    FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
  }

  /// Images at any depth below a folder (relative, empty for the root).
  func images(in folder: String) -> [String] {
    files.filter { (folder.isEmpty || $0.hasPrefix(folder + "/")) && Self.isImage($0) }
  }

  /// Names of the folders directly below a folder that hold an image at any depth.
  func imageFolders(in folder: String) -> [String] {
    let prefix = folder.isEmpty ? "" : folder + "/"
    var names: Set<String> = []
    for file in files where file.hasPrefix(prefix) && Self.isImage(file) {
      let rest = file.dropFirst(prefix.count)
      if let slash = rest.firstIndex(of: "/") { names.insert(String(rest[..<slash])) }
    }
    return names.sorted()
  }

  static func absolute(_ path: String) -> String {
    let full = path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
    return (full as NSString).standardizingPath
  }

  private static func resolved(_ path: String) -> String { URL(fileURLWithPath: path).resolvingSymlinksInPath().path }
}

/// Finds the images below a folder.
public enum FolderSearch {
  /// Paths of all images at any depth, sorted; of a file, the file itself.
  public static func images(in path: String) -> [String] {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { return [] }
    guard isFolder.boolValue else { return [path] }
    let root = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    return FileTree(root).images(in: "").map { root + "/" + $0 }
  }
}
