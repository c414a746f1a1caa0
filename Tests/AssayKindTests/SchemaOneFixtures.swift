import AssayTestSupport
import Foundation

/// One bundle of each kind as the program wrote them when the manifest had its first schema, kept in `Fixtures/schema1`.
///
/// They were made once, by the last version that wrote that schema, with ``make(in:)``:
///
///     ASSAY_MAKE_FIXTURES=Tests/AssayKindTests/Fixtures/schema1 make test FILTER=SchemaOneTests/make
///
/// A later version would write its own schema, so they are not made again.
enum SchemaOneFixtures {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/Fixtures/schema1"

  static func path(_ kind: BundleKind) -> String { "\(folder)/\(kind.rawValue).assay" }

  /// Parts of 64 x 64 pixels that the bundle has not seen, one good and one bad where there is such a thing.
  static func parts(_ kind: BundleKind) -> (good: [UInt8], bad: [UInt8]) {
    switch kind {
    case .segmentation, .multiLabel, .multiLabelSegmentation:
      (Miniature.Part(number: 900, kinds: []).picture, Miniature.Part(number: 901, kinds: [1]).picture)
    default:
      (
        Pictures.brushedMetal(seed: 5003, isScratched: false), Pictures.brushedMetal(seed: 5020, isScratched: true)
      )
    }
  }

  /// Trains a bundle of each kind on ``TinyBackbone``; paths are relative, so that no machine's are in them.
  static func make(in folder: String) throws {
    let lab = try TrainingLab()
    for kind in BundleKind.allCases {
      let data = URL(fileURLWithPath: lab.data(kind)).lastPathComponent
      let name = "\(kind.rawValue).assay"
      var arguments = ["train", data, "-o", name] + arguments(kind)
      arguments += ["--backbone", TinyBackbone.name, "--no-cache"]
      let outcome = try AssayProgram.run(arguments, environment: lab.environment, in: lab.folder.path)
      guard outcome.status == 0 else { throw TrainingLab.Failure(messages: outcome.messages) }
      try FileManager.default.copyItem(atPath: "\(lab.folder.path)/\(name)", toPath: "\(folder)/\(name)")
    }
  }

  private static func arguments(_ kind: BundleKind) -> [String] {
    switch kind {
    case .classifier, .classifierWithoutGood, .tasks, .measurement: []
    case .fewShot: ["--method", "fewshot", "--shots", "8"]
    case .fineTuned:
      [
        "--method", "finetune", "--epochs", "3", "--batch-size", "8", "--folds", "2", "--augment", "none", "--views",
        "1", "--force",
      ]
    case .segmentation: ["--use-masks"]
    case .multiLabel: ["--multi-label"]
    case .multiLabelSegmentation: ["--multi-label", "--use-masks"]
    // A tenth of the patches is enough here, and keeps the fixtures small.
    case .anomaly, .anomalyWithoutThreshold: ["--method", "anomaly", "--coreset", "0.1"]
    case .tiled: ["--method", "anomaly", "--coreset", "0.1", "--tile", "32", "--tile-overlap", "8"]
    }
  }
}
