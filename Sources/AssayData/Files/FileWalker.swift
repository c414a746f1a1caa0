import AssayBase
import AssayImage
import Foundation

/// Walks through a folder and tells images, other files and what is no part of the data apart.
struct FileWalker {
  private(set) var files: [String] = []
  private(set) var images: Set<String> = []
  private(set) var problems: [DataProblem] = []
  private(set) var emptyFolders: [String] = []
  private(set) var obstacles: [String: String] = [:]
  private var passedOver: [String: Int] = [:]
  private var visited: Set<FileIdentity> = []

  static let isFolder = "it is a folder, not a file"

  /// What was decided on the way.
  var notes: [DataNote] {
    guard !passedOver.isEmpty else { return [] }
    let count = passedOver.values.reduce(0, +)
    let names = passedOver.keys.sorted()
    return [
      DataNote(
        .passedOver,
        "\(Wording.count(count, "file")) of the system, thumbnails and copies passed over: \(Wording.list(names, first: 8))",
        count: count, names: names)
    ]
  }

  mutating func walk(_ folder: String, prefix: String, depth: Int) {
    guard let names = entries(folder, prefix, depth) else { return }
    var isEmpty = true
    for name in names {
      let path = folder + "/" + name
      let relative = FileTree.joined(prefix, name)
      var status = stat()
      let exists = stat(path, &status) == 0
      if SystemFiles.isOne(name) {
        if exists { pass(path, name, status) }
        continue
      }
      isEmpty = false
      guard exists else {
        stop(relative, "the link leads nowhere", "remove it or mend its target")
        continue
      }
      if status.st_mode & S_IFMT == S_IFDIR {
        obstacles[relative] = Self.isFolder
        walk(path, prefix: relative, depth: depth + 1)
      } else if status.st_mode & S_IFMT == S_IFREG {
        add(path, relative)
      } else {
        stop(relative, "it is a device, a pipe or a socket", "remove it")
      }
    }
    if isEmpty, !prefix.isEmpty { emptyFolders.append(prefix) }
  }

  /// Names in a folder, sorted; nil when it was seen before or cannot be read.
  private mutating func entries(_ folder: String, _ prefix: String, _ depth: Int) -> [String]? {
    // A link back up would otherwise be followed for ever.
    guard depth < 64, let identity = FileIdentity(folder), visited.insert(identity).inserted else { return nil }
    guard let found = FolderEntries(of: folder) else {
      let cause = errno == EACCES ? "opening the folder is not permitted" : "the folder cannot be read"
      stop(prefix.isEmpty ? folder : prefix, cause, "give this user the right to read it")
      return nil
    }
    for name in found.notUTF8 {
      let shown = FileTree.joined(prefix, name)
      problems.append(
        DataProblem(file: shown, cause: "its name is not UTF-8", remedy: "rename it", kind: .nameNotUTF8, image: shown))
    }
    return found.names
  }

  private mutating func stop(_ file: String, _ cause: String, _ remedy: String) {
    obstacles[file] = cause
    problems.append(
      DataProblem(
        file: file, cause: cause, remedy: remedy, kind: .unreadable, image: FileTree.isImage(file) ? file : nil))
  }

  private mutating func add(_ path: String, _ relative: String) {
    let suffix = relative.pathExtension.lowercased()
    if ImageFile.extensions.contains(suffix) {
      images.insert(relative)
    } else if SystemFiles.isCopy(relative) {
      let isBackup = relative.hasSuffix("~")
      if FileTree.isImage(isBackup ? String(relative.dropLast()) : relative.deletingPathExtension) {
        passedOver[isBackup ? "*~" : "*.\(suffix)", default: 0] += 1
        return
      }
    } else if !SystemFiles.otherExtensions.contains(suffix) {
      lookInto(path, relative, suffix)
    }
    files.append(relative)
  }

  /// A file whose name does not tell what it is.
  private mutating func lookInto(_ path: String, _ relative: String, _ suffix: String) {
    func skip(_ cause: String, _ remedy: String, _ kind: DataProblem.Kind) {
      problems.append(DataProblem(file: relative, cause: cause, remedy: remedy, kind: kind, image: relative))
    }
    let promises = SystemFiles.foreignImages.contains(suffix)
    do throws(ImageError) {
      switch try ImageFile.content(path: path) {
      case .image(.pnm) where !promises:
        // Two letters are not much of a signature.
        if (try? ImageFile.header(path: path)) != nil { images.insert(relative) }
      case .image: images.insert(relative)
      case .foreign(let name):
        skip("it is \(name), which is not read", "convert it to PNG, TIFF or JPEG", .imageNotRead)
      case .other where promises:
        skip(
          "it is named .\(suffix) and is no image that can be read", "replace it with the photograph as PNG or JPEG",
          .imageNotRead)
      case .other: break
      }
    } catch {
      if promises || suffix.isEmpty { skip(error.cause, error.remedy, .unreadable) }
    }
  }

  /// Counts the images in what belongs to the system.
  private mutating func pass(_ path: String, _ name: String, _ status: stat) {
    let title = name.hasPrefix("._") ? "._*" : name
    guard status.st_mode & S_IFMT == S_IFDIR else {
      // Other hidden files are nobody's business.
      if FileTree.isImage(name) || SystemFiles.isKnown(name) { passedOver[title, default: 0] += 1 }
      return
    }
    // Whatever is in there; a link may lead anywhere, so it is not followed.
    var link = stat()
    guard lstat(path, &link) == 0, link.st_mode & S_IFMT == S_IFDIR else { return }
    guard !SystemFiles.isUninteresting(name) else { return }
    let inside = FileManager.default.enumerator(atPath: path)
    var count = 0
    while count < 100_000, let file = inside?.nextObject() as? String {
      if FileTree.isImage(file), inside?.fileAttributes?[.type] as? FileAttributeType != .typeDirectory { count += 1 }
    }
    if count > 0 { passedOver[title, default: 0] += count }
  }
}

/// A file or folder, whatever it is called.
private struct FileIdentity: Hashable {
  let device: UInt
  let number: UInt

  init?(_ path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    device = UInt(status.st_dev)
    number = UInt(status.st_ino)
  }
}
