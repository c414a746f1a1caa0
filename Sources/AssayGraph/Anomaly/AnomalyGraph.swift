import Foundation

/// The deployed graph of anomaly detection: `image` `[N, 3, H, W]`, 0...1, to
/// - `score` `[N, 1]`: how abnormal the image is,
/// - `map` `[N, 1, H, W]`: distances enlarged to the input's size and smoothed,
/// - `distances` `[N, 1, h, w]`: of each patch,
/// - `features` `[N, D]`: the mean of the patches that count, of which a station keeps watch for drift.
public enum AnomalyGraph {
  /// Standard deviation of the smoothing, in pixels of the network's input (Roth et al. 2022, section 4.1).
  public static let defaultSmoothing = 4.0

  /// What stands between the patches and the outputs.
  public struct Ending: Sendable {
    public var scoring: any AnomalyScoring
    /// `[h, w]`, 1 inside and 0 outside of the region of interest; nil for everywhere.
    public var region: [Float]?
    /// In pixels of the network's input; 0 for none.
    public var smoothing: Double
    /// The score is the mean of this share of the largest distances; nil for the method's own score.
    public var scoreShare: Double?

    public init(
      scoring: any AnomalyScoring, region: [Float]? = nil, smoothing: Double = defaultSmoothing,
      scoreShare: Double? = nil
    ) {
      self.scoring = scoring
      self.region = region
      self.smoothing = smoothing
      self.scoreShare = scoreShare
    }
  }

  public static func build(
    _ backbone: any Backbone, _ specification: PatchSpecification, _ ending: Ending, metadata: [(String, String)] = []
  ) throws -> ONNXModel {
    var builder = GraphBuilder(name: "anomaly", opset: backbone.opset)
    let patches = try PatchGraph.write(to: &builder, backbone, specification)
    finish(&builder, patches, specification, ending)
    return builder.model(metadata: metadata)
  }

  /// Another memory behind the same backbone: no weights but those in the model are needed.
  /// - Parameter model: made by ``build(_:_:_:metadata:)``.
  public static func replacingEnding(
    in model: ONNXModel, _ specification: PatchSpecification, grid: PatchSpecification.Grid, _ ending: Ending
  ) throws(ModelError) -> ONNXModel {
    var builder = try GraphBuilder(continuing: model, after: PatchGraph.outputName)
    let patches = GraphValue(name: PatchGraph.outputName, shape: [grid.channels, grid.height, grid.width])
    finish(&builder, patches, specification, ending)
    return builder.model(metadata: model.proto.metadataProps.map { ($0.key, $0.value) })
  }

  /// Only what leads to the patches: `image` `[N, 3, H, W]` to `patches` `[N, D, h, w]`.
  public static func patchesOnly(
    of model: ONNXModel, grid: PatchSpecification.Grid
  ) throws(ModelError) -> ONNXModel {
    var builder = try GraphBuilder(continuing: model, after: PatchGraph.outputName)
    builder.declareOutput(
      GraphValue(name: PatchGraph.outputName, shape: [grid.channels, grid.height, grid.width]))
    return builder.model()
  }

  /// Only what follows the patches: `patches` `[N, D, h, w]` to `score` and `distances`; for patches that are known.
  public static func endingOnly(
    _ specification: PatchSpecification, grid: PatchSpecification.Grid, _ ending: Ending
  ) -> ONNXModel {
    var builder = GraphBuilder(name: "scoring")
    let patches = builder.input(PatchGraph.outputName, shape: [grid.channels, grid.height, grid.width])
    finish(&builder, patches, specification, ending)
    return builder.model()
  }

  private static func finish(
    _ builder: inout GraphBuilder, _ patches: GraphValue, _ specification: PatchSpecification, _ ending: Ending
  ) {
    let grid = [1, patches.height, patches.width]
    let mask = ending.region.map { builder.constant($0, shape: [1] + grid, name: "region") }
    let found = ending.scoring.write(to: &builder, patches: patches, region: mask)
    // Bilinear enlargement and smoothing are linear along each axis, so that both together are one matrix a side.
    let tall = Interpolation.matrix(from: patches.height, to: specification.height, smoothing: ending.smoothing)
    let wide = Interpolation.matrix(from: patches.width, to: specification.width, smoothing: ending.smoothing)
    let rows = builder.constant(tall, shape: [specification.height, patches.height], name: "map.rows")
    let columns = builder.constant(
      Interpolation.transposed(wide, rows: specification.width), shape: [patches.width, specification.width],
      name: "map.columns")
    let high = builder.node(
      "MatMul", [rows, found.distances.name], name: "map.high", shape: [1, specification.height, patches.width])
    let map = builder.node(
      "MatMul", [high.name, columns], name: "map.all", shape: [1, specification.height, specification.width])
    let score =
      ending.scoreShare.map { builder.meanOfLargest(found.distances, share: $0, name: "score.largest") } ?? found.score
      ?? {
        let top = builder.node(
          "ReduceMax", [map.name], name: "score.top", shape: [1, 1, 1], [.ints("axes", [2, 3]), .int("keepdims", 1)])
        return builder.reshape(top, [1], name: "score.flat")
      }()
    builder.output(score, as: "score")
    builder.output(map, as: "map")
    builder.output(found.distances, as: "distances")
    builder.output(features(&builder, patches, ending.region), as: "features")
  }

  /// The mean of the patches, of those inside of the region where there is one.
  private static func features(
    _ builder: inout GraphBuilder, _ patches: GraphValue, _ region: [Float]?
  ) -> GraphValue {
    let inside = region?.reduce(0, +) ?? 0
    let counted =
      if let region, inside > 0 {
        // Weights whose mean is 1, so that the mean of the products is the mean inside.
        builder.binary(
          "Mul", patches, constant: region.map { $0 * Float(region.count) / inside },
          shape: [1, patches.height, patches.width], name: "features.inside")
      } else {
        patches
      }
    return builder.node(
      "ReduceMean", [counted.name], name: "features.mean", shape: [patches.channels],
      [.ints("axes", [2, 3]), .int("keepdims", 0)])
  }
}
