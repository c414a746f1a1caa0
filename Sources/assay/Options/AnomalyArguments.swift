public import ArgumentParser
import AssayGraph
import AssayImage
import AssayLearning
import AssayWorkflows
import Foundation

extension AnomalyOptions.Detector: ExpressibleByArgument {
  /// All with what they are, as a sentence.
  fileprivate static var sentence: String {
    let all = allCases.map { "\($0.rawValue) (\($0.summary))" }
    return all.dropLast().joined(separator: ", ") + " or " + (all.last ?? "") + "."
  }
}

/// What only `train --method anomaly` knows.
struct AnomalyArguments: ParsableArguments {
  @Option(help: ArgumentHelp(AnomalyOptions.Detector.sentence))
  var detector = AnomalyOptions().detector

  @Option(
    help:
      "Share of the patches that the memory keeps, e.g. 0.05. (default: 0.01, but 2,000 patches where there are)"
  )
  var coreset: Double?

  @Option(
    help:
      "Score an image by the mean of this share of its largest distances, e.g. 0.05. (default: the detector's own score)"
  )
  var scoreShare: Double?

  @Option(help: "Standard deviation of the map's smoothing in pixels of the input; 0 for none.")
  var smoothing = AnomalyGraph.defaultSmoothing

  @Option(
    help:
      "Look at large photographs in tiles of this side in pixels (a multiple of 32), at their own resolution. (default: none, whole photographs)"
  )
  var tile: Int?

  @Option(help: "Pixels by which tiles overlap. (default: a quarter of the tile)")
  var tileOverlap: Int?

  @Option(
    help: "Judge only this region: a mask image (white counts) or a JSON file of polygons. (default: all)",
    completion: .file())
  var roi: String?

  @Option(
    help: "Do not judge this region: a mask image (white is ignored) or a JSON file of polygons. (default: none)",
    completion: .file())
  var ignore: String?

  @Flag(help: "Leave out training images that are unlike all others (contaminated data).")
  var trim = false

  func validate() throws {
    if let coreset, !(coreset > 0 && coreset <= 1) { throw ValidationError("--coreset must be above 0 and at most 1") }
    if let scoreShare, !(scoreShare > 0 && scoreShare <= 1) {
      throw ValidationError("--score-share must be above 0 and at most 1")
    }
    guard smoothing >= 0, smoothing <= 64 else { throw ValidationError("--smoothing must be 0 to 64 pixels") }
    if let tile, tile < 32 || tile > 2048 || tile % 32 != 0 {
      throw ValidationError("--tile must be a multiple of 32 from 32 to 2048")
    }
    if let tileOverlap {
      guard tileOverlap >= 0, tileOverlap < tile ?? .max else {
        throw ValidationError("--tile-overlap must be at least 0 and below --tile")
      }
    }
  }

  /// nil for whole photographs.
  func tiling(_ use: OptionUse) -> Tiling? {
    guard let side = use("--tile", tile) else {
      use.without(["--tile-overlap"], because: "it needs --tile")
      return nil
    }
    return use("--tile-overlap", tileOverlap).map { Tiling(size: side, overlap: $0) } ?? Tiling(size: side)
  }

  /// How anomalies are found.
  /// - Parameters:
  ///   - features: what is read of photographs; input and framing are decided here.
  ///   - shots: as the command was given them.
  func options(
    _ features: FeatureOptions, _ recipe: RecipeArguments, shots: Int?, _ use: OptionUse
  ) throws -> AnomalyOptions {
    var options = AnomalyOptions(features: features, detector: use("--detector", detector))
    options.tiling = tiling(use)
    if options.tiling == nil {
      options.features.inputSize = use("--input-size", recipe.inputSize)
      options.features.policy = use("--framing", recipe.framing)
    } else {
      use.without(["--input-size", "--framing"], because: "a tile of --tile is the network's input as it is")
    }
    if options.detector == .patchcore {
      options.coreset = use("--coreset", coreset)
    } else {
      use.without(["--coreset"], because: "only --detector patchcore keeps a memory of patches")
    }
    options.scoreShare = use("--score-share", scoreShare)
    options.smoothing = use("--smoothing", smoothing)
    options.region = try RegionFile.read(roi: use("--roi", roi), ignore: use("--ignore", ignore))
    options.isTrimming = use("--trim", trim)
    options.shots = use("--shots", shots)
    return options
  }
}

/// How many images of a training are learned from.
struct ShotArguments: ParsableArguments {
  @Option(
    help:
      "fewshot: learn from so many images of each class, 1 to 16; anomaly: from so many good ones; drawn by the seed. (default: all)"
  )
  var shots: Int?

  func validate() throws {
    if let shots, shots < 1 { throw ValidationError("--shots must be at least 1") }
  }
}

/// An anomaly evaluation in a few lines for people.
enum AnomalyText {
  static func say(_ evaluation: AnomalyEvaluation) {
    Console.say("\(evaluation.basis), \(evaluation.scores.count) images:")
    for metric in evaluation.metrics {
      let span = Console.span(metric)
      let interval = span.isEmpty ? "" : " " + span
      Console.say(
        "  \(metric.name.padding(toLength: 28, withPad: " ", startingAt: 0))\(Console.percent(metric.value))\(interval)"
      )
    }
    for type in evaluation.types {
      var line = "  \(type.name): \(type.images) images"
      if let found = type.found { line += ", \(found) found\(Console.span(type.foundInterval))" }
      if let area = type.rocArea { line += ", AUROC \(Console.percent(area))\(Console.span(type.rocAreaInterval))" }
      if let area = type.perRegionOverlap { line += ", AU-PRO \(Console.percent(area))" }
      Console.say(ShownLine(line))
    }
  }
}
