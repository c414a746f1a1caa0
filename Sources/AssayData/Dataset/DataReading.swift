public import AssayBase

/// What was read of a data set and what was not: every command, document, report and manifest says it by this.
public struct DataReading: Sendable, Hashable, Codable {
  /// The folder or file that was read.
  public var path: String
  public var layout: String
  /// Images that take part.
  public var images: Int
  public var classes: [String]
  public var goodClass: String?
  /// The encoding by which texts were read that are not UTF-8, as it was named; nil when none was.
  public var encoding: String?
  /// Images among those that take part that are good because their format says that no entry means nothing marked.
  public var assumedGood: Int
  /// Images that belong to no class because something about them could not be used.
  public var leftOutImages: Int
  /// What takes no part, once for each kind.
  public var leftOut: [LeftOut]
  /// What was decided without anybody saying so.
  public var notes: [DataNote]

  /// - Parameter path: as it was named; nil for the data set's folder.
  public init(_ dataset: Dataset, path: String? = nil) {
    self.path = path ?? dataset.root
    layout = dataset.layout.rawValue
    images = dataset.samples.count
    classes = dataset.classes
    goodClass = dataset.goodClass
    encoding = dataset.encoding
    assumedGood = dataset.assumedGood
    leftOutImages = dataset.leftOutImages
    leftOut = dataset.leftOut
    notes = dataset.notes
    let withoutMask = dataset.problems.filter { $0.kind == .maskMissing }
    if let first = withoutMask.first {
      let names = withoutMask.map { $0.image ?? $0.file }
      notes.append(
        DataNote(
          .withoutMask,
          "\(Wording.count(names.count, "image")) used without the mask that belongs to it (\(Wording.list(names))): "
            + "\(first.cause); \(first.remedy)", count: names.count, names: names))
    }
  }

  /// Entries that take no part, by kind, for the manifest; nil when there are none.
  public var leftOutByKind: [String: Int]? {
    leftOut.isEmpty
      ? nil
      : Dictionary(leftOut.map { ($0.kind.rawValue, $0.images > 0 ? $0.images : $0.entries) }, uniquingKeysWith: +)
  }
}

extension DataReading {
  public typealias Notice = WorkNotice

  /// Everything in lines, each with the path before it: the layout and why, what was decided, and what was left out, once
  /// for each kind with cause and remedy.
  public var notices: [Notice] { decisions + Self.warnings(leftOut, of: path) }

  private var decisions: [Notice] {
    notes.map { note in
      Notice(
        "\(path): \(note.text)",
        isWarning: note.kind == .goodClass || note.kind == .withoutMask || note.kind == .outside)
    }
  }

  /// What was left out, in lines.
  public static func warnings(_ leftOut: [LeftOut], of path: String) -> [Notice] {
    leftOut.map { Notice("\(path): \($0)", isWarning: true) }
  }
}
