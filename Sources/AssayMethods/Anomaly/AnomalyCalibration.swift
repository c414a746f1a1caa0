import AssayBase
package import AssayBundle
package import AssayGraph
import AssayImage
package import AssayInspection
package import AssayLearning
package import AssayRuntime
import Foundation
import Synchronization

/// A threshold for anomaly scores and what is promised of it.
package struct AnomalyThreshold {
  package let threshold: Manifest.Threshold
  /// Of the map's values.
  package let mapThreshold: Double
  /// Proven bound of the overkill rate; nil when the rule is about defects.
  package let guarantee: Double?

  /// - Throws: ``DecisionThreshold/Insufficient``
  package init(_ rule: ThresholdRule, _ calibration: AnomalyModel.Calibration) throws {
    let decision = try DecisionThreshold(rule, scores: calibration.scores, isDefect: calibration.isDefect)
    let good = calibration.goodScores.sorted()
    let peaks = calibration.goodPeaks.sorted()
    // The map's threshold leaves as many good parts without a mark as the score's leaves unrejected.
    let below = good.count { $0 < decision.value }
    let largest = peaks.last ?? 0
    mapThreshold = peaks.isEmpty ? decision.value : (below > 0 ? peaks[min(below, peaks.count) - 1] : largest).nextUp
    var explanation = decision.explanation
    if case .maximumOverkill(let rate) = rule {
      let bound = ConformalBound.bound(rate: rate, count: good.count, folds: calibration.folds)
      guarantee = bound
      explanation = Self.promise(rate: rate, bound: bound, count: good.count, folds: calibration.folds)
    } else {
      guarantee = nil
    }
    threshold = Manifest.Threshold(
      value: decision.value, rule: rule.name, rate: rule.rate, explanation: explanation, escapes: decision.escapes,
      defects: decision.defects, overkills: decision.overkills, goods: decision.goods)
  }

  private static func promise(rate: Double, bound: Double, count: Int, folds: Int) -> String {
    let percent = ShareText.rate
    if folds <= 1 {
      return
        "the split-conformal quantile of \(count) good parts that the model has not seen: if new parts come from the same "
        + "process, a good one is rejected with a probability of at most \(percent(rate))"
    }
    return
      "the conformal quantile of \(count) good parts, each scored by one of \(folds) models that had not seen it "
      + "(cross-fitting): about \(percent(rate)) of good parts are expected to be rejected; proven is at most "
      + "\(percent(bound)), if new parts come from the same process"
  }
}

/// Scores parts with models that have not seen them.
package struct AnomalyCalibrator {
  package let view: AnomalyView
  package let specification: PatchSpecification
  package let engines: Engines

  package init(view: AnomalyView, specification: PatchSpecification, engines: Engines) {
    self.view = view
    self.specification = specification
    self.engines = engines
  }

  /// Readings of images from patches that are known already.
  /// - Parameter images: indices of images of the store.
  /// - Returns: score and largest map value of each.
  package func readings(
    _ store: PatchStore, images: [Int], ending: AnomalyGraph.Ending, progress: @escaping @Sendable () -> Void
  ) throws -> [(score: Double, peak: Double)] {
    guard !images.isEmpty else { return [] }
    let grid = store.grid
    let model = AnomalyGraph.endingOnly(specification, grid: grid, ending)
    let network = try Network(
      onnx: model.serialized(), inputShape: [1, grid.channels, grid.height, grid.width], mode: .throughput,
      engines: engines)
    let results = Mutex([(score: Double, peak: Double)](repeating: (0, 0), count: images.count))
    let view = view
    try ParallelLoop.run(images.count, workers: network.parallelRequests) {
      try network.makeRequest()
    } body: { request, index in
      let reading = try Self.reading(store, image: images[index], request, view)
      results.withLock { $0[index] = (reading.score, Double(reading.map.peak)) }
      progress()
    }
    return results.withLock { $0 }
  }

  private static func reading(
    _ store: PatchStore, image: Int, _ request: InferenceRequest, _ view: AnomalyView
  ) throws -> AnomalyReading {
    let size = store.sizes[image] ?? (1, 1)
    let name = "training image \(image)"
    let items = store.items(of: image).filter { store.items[$0].symmetry == .identity }
    guard let tiling = view.input.tiling else {
      request.withInput { store.read(items[0], into: $0) }
      try request.run()
      let rule = view.input.preprocessing
      return try AnomalyReading(
        request, view, placement: rule.plan(sourceWidth: size.width, sourceHeight: size.height), name: name)
    }
    var stitcher = TileStitcher(view, tiling, width: size.width, height: size.height)
    for item in items {
      guard let tile = store.items[item].tile else { continue }
      request.withInput { store.read(item, into: $0) }
      try request.run()
      try stitcher.add(tile, request, name: name)
    }
    return stitcher.finished()
  }
}
