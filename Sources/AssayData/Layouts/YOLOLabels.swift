import AssayBase
import Foundation

/// Which label file belongs to which image, and whether they are YOLO's at all.
struct YOLOLabels {
  enum State: Equatable {
    case file(String)
    case none
    /// Something stands in its place that cannot be read.
    case blocked(file: String, cause: String)
    /// There is a file without an image whose name differs in what people and programs change: capitals, spaces, zeros.
    case misspelled(String)
  }

  /// Those that can have labels.
  let images: [String]
  /// Label files without an image.
  private(set) var strangers: [String] = []
  private let tree: FileTree
  private var states: [ExactName: State] = [:]

  static let imageFolders: Set<String> = ["images", "image", "imgs", "img", "jpegimages"]
  static let labelFolders: Set<String> = ["labels", "label"]
  static let nameFiles: Set<String> = [
    "classes.txt", "class_names.txt", "classnames.txt", "names.txt", "predefined_classes.txt", "labels.txt",
    "class.txt",
  ]

  init(_ tree: FileTree) {
    self.tree = tree
    let all = tree.images(in: "").filter { !FolderNames.isOfMasks($0) }
    var used: Set<ExactName> = []
    var found: [ExactName: State] = [:]
    var isParallel = false
    for image in all {
      for candidate in Self.candidates(image) {
        if let own = tree.own(candidate) {
          found[ExactName(image)] = .file(own)
          used.insert(ExactName(own))
          if Self.hasImageFolder(image), Self.isInLabelFolder(own) { isParallel = true }
          break
        }
        if let cause = tree.obstacle(candidate) {
          found[ExactName(image)] = .blocked(file: candidate, cause: cause)
          if Self.hasImageFolder(image) { isParallel = true }
          break
        }
      }
    }
    // Where there is a folder of images, those elsewhere are no part of it unless they have labels.
    images = all.filter { !isParallel || Self.hasImageFolder($0) || found[ExactName($0)] != nil }
    states = found
    findStrangers(used)
  }

  func state(of image: String) -> State { states[ExactName(image)] ?? .none }

  /// Whether the files hold YOLO's lines, or there are names of classes and nothing that contradicts.
  var isYOLO: Bool {
    let files = states.values.compactMap { if case .file(let file) = $0 { file } else { nil } }
    let isBlocked = states.values.contains { if case .blocked = $0 { true } else { false } }
    guard !files.isEmpty || isBlocked else { return false }
    var areSilent = true
    for file in files {
      // What cannot be read contradicts nothing; it is named when it is read.
      guard let lines = try? tree.lines(file) else { continue }
      guard let first = lines.first else { continue }
      if Self.isYOLO(first.text) { return true }
      areSilent = false
    }
    let hasNames = tree.files.contains { file in
      let name = file.lastPathComponent.lowercased()
      return Self.nameFiles.contains(name) || name.hasSuffix(".names") || name == "data.yaml" || name == "data.yml"
    }
    return areSilent && hasNames
  }

  private mutating func findStrangers(_ used: Set<ExactName>) {
    let hasFolder = tree.files.contains { $0.lowercased().hasSuffix(".txt") && Self.isInLabelFolder($0) }
    strangers = tree.files.filter { file in
      guard file.lowercased().hasSuffix(".txt"), !used.contains(ExactName(file)) else { return false }
      guard !Self.nameFiles.contains(file.lastPathComponent.lowercased()) else { return false }
      if hasFolder { return Self.isInLabelFolder(file) }
      // What cannot be read outside of a folder of labels may be any text.
      return (try? tree.lines(file))?.first.map { Self.isYOLO($0.text) } ?? false
    }
    // Wherever it lies: a folder can be misspelled too.
    let unused = tree.files(ending: ["txt"]).filter { file in
      !used.contains(ExactName(file)) && !Self.nameFiles.contains(file.lastPathComponent.lowercased())
    }
    let byLook = Dictionary(grouping: unused) { Self.look(FileTree.stem($0)) }
    for image in images where states[ExactName(image)] == nil {
      let file = byLook[Self.look(FileTree.stem(image))]?.first { file in
        // What cannot be read may be one.
        (try? tree.lines(file)).map { $0.isEmpty || Self.isYOLO($0[0].text) } ?? true
      }
      if let file { states[ExactName(image)] = .misspelled(file) }
    }
  }

  /// Where the labels of an image may be.
  private static func candidates(_ image: String) -> [String] {
    let parts = image.split(separator: "/").map(String.init)
    let folders = Array(parts.dropLast())
    let stem = FileTree.stem(image)
    let file = image.lastPathComponent
    var places: [[String]] = []
    if let place = folders.lastIndex(where: { imageFolders.contains($0.lowercased()) }) {
      for name in ["labels", "label"] {
        var other = folders
        other[place] = name
        places.append(other)
      }
    }
    places.append(folders)
    places += [folders + ["labels"], folders.dropLast() + ["labels"]]
    return places.flatMap { place in
      [stem, file].map { (place + [$0 + ".txt"]).joined(separator: "/") }
    }
  }

  private static func hasImageFolder(_ image: String) -> Bool {
    image.split(separator: "/").dropLast().contains { imageFolders.contains($0.lowercased()) }
  }

  private static func isInLabelFolder(_ file: String) -> Bool {
    file.split(separator: "/").dropLast().contains { labelFolders.contains($0.lowercased()) }
  }

  /// Whether a line is a class number and coordinates.
  static func isYOLO(_ line: String) -> Bool {
    let fields = line.split(whereSeparator: \.isWhitespace)
    return fields.count >= 5 && fields.allSatisfy { Double($0) != nil }
      && Double(fields[0]).flatMap { Int(exactly: $0) } != nil
  }

  /// What programs add to the name of a label file.
  private static let said: Set<String> = [
    "label", "labels", "annotation", "annotations", "anno", "bbox", "bboxes", "box", "yolo", "gt", "copy",
  ]

  /// A name without what people and programs change in it.
  static func look(_ stem: String) -> String {
    var look = ""
    let plain = stem.folding(options: [.caseInsensitive, .diacriticInsensitive, .widthInsensitive], locale: nil)
    var words = plain.split { !$0.isLetter && !$0.isNumber }.map(String.init)
    if let last = words.last, ["jpg", "jpeg", "png", "bmp", "tif", "tiff", "txt"].contains(last), words.count > 1 {
      words.removeLast()
    }
    let telling = words.filter { !said.contains($0) }
    for word in telling.isEmpty ? words : telling {
      var isAfterDigit = false
      for character in word {
        // Zeros in front of a number.
        if character == "0", !isAfterDigit { continue }
        isAfterDigit = character.isNumber
        look.append(character)
      }
    }
    return look.isEmpty ? stem : look
  }
}
