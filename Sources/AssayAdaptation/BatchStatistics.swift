package import AssayBase
import AssayBundle
package import AssayGraph
package import AssayImage
import AssayInspection
package import AssayLearning
package import AssayRuntime
import Foundation

/// Statistics of a backbone's channels measured on images, and the backbone with those of a new line brought to those of
/// the source.
package struct BatchStatistics {
  /// Images in one batch: the first layers' maps of more would need much memory.
  private static let batch = 16
  /// More images tell little more.
  private static let mostImages = 128
  /// How many images count as much as the belief that nothing has changed.
  private static let priorImages: Float = 8

  package let backbone: BundleBackbone
  package let places: [ChannelStatistics.Place]
  package let source: ChannelStatistics
  private let rule: Preprocessing
  private let maximumPixels: Int
  private let engines: Engines

  /// - Parameter images: of the source.
  /// - Throws: when the network has no place where channels are normalised, or too few images can be read.
  package init(
    _ backbone: BundleBackbone, _ rule: Preprocessing, images: [KnownPicture], maximumPixels: Int, engines: Engines,
    progress: @escaping ProgressHandler
  ) throws {
    let model = backbone.model
    let candidates = ImportedBackbone.exposing(ChannelStatistics.candidates(in: model), in: model)
    let shapes = try Network.shapes(
      onnx: candidates.serialized(), inputShape: [1, 3, rule.height, rule.width], engines: engines)
    places = ChannelStatistics.places(in: model, shapes: shapes)
    guard !places.isEmpty else {
      throw WorkflowError(
        .usage,
        "\(backbone.description.name): it has neither batch normalisations nor convolutions with a bias, so that there are no "
          + "batch statistics; use another --method")
    }
    self.backbone = backbone
    self.rule = rule
    self.maximumPixels = maximumPixels
    self.engines = engines
    source = try Self.measure(
      ChannelStatistics.measuring(model, places), rule, images, (maximumPixels, engines), "source statistics", progress)
  }

  /// The backbone for a new line.
  package func adapted(to images: [KnownPicture], progress: @escaping ProgressHandler) throws -> BundleBackbone {
    let count = Float(min(images.count, Self.mostImages))
    let trust = count / (count + Self.priorImages)
    let own = try Self.measure(
      ChannelStatistics.measuring(backbone.model, places, bringingTo: source, trust: trust), rule, images,
      (maximumPixels, engines), "statistics", progress)
    let model = try own.folded(into: backbone.model, places, source: source, trust: trust)
    return backbone.with(model, weightsHash: SHA256Digest(of: try model.serialized()).hex)
  }

  /// Means over batches of the batches' moments.
  private static func measure(
    _ model: ONNXModel, _ rule: Preprocessing, _ images: [KnownPicture],
    _ reading: (maximumPixels: Int, engines: Engines), _ step: String,
    _ progress: @escaping ProgressHandler
  ) throws -> ChannelStatistics {
    let wanted = min(mostImages, images.count) / batch * batch
    let chosen = (0..<wanted).map { images[$0 * images.count / max(1, wanted)] }
    guard !chosen.isEmpty else {
      throw WorkflowError(.badData, "at least \(batch) images are needed for batch statistics")
    }
    let network = try Network(
      onnx: model.serialized(), inputShape: [batch, 3, rule.height, rule.width], mode: .latency,
      engines: reading.engines)
    let request = try network.makeRequest()
    let resampler = Resampler()
    let size = 3 * rule.height * rule.width
    var (means, squares) = ([Double](), [Double]())
    var (batches, filled) = (0, 0)
    for (index, picture) in chosen.enumerated() {
      let image = try picture.read(rule.decodingOptions(maximumPixels: reading.maximumPixels))
      request.withInput { input in
        let part = UnsafeMutableBufferPointer(rebasing: input[filled * size..<(filled + 1) * size])
        rule.apply(to: image, into: part, using: resampler)
      }
      filled += 1
      progress(WorkProgress(step, index + 1, chosen.count))
      guard filled == batch else { continue }
      filled = 0
      try request.run()
      let mean = try request.withOutput(ChannelStatistics.meanOutput) { $0.map(Double.init) }
      let variance = try request.withOutput(ChannelStatistics.varianceOutput) { $0.map(Double.init) }
      if means.isEmpty {
        means = [Double](repeating: 0, count: mean.count)
        squares = means
      }
      for channel in mean.indices {
        means[channel] += mean[channel]
        squares[channel] += variance[channel] + mean[channel] * mean[channel]
      }
      batches += 1
    }
    let mean = means.map { $0 / Double(batches) }
    return ChannelStatistics(
      mean: mean.map { Float($0) },
      variance: zip(squares, mean).map { Float(max(0, $0 / Double(batches) - $1 * $1)) })
  }
}

/// What batch statistics make of a new line's images, for the trial: features in units of the source's deviations.
package struct BatchAdaptation {
  /// Made of all images.
  package let backbone: BundleBackbone
  /// Raw features under it.
  package let targetSet: FeatureSet
  package let target: FeatureMatrix
  package let labelled: FeatureMatrix?
  /// Each row under the network that was made from the half that it is not in.
  package let heldOut: FeatureMatrix

  /// - Parameters:
  ///   - source: images of the line that the bundle was trained on.
  ///   - pictures: of the new line, in the order of the trial's rows.
  ///   - seed: of the trial's halves.
  package init(
    _ subject: AdaptableBundle, source: [KnownPicture], pictures paths: [KnownPicture], labelled: [KnownPicture]?,
    seed: UInt64,
    maximumPixels: Int, progress: @escaping ProgressHandler
  ) throws {
    let rule = subject.manifest.preprocessing
    let statistics = try BatchStatistics(
      subject.backbone, rule, images: source, maximumPixels: maximumPixels, engines: subject.engines,
      progress: progress)
    let backbone = try statistics.adapted(to: paths, progress: progress)
    self.backbone = backbone
    targetSet = try Self.features(subject, backbone, paths, maximumPixels, progress)
    target = subject.standardised(targetSet)
    self.labelled = try labelled.map {
      subject.standardised(try Self.features(subject, backbone, $0, maximumPixels, progress))
    }
    let d = targetSet.dimension
    var values = [Float](repeating: 0, count: paths.count * d)
    let parts = AdaptationTrial.halves(paths.count, seed: seed)
    for side in 0..<2 {
      let half = try statistics.adapted(to: parts[side].map { paths[$0] }, progress: progress)
      let held = parts[1 - side]
      let rows = subject.standardised(
        try Self.features(subject, half, held.map { paths[$0] }, maximumPixels, progress))
      for (position, row) in held.enumerated() {
        for column in 0..<d { values[row * d + column] = rows.values[position * d + column] }
      }
    }
    heldOut = FeatureMatrix(rows: paths.count, columns: d, values: values)
  }

  /// Raw, under an adapted network.
  package static func features(
    _ subject: AdaptableBundle, _ backbone: BundleBackbone, _ pictures: [KnownPicture], _ maximumPixels: Int,
    _ progress: @escaping ProgressHandler
  ) throws -> FeatureSet {
    let specification = subject.specification
    let extractor = FeatureExtractor(
      onnx: try FeatureGraph.build(backbone, specification).serialized(),
      dimension: specification.dimension(of: backbone), preprocessing: subject.manifest.preprocessing, cache: nil,
      engines: subject.engines, maximumPixels: maximumPixels)
    return try extractor.features(of: pictures) { progress(WorkProgress("adapted", $0, $1)) }
  }
}
