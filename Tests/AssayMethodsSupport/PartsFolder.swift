package import AssayMethods
import AssayTestSupport
import Foundation

/// A line of parts made by formula: brushed metal, on the bad ones a dark scratch at a place that varies.
package final class PartsFolder {
  package let path = NSTemporaryDirectory() + "assay-parts-" + UUID().uuidString

  package init(each count: Int) {
    for index in 0..<count {
      write("good/\(index).pgm", Pictures.brushedMetal(seed: index, isScratched: false))
      write("scratch/\(index).pgm", Pictures.brushedMetal(seed: 1000 + index, isScratched: true))
    }
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  package func write(_ name: String, _ bytes: [UInt8]) {
    let file = path + "/" + name
    try! FileManager.default.createDirectory(
      atPath: (file as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    try! Data(bytes).write(to: URL(fileURLWithPath: file))
  }

  package func options(_ change: (inout TrainingOptions) -> Void = { _ in }) -> TrainingOptions {
    var options = TrainingOptions(features: FeatureOptions(inputSize: 96, cache: nil))
    change(&options)
    return options
  }

  package var bundle: String { path + "/../" + (path as NSString).lastPathComponent + ".assay" }
}
