import AssayBase
import AssayData
import AssayImage
import AssayInspection
import AssayLearning
import AssayMethods
import AssayStation
import Foundation

/// Bundles trained on draws from a data set, and what they say of pictures.
struct Bundles {
  enum Kind: String, CaseIterable { case linear, anomaly }

  let pictures: Pictures

  /// Anomaly detection needs a good class.
  var kinds: [Kind] { pictures.dataset.goodClass == nil ? [.linear] : [.linear, .anomaly] }

  struct Draw {
    /// Rows of the data set.
    let training: [Int]
    let fresh: [Int]
  }

  /// As many good images as wanted, and half as many of the others; where no class is good, as many of all.
  /// - Parameter excluded: of no sample that is drawn.
  func draw(_ size: Int, fresh: Int, excluding excluded: String? = nil, seed: UInt64) -> Draw {
    var generator = SplitMix64(seed: seed)
    let samples = pictures.dataset.samples
    let own = pictures.comparable.filter { samples[$0].label != excluded }
    let (training, stream) = Pictures.draw(own, training: size, fresh: fresh, using: &generator)
    let others = pictures.others.shuffled(using: &generator).prefix(size / 2)
    return Draw(training: training + others, fresh: stream)
  }

  /// Trains a bundle and opens it as a station does.
  func train(_ kind: Kind, _ draw: Draw, in folder: String) throws -> ServedBundle {
    var dataset = pictures.dataset
    dataset.samples = draw.training.map { pictures.dataset.samples[$0] }
    let found = Set(dataset.samples.compactMap(\.label))
    dataset.classes = dataset.classes.filter(found.contains)
    let path = "\(folder)/\(kind.rawValue).assay"
    switch kind {
    case .linear:
      _ = try Trainer.train(dataset, output: path, options: TrainingOptions(split: SplitRule(validation: 0, test: 0)))
    case .anomaly:
      let good = dataset.goodClass ?? ""
      let rows = dataset.samples.map { "\"\($0.path)\",\($0.label == good ? "good" : "defect")" }
      try (["path,label"] + rows).joined(separator: "\n").write(
        toFile: folder + "/parts.csv", atomically: true, encoding: .utf8)
      _ = try AnomalyTrainer.train(folder + "/parts.csv", output: path, options: AnomalyOptions())
    }
    return try ServedBundle(name: kind.rawValue, path: path, maximumPixels: DecodingOptions().maximumPixels)
  }

  /// What a station would remember of a picture.
  static func observe(_ image: Image, _ bundle: ServedBundle) throws -> DriftMonitor.Observation {
    try bundle.withSession(isAlone: true) { session, _ in
      let inspection = try session.inspect(image, name: "part").inspection
      return DriftMonitor.Observation(
        verdict: inspection.verdict.rawValue, score: inspection.score ?? inspection.probability.map { 1 - $0 },
        featureDistance: bundle.featureDistance(session), brightness: image.brightness)
    }
  }
}
