import AssayBase
import AssayImage
import Foundation

/// The files below a folder: sorted, without what belongs to the system, symbolic links followed once.
///
/// Names are kept byte by byte as the folder has them. Swift's strings are equal when they look the same, so a name
/// that is composed (NFC) and one that is decomposed (NFD) find each other; ``own(_:)`` gives the spelling on disk.
package struct FileTree {
  let root: String
  /// Relative paths with `/`, sorted.
  let files: [String]
  /// What cannot be used.
  let problems: [DataProblem]
  /// What was decided about files that are no part of the data, for people.
  let notes: [DataNote]
  /// Folders directly or further below that hold no file at all.
  let emptyFolders: [String]
  /// What stands where a file could be and is none: folders, and what cannot be read, each with its cause.
  let obstacles: [String: String]

  /// Makes texts of bytes.
  let reader: TextReader

  private let images: [String]
  private let spellings: [String: [String]]
  private let folded: [String: [String]]

  init(_ root: String, reader: TextReader = TextReader()) {
    self.root = root
    self.reader = reader
    var walker = FileWalker()
    walker.walk(root, prefix: "", depth: 0)
    files = walker.files.sorted()
    images = files.filter(walker.images.contains)
    problems = walker.problems
    notes = walker.notes
    emptyFolders = walker.emptyFolders
    obstacles = walker.obstacles
    spellings = Dictionary(grouping: files) { $0 }
    folded = Dictionary(grouping: files) { $0.lowercased() }
  }

  /// Whether a file name promises an image that is read.
  static func isImage(_ name: String) -> Bool {
    ImageFile.extensions.contains(name.pathExtension.lowercased())
  }

  /// A file's name without folders and extension.
  static func stem(_ path: String) -> String {
    path.lastPathComponent.deletingPathExtension
  }

  /// The folder of a relative path, empty for the root.
  static func folder(_ path: String) -> String {
    path.split(separator: "/").dropLast().joined(separator: "/")
  }

  static func joined(_ folder: String, _ name: String) -> String { folder.isEmpty ? name : folder + "/" + name }

  /// A file by its relative path in the spelling of the disk: the same bytes, else the same letters composed otherwise,
  /// else the only one that differs in case; nil when there is none.
  func own(_ path: String) -> String? {
    if let same = spellings[path] {
      return same.first { $0.utf8.elementsEqual(path.utf8) } ?? (same.count == 1 ? same[0] : nil)
    }
    guard let other = folded[path.lowercased()], other.count == 1 else { return nil }
    return other[0]
  }

  /// Why something that stands at a path, or above it, is no file that can be read; nil when nothing stands there.
  func obstacle(_ path: String) -> String? {
    if let cause = obstacles[path] { return cause }
    var folder = Self.folder(path)
    while !folder.isEmpty {
      if let cause = obstacles[folder], cause != FileWalker.isFolder { return "its folder \(folder): \(cause)" }
      if spellings[folder] != nil { return "its folder \(folder) is a file" }
      folder = Self.folder(folder)
    }
    return nil
  }

  /// Images at any depth below a folder (relative, empty for the root).
  func images(in folder: String) -> [String] {
    folder.isEmpty ? images : images.filter { $0.hasPrefix(folder + "/") }
  }

  /// Names of the folders directly below a folder that hold an image at any depth.
  func imageFolders(in folder: String) -> [String] {
    let prefix = folder.isEmpty ? "" : folder + "/"
    var names: Set<String> = []
    for file in images where file.hasPrefix(prefix) {
      let rest = file.dropFirst(prefix.count)
      if let slash = rest.firstIndex(of: "/") { names.insert(String(rest[..<slash])) }
    }
    return names.sorted()
  }

  /// Folders, relative to the root, sorted.
  var folders: [String] { obstacles.filter { $0.value == FileWalker.isFolder }.map(\.key).sorted() }

  /// Files with one of these extensions (lower case, without the dot), at any depth.
  func files(ending extensions: Set<String>) -> [String] {
    files.filter { extensions.contains($0.pathExtension.lowercased()) }
  }

  package static func absolute(_ path: String) -> String {
    let full = path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
    return (full as NSString).standardizingPath
  }
}

/// Finds the images below a folder.
public enum FolderSearch {
  /// What was found, and what was not taken.
  public struct Found: Sendable {
    /// Paths of all images at any depth, sorted.
    public var images: [String]
    /// Files that are no images that can be read, and names that are not UTF-8, by kind.
    public var leftOut: [LeftOut]
    /// Folders of the system and thumbnails that were passed over.
    public var notes: [DataNote]
  }

  /// Paths of all images at any depth, sorted; of a file, the file itself.
  public static func images(in path: String) -> [String] { find(in: path).images }

  /// What lies in a folder as a data set of which nothing is said but that these are images; of a file, the file itself.
  public static func unlabelled(in path: String) -> Dataset {
    var isFolder: ObjCBool = false
    let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
    let root = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    let tree = exists && isFolder.boolValue ? FileTree(root) : nil
    let samples =
      tree.map { tree in tree.images(in: "").map { Sample(path: root + "/" + $0, name: $0) } }
      ?? (exists ? [Sample(path: path, name: path.lastPathComponent)] : [])
    var dataset = Dataset(
      root: root, layout: .unlabelled, classes: [], goodClass: nil, samples: samples, problems: tree?.problems ?? [])
    dataset.notes = tree?.notes ?? []
    return dataset
  }

  /// All images at any depth, known by their content where the name does not tell, with what was left out.
  public static func find(in path: String) -> Found {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      return Found(images: [], leftOut: [], notes: [])
    }
    guard isFolder.boolValue else { return Found(images: [path], leftOut: [], notes: []) }
    let root = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    let tree = FileTree(root)
    return Found(
      images: tree.images(in: "").map { root + "/" + $0 }, leftOut: LeftOut.grouped(tree.problems), notes: tree.notes)
  }
}

/// The names in one folder, byte by byte as they are.
public struct FolderEntries: Sendable {
  /// Those that are UTF-8, sorted.
  public let names: [String]
  /// The others, escaped so that a terminal shows them (`pr\xFCfling.png`), sorted. No file can be opened by these.
  public let notUTF8: [String]

  /// nil when the folder cannot be read; `errno` says why.
  public init?(of folder: String) {
    guard let stream = opendir(folder) else { return nil }
    defer { closedir(stream) }
    var names: [String] = []
    var others: [String] = []
    while let entry = readdir(stream) {
      let bytes = Self.name(entry)
      guard bytes != [46], bytes != [46, 46] else { continue }
      if let name = String(validating: bytes, as: UTF8.self) {
        names.append(name)
      } else {
        others.append(SystemFiles.escaped(bytes))
      }
    }
    self.names = names.sorted()
    notUTF8 = others.sorted()
  }

  /// Where it lies: the 256 bytes of `d_name` are there only as far as the name goes, and a copy of all of them would read
  /// beyond the end of what the system has filled.
  private static func name(_ entry: UnsafeMutablePointer<dirent>) -> [UInt8] {
    guard let offset = MemoryLayout<dirent>.offset(of: \.d_name) else { return [] }
    let name = UnsafeRawPointer(entry).advanced(by: offset).assumingMemoryBound(to: UInt8.self)
    return Array(
      UnsafeBufferPointer(start: name, count: strlen(UnsafeRawPointer(name).assumingMemoryBound(to: CChar.self))))
  }
}
