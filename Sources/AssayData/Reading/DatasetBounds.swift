import AssayBase
import Foundation

/// Which files lie in a data set's folder, wherever links and paths lead.
///
/// Folders of links and tables of absolute paths are usual, so reading a data set takes what they name, and says so. A
/// conversion makes a data set that others get: it takes nothing from elsewhere.
struct DatasetBounds {
  /// The folder's own place, with a slash at its end.
  private let root: String
  /// Places of folders that were asked for; nil where there is none.
  private var folders: [ExactName: String?] = [:]

  init(_ root: String) {
    let real = Self.real(root) ?? root
    self.root = real.hasSuffix("/") ? real : real + "/"
  }

  /// A path without links and `..`; nil where nothing is there.
  static func real(_ path: String) -> String? {
    guard !path.utf8.contains(0), let found = realpath(path, nil) else { return nil }
    defer { free(found) }
    return String(validatingCString: found)
  }

  /// Whether a folder is the data set's or lies in it.
  func contains(_ folder: String) -> Bool { Self.real(folder).map { ($0 + "/").hasPrefix(root) } ?? false }

  /// Where a file really is, if that is outside; nil for one inside, and for one that is not there.
  mutating func place(outside path: String) -> String? {
    let folder = path.deletingLastPathComponent
    let key = ExactName(folder)
    let real: String?
    if let known = folders[key] {
      real = known
    } else {
      real = Self.real(folder)
      folders[key] = real
    }
    var status = stat()
    guard let real, lstat(path, &status) == 0 else { return nil }
    let isLink = status.st_mode & S_IFMT == S_IFLNK
    guard let place = isLink ? Self.real(path) : FileTree.joined(real, path.lastPathComponent) else { return nil }
    return place.hasPrefix(root) ? nil : place
  }
}

extension Dataset {
  /// Images and masks outside the folder are used, and named: a table or a link may lead to what nobody meant.
  mutating func noteWhatLiesOutside() {
    var bounds = DatasetBounds(root)
    var names: [String] = []
    var first: String?
    for sample in samples {
      for path in [sample.path] + sample.maskFiles {
        guard let place = bounds.place(outside: path) else { continue }
        names.append(sample.name)
        first = first ?? place
        break
      }
    }
    guard let first else { return }
    notes.append(
      DataNote(
        .outside,
        "\(Wording.count(names.count, "image")) (or a mask of it) outside the data set's folder, by a link or a path in a "
          + "table (\(Wording.list(names)); the first at \(first)): used all the same; a conversion takes none of them",
        count: names.count, names: names))
  }

  /// Takes out images that lie outside the folder, and masks that do, and names them among the problems.
  mutating func leaveOutWhatLiesOutside() {
    var bounds = DatasetBounds(root)
    let remedy = "copy it into the data set's folder; a conversion takes nothing from elsewhere"
    var found: [DataProblem] = []
    samples = samples.compactMap { sample in
      if let place = bounds.place(outside: sample.path) {
        found.append(
          DataProblem(
            file: sample.name, cause: "it lies outside the data set, at \(place)", remedy: remedy, kind: .imageOutside,
            image: sample.name))
        return nil
      }
      var sample = sample
      for mask in sample.maskFiles {
        guard let place = bounds.place(outside: mask) else { continue }
        found.append(
          DataProblem(
            file: sample.name, cause: "its mask lies outside the data set, at \(place)", remedy: remedy,
            kind: .maskMissing, image: sample.name))
        if sample.mask == mask { sample.mask = nil }
        sample.regions.removeAll { $0.file == mask }
      }
      return sample
    }
    problems += found
    notes.removeAll { $0.kind == .outside }
  }
}

extension Sample {
  /// Paths of its masks.
  fileprivate var maskFiles: [String] { [mask].compactMap { $0 } + regions.compactMap(\.file) }
}
