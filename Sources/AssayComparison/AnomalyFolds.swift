package import AssayBase
import AssayData
package import AssayGraph
import AssayImage
import AssayInspection
package import AssayMethods
import AssayRuntime

/// Anomaly detection on the folds of the other methods: every image is scored by a memory of the good parts of the other
/// folds (PatchCore with its defaults), so that it stands in one table with those that know the defects.
package struct AnomalyFolds {
  /// Of each row of the data set; each from a model that had not seen its fold.
  package let scores: [Double]
  /// The finished inspector's graph, of a memory of all good parts.
  package let model: ONNXModel
  package let computedCount: Int
  package let cachedCount: Int
  /// Seconds to run the backbone over the images, and to fit the memory of all good parts.
  package let patchSeconds: Double
  package let fitSeconds: Double

  /// - Throws: when the good parts of all folds but one are none, or a picture has changed.
  package init(
    _ data: ExtractedDataset, backbone name: String, options: ComparisonOptions, progress: @escaping ProgressHandler
  ) throws {
    guard let good = data.goodIndex else {
      throw WorkflowError(.usage, "\(data.dataset.root): no class is known to be good; name it with --good")
    }
    let start = Clock.milliseconds
    let rule = data.preprocessing
    let specification = PatchSpecification(taps: data.backbone.patchTaps, width: rule.width, height: rule.height)
    let grid = try specification.grid(of: data.backbone)
    let input = PatchInput(preprocessing: rule, tiling: nil)
    let view = AnomalyView(input: input, grid: grid, region: nil)
    let store = try PatchExtractor(
      onnx: try PatchGraph.build(data.backbone, specification).serialized(), grid: grid, input: input,
      cache: options.cache, engines: options.engines, maximumPixels: options.maximumPixels
    ).patches(of: data.samples.map(\.path), progress: { progress(WorkProgress("patches", $0, $1)) })
    for row in data.samples.indices { try data.picture(row).check(store.hashes[row]) }
    patchSeconds = (Clock.milliseconds - start) / 1000

    let fold = try Folds.stratified(
      labels: data.labels, groups: data.samples.map(\.unit), keys: data.hashes, folds: options.folds,
      seed: options.seed)
    let fitter = AnomalyFitter(
      store: store, view: view, options: AnomalyOptions(features: options.features(name), seed: options.seed))
    let calibrator = AnomalyCalibrator(view: view, specification: specification, engines: options.engines)
    let goods = data.labels.indices.filter { data.labels[$0] == good }
    var scores = [Double](repeating: 0, count: data.labels.count)
    for held in 0..<options.folds {
      let learned = goods.filter { fold[$0] != held }
      guard !learned.isEmpty else {
        throw WorkflowError(
          .badData,
          "\(data.dataset.root): the good parts are copies of one another, so that a fold has all of them and none is left to "
            + "learn from; add good parts")
      }
      let tested = fold.indices.filter { fold[$0] == held }
      let readings = try calibrator.readings(
        store, images: tested, ending: try fitter.fit(learned).ending, progress: {})
      for (row, reading) in zip(tested, readings) { scores[row] = reading.score }
      progress(WorkProgress("memory", held + 1, options.folds + 1))
    }
    let fitStart = Clock.milliseconds
    let final = try fitter.fit(goods)
    fitSeconds = (Clock.milliseconds - fitStart) / 1000
    progress(WorkProgress("memory", options.folds + 1, options.folds + 1))
    model = try AnomalyGraph.build(data.backbone, specification, final.ending)
    self.scores = scores
    computedCount = store.computedCount
    cachedCount = store.cachedCount
  }
}
