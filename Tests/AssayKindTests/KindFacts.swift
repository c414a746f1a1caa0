import AssayTestSupport
import Foundation

/// What is true of each kind by its definition, for a ``TinyBundle`` of it.
extension BundleKind {
  /// Verdict and class of a part.
  struct Judgement: Equatable {
    let verdict: String?
    let `class`: String?

    init(_ verdict: String, _ name: String) { (self.verdict, self.class) = (verdict, name) }

    init(_ document: JSONValue?) { (verdict, `class`) = (document?["verdict"]?.text, document?["class"]?.text) }
  }

  /// Of a black part.
  var onBlack: Judgement {
    switch self {
    case .classifierWithoutGood: Judgement("classified", "bolt")
    case .measurement: Judgement("measured", "")
    case .anomalyWithoutThreshold: Judgement("unjudged", "unjudged")
    default: Judgement("good", "good")
    }
  }

  /// Of a white part.
  var onWhite: Judgement {
    switch self {
    case .classifierWithoutGood: Judgement("classified", "screw")
    case .measurement: Judgement("measured", "")
    case .anomalyWithoutThreshold: Judgement("unjudged", "unjudged")
    case .tasks: Judgement("defect", "rough")
    case .anomaly, .tiled: Judgement("defect", "defect")
    default: Judgement("defect", "scratch")
    }
  }

  /// How the line begins with which `inspect` ends after a black part and a white one.
  var closing: String {
    switch self {
    case .classifierWithoutGood: "bolt 1, screw 1, "
    case .measurement: "2 measured, "
    case .anomalyWithoutThreshold: "2 unjudged, "
    case .anomaly, .tiled: "1 good, 1 defect, "
    // Several classes are on a white part.
    case .multiLabel, .multiLabelSegmentation: "1 good, 1 defect ("
    default: "1 good, 1 defect (\(onWhite.class ?? "") 1), "
    }
  }

  /// Whether a part can be good or defective.
  var judges: Bool { onBlack.verdict == "good" }

  var isAnomaly: Bool { [.anomaly, .anomalyWithoutThreshold, .tiled].contains(self) }
  var isMultiLabel: Bool { [.multiLabel, .multiLabelSegmentation].contains(self) }

  /// What an operator may say that a part is; empty where parts have no class.
  var correctableClasses: [String] {
    switch self {
    case .classifier, .fewShot, .fineTuned, .segmentation: ["dent", "good", "scratch"]
    case .classifierWithoutGood: ["bolt", "nut", "screw"]
    // The good class is none of those that can be found, but a part can be good.
    case .multiLabel, .multiLabelSegmentation: ["dent", "scratch", "stain", "good"]
    case .tasks: ["good", "rough"]
    case .measurement: []
    case .anomaly, .anomalyWithoutThreshold, .tiled: ["good", "defect"]
    }
  }

  /// A grey level so close to a threshold that a little noise would turn the verdict, and the verdict there; nil where
  /// nothing is decided.
  var uncertain: (level: UInt8, verdict: String)? {
    switch self {
    // 115 / 255 = 0.45; the score is 0.90 of the threshold.
    case .anomaly, .tiled: (115, "good")
    case .anomalyWithoutThreshold: (0, "unjudged")
    // The most probable class has 1 - 110 / 255 = 0.57.
    case .classifierWithoutGood: (110, "classified")
    case .measurement: nil
    // 60 / 255 = 0.235; the threshold is 0.25.
    default: (60, "good")
    }
  }
}

/// A folder with a ``TinyBundle``, pictures and labelled data for it.
struct Bench {
  let folder = TemporaryFolder()
  let kind: BundleKind
  let bundle: String

  init(_ kind: BundleKind) throws {
    self.kind = kind
    bundle = try TinyBundle.write(kind, in: folder.path)
    folder.write("black.png", Pictures.grey(0))
    folder.write("white.png", Pictures.grey(255))
  }

  var black: String { folder.path + "/black.png" }
  var white: String { folder.path + "/white.png" }

  func assay(_ arguments: String..., environment: [String: String] = [:]) throws -> AssayProgram.Outcome {
    try AssayProgram.run(arguments, environment: environment)
  }

  /// The bundle's `manifest.json` as it is now.
  func manifest() throws -> JSONValue {
    try JSONValue(parsing: Data(contentsOf: URL(fileURLWithPath: bundle + "/manifest.json")))
  }

  /// Labelled pictures on which the bundle makes no mistake by its own rule: three good ones, three bad ones. Of these one
  /// is so dark that its most probable class is the good one; the threshold decides that it is bad.
  func writeData() -> String {
    /// Pictures of different widths, so that none is a copy of another.
    func picture(_ path: String, _ level: UInt8, _ number: Int) {
      folder.write("data/\(path)/\(number).png", Pictures.grey(level, width: 64 + 2 * number))
    }
    let (good, bad): (String, String) =
      switch kind {
      case .classifierWithoutGood: ("bolt", "screw")
      case .tasks: ("good", "rough")
      default: ("good", "scratch")
      }
    // Where 0.25 decides, 90 / 255 = 0.35 is bad; of several labels 128 / 255 = 0.50 is a scratch alone.
    let levels: [UInt8] =
      kind.isAnomaly || kind == .classifierWithoutGood
      ? [255, 254, 253] : kind.isMultiLabel ? [128, 120, 90] : [255, 254, 90]
    for number in 0..<3 { picture(good, 0, number) }
    for number in 0..<3 { picture(bad, levels[number], number) }
    guard kind == .tasks || kind == .measurement else { return folder.path + "/data" }
    var header = "path,level:wear,score:width"
    var rows = [(good, 0, 2), (bad, 3, 4)].flatMap { name, wear, width in
      (0..<2).map { "\(name)/\($0).png,\(wear),\(width)" + (kind == .tasks ? ",\(name)" : "") }
    }
    if kind == .tasks {
      header += ",label:surface"
      // Of the dark one only the surface is known.
      rows += [good, bad].map { "\($0)/2.png,,,\($0)" }
    }
    folder.write("data/parts.csv", ([header] + rows).joined(separator: "\n") + "\n")
    return folder.path + "/data/parts.csv"
  }
}
