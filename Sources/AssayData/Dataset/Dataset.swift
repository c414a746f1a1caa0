public import AssayBase

/// What a sample is for.
public enum Split: String, Codable, Sendable, CaseIterable {
  case train, validation, test
}

/// One labelled (or unlabelled) image file.
public struct Sample: Sendable, Hashable {
  /// Absolute path.
  public var path: String
  /// Path relative to the data set's root, for people and for reports.
  public var name: String
  /// The image's only class, or the main one. Where several classes are marked and none is the main one, their names
  /// joined by `+`.
  public var label: String?
  /// Every class of defect marked on the image, empty on a good one; nil where the data set gives each image one label.
  public var labels: Set<String>?
  /// Where the data itself puts it.
  public var split: Split?
  /// Samples of one group (one part, one coil, one day) are never divided between splits or folds.
  public var group: String?
  /// The set of near copies that it belongs to, groups of its members included; nil for one that is no near copy
  /// (``CopySets``).
  public var copies: String?
  /// Absolute path of a mask of the same size.
  public var mask: String?
  /// What is marked on the image, each with its class.
  public var regions: [AnnotatedRegion]
  /// Further columns of the data set, by name.
  public var annotations: [String: String]
  /// By the task's name; what is not there is not known.
  public var targets: [String: TaskTarget]

  public init(
    path: String, name: String, label: String? = nil, split: Split? = nil, group: String? = nil, mask: String? = nil,
    annotations: [String: String] = [:], targets: [String: TaskTarget] = [:], labels: Set<String>? = nil,
    regions: [AnnotatedRegion] = []
  ) {
    self.path = path
    self.name = name
    self.label = label
    self.split = split
    self.group = group
    self.mask = mask
    self.annotations = annotations
    self.targets = targets
    self.labels = labels
    self.regions = regions
  }
}

extension Sample {
  /// What keeps it together with others in splits and folds.
  public var unit: String? { copies ?? group }
}

/// How a folder of images says what they show.
public enum Layout: String, Codable, Sendable {
  case classFolders = "class folders"
  case manifest = "CSV manifest"
  case elpv = "ELPV"
  case magneticTile = "magnetic tile"
  case xsdd = "X-SDD"
  case mvtec = "MVTec AD"
  case mvtec2 = "MVTec AD 2"
  case visa = "VisA"
  case kolektor = "KolektorSDD"
  case kolektor2 = "KolektorSDD2"
  case dagm = "DAGM 2007"
  case severstal = "Severstal"
  case mvtecLOCO = "MVTec LOCO AD"
  case neuCLS = "NEU-CLS"
  case neuDET = "NEU-DET"
  case gc10DET = "GC10-DET"
  case deepPCB = "DeepPCB"
  case casting = "casting"
  case aitex = "AITEX"
  case coco = "COCO JSON"
  case yolo = "YOLO text"
  case labelStudio = "Label Studio"
  case cvat = "CVAT for images"
  case pascalVOC = "Pascal VOC"
  case labelme = "labelme"
  case datumaro = "Datumaro"
  case unlabelled = "folder of images"
}

/// Which labels are wanted.
public enum LabelScheme: String, Codable, Sendable, CaseIterable {
  /// As the data set has them.
  case native
  /// Good or defective.
  case binary
}

public struct DatasetOptions: Sendable {
  public var labels: LabelScheme
  /// The class that passes; found by its name when nil.
  public var goodClass: String?
  /// The tasks wanted, by name; nil for all that a CSV manifest has, and for plain labels elsewhere.
  public var tasks: [String]?
  /// Of texts that are not UTF-8 and do not say what they are: `gbk`, `cp1251`, ...
  public var encoding: String?

  public init(
    labels: LabelScheme = .native, goodClass: String? = nil, tasks: [String]? = nil, encoding: String? = nil
  ) {
    self.labels = labels
    self.goodClass = goodClass
    self.tasks = tasks
    self.encoding = encoding
  }
}

/// Why a path holds no usable data set.
public struct DataError: Error, Sendable, Hashable, CustomStringConvertible {
  public enum Reason: Sendable { case notFound, unusable }
  public let path: String
  public let reason: Reason
  public let cause: String
  public let remedy: String

  public init(path: String, reason: Reason = .unusable, cause: String, remedy: String) {
    self.path = path
    self.reason = reason
    self.cause = cause
    self.remedy = remedy
  }

  public var description: String { "\(path): \(cause); \(remedy)" }
}

/// A set of images with labels.
public struct Dataset: Sendable {
  public var root: String
  public var layout: Layout
  /// Sorted by name.
  public var classes: [String]
  /// The class that passes, when one does.
  public var goodClass: String?
  /// Sorted by name.
  public var samples: [Sample]
  /// Everything that cannot be used, entry by entry.
  public var problems: [DataProblem]
  /// What was decided without anybody saying so: the layout, what is taken for good, what was passed over.
  public var notes: [DataNote] = []
  /// Why no class is known to be good; nil when one is.
  public var goodClassReason: String?
  /// The encoding by which texts were read that are not UTF-8; nil when there were none.
  public var encoding: String?
  /// The tasks to learn; empty for a data set of which only the plain labels are wanted.
  public var tasks: [TaskDescription] = []
  /// Every task that the data set can give.
  public var offeredTasks: [TaskDescription] = []

  public init(
    root: String, layout: Layout, classes: [String], goodClass: String?, samples: [Sample], problems: [DataProblem]
  ) {
    self.root = root
    self.layout = layout
    self.classes = classes
    self.goodClass = goodClass
    self.samples = samples
    self.problems = problems
  }

  /// What takes no part, once for each kind.
  public var leftOut: [LeftOut] { LeftOut.grouped(problems) }

  /// Images that belong to no class because something about them could not be used.
  public var leftOutImages: Int { Set(problems.compactMap { $0.image.map { Array($0.utf8) } }).count }

  /// Images that are good because their format says that no entry means nothing marked.
  public var assumedGood: Int { notes.filter { $0.kind == .assumedGood }.reduce(0) { $0 + ($1.count ?? 0) } }

  /// Which layout was found and why, in a sentence.
  public var decision: String? { notes.first { $0.kind == .layout }?.text }
}

extension DataError: WorkflowFailure {
  public var workflowError: WorkflowError { WorkflowError(reason == .notFound ? .noInput : .badData, description) }
}
