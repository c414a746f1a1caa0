import AssayTestSupport
import Foundation

/// A place to train in: ``TinyBackbone`` as the only backbone, and data for each kind.
struct TrainingLab {
  struct Failure: Error { let messages: String }

  let folder = TemporaryFolder()
  let environment: [String: String]

  init() throws {
    environment = ["XDG_CACHE_HOME": folder.path + "/cache"]
    folder.write("tiny.onnx", try TinyBackbone.onnx())
    let outcome = try AssayProgram.run(
      ["backbones", "import", folder.path + "/tiny.onnx", "--input-size", "64", "--licence", "Apache-2.0"],
      environment: environment)
    guard outcome.status == 0 else { throw Failure(messages: outcome.messages) }
    writeData()
  }

  /// The data set from which a bundle of a kind is trained.
  func data(_ kind: BundleKind) -> String {
    switch kind {
    case .classifier, .fewShot, .fineTuned: folder.path + "/parts"
    case .classifierWithoutGood: folder.path + "/kinds"
    case .segmentation: folder.path + "/marked"
    case .multiLabel, .multiLabelSegmentation: folder.path + "/several"
    case .tasks: folder.path + "/tasks.csv"
    case .measurement: folder.path + "/lengths.csv"
    case .anomaly, .tiled: folder.path + "/line"
    case .anomalyWithoutThreshold: folder.path + "/few"
    }
  }

  private func writeData() {
    var tasks = "path,label:surface,score:length\n"
    var lengths = "path,score:length\n"
    for index in 0..<30 {
      let good = Pictures.brushedMetal(seed: index, isScratched: false)
      let bad = Pictures.brushedMetal(seed: 1000 + index, isScratched: true)
      for (path, picture) in [
        ("parts/good", good), ("parts/scratch", bad), ("kinds/matt", good), ("kinds/scratched", bad),
      ] {
        folder.write("\(path)/\(index).pgm", picture)
      }
      for (name, label, length) in [("good", "good", 0), ("scratch", "scratched", 40)] {
        tasks += "parts/\(name)/\(index).pgm,\(label),\(length)\n"
        lengths += "parts/\(name)/\(index).pgm,\(length)\n"
      }
      // As MVTec AD divides them: learned from are good parts alone.
      folder.write("line/train/good/\(index).pgm", good)
      if index < 4 { folder.write("few/train/good/\(index).pgm", good) }
      guard index < 8 else { continue }
      for root in ["line", "few"] {
        folder.write("\(root)/test/good/\(index).pgm", Pictures.brushedMetal(seed: 200 + index, isScratched: false))
        folder.write("\(root)/test/scratch/\(index).pgm", bad)
      }
    }
    folder.write("tasks.csv", tasks)
    folder.write("lengths.csv", lengths)
    Miniature.magneticTile.write(to: folder.path + "/marked", count: 30)
    Miniature.severstal.write(to: folder.path + "/several", count: 25)
  }
}
