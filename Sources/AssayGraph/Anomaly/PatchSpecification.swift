/// Features of patches: the mid-level maps of a backbone on one grid, each position averaged with its neighbours (Roth et
/// al. 2022, section 3.1).
public struct PatchSpecification: Codable, Hashable, Sendable {
  /// Depths that are read. The finest decides the grid; coarser ones are interpolated to it.
  public var taps: [String]
  /// Network input in pixels, multiples of the backbone's step (32 for most).
  public var width: Int
  public var height: Int
  /// Side of the neighbourhood that is averaged, an odd number of positions.
  public var neighbourhood: Int

  public init(taps: [String], width: Int, height: Int, neighbourhood: Int = 3) {
    self.taps = taps
    self.width = width
    self.height = height
    self.neighbourhood = neighbourhood
  }

  /// Shape of the patches of one image: `channels` features at `height * width` positions.
  public struct Grid: Codable, Hashable, Sendable {
    public let channels: Int
    public let height: Int
    public let width: Int

    public init(channels: Int, height: Int, width: Int) {
      self.channels = channels
      self.height = height
      self.width = width
    }

    public var positions: Int { height * width }
    public var count: Int { channels * positions }
  }

  /// - Throws: ``ModelError`` when a size or tap is not usable with the backbone.
  public func grid(of backbone: any Backbone) throws(ModelError) -> Grid {
    // The same rules as for pooled features.
    _ = try FeatureSpecification(taps: taps, statistics: [.mean], width: width, height: height).validated(for: backbone)
    guard neighbourhood > 0, neighbourhood % 2 == 1 else {
      throw ModelError(
        file: backbone.description.name, cause: "a neighbourhood of \(neighbourhood) positions has no middle",
        remedy: "use an odd number, 3 as a rule")
    }
    let used = backbone.taps.filter { taps.contains($0.name) }
    let stride = used.map(\.stride).min() ?? 1
    return Grid(
      channels: used.reduce(0) { $0 + $1.channels }, height: (height + stride - 1) / stride,
      width: (width + stride - 1) / stride)
  }
}

/// Backbone and patches as one graph: `image` `[N, 3, H, W]` to `patches` `[N, D, h, w]`.
public enum PatchGraph {
  package static let outputName = "patches"

  public static func build(_ backbone: any Backbone, _ specification: PatchSpecification) throws -> ONNXModel {
    var builder = GraphBuilder(name: "patches", opset: backbone.opset)
    let patches = try write(to: &builder, backbone, specification)
    builder.declareOutput(patches)
    return builder.model()
  }

  /// - Returns: the value called ``outputName``.
  package static func write(
    to builder: inout GraphBuilder, _ backbone: any Backbone, _ specification: PatchSpecification
  ) throws -> GraphValue {
    let grid = try specification.grid(of: backbone)
    let image = builder.input("image", shape: [3, specification.height, specification.width])
    let taps = try backbone.write(to: &builder, image: image, taps: Set(specification.taps))
    let values = specification.taps.compactMap { name -> GraphValue? in
      guard let tap = taps[name] else { return nil }
      let averaged = builder.average(tap, side: specification.neighbourhood, name: "patch.\(name).average")
      return builder.enlarge(averaged, width: grid.width, height: grid.height, name: "patch.\(name)")
    }
    let joined = builder.node(
      "Concat", values.map(\.name), name: outputName, shape: [grid.channels, grid.height, grid.width],
      [.int("axis", 1)])
    return joined
  }
}

extension GraphBuilder {
  /// Mean over a square neighbourhood; outside of the map counts as 0, as in the reference implementations.
  package mutating func average(_ x: GraphValue, side: Int, name: String) -> GraphValue {
    guard side > 1 else { return x }
    return node(
      "AveragePool", [x.name], name: name, shape: x.shape,
      [
        .ints("kernel_shape", [side, side]), .ints("strides", [1, 1]),
        .ints("pads", [side / 2, side / 2, side / 2, side / 2]), .int("count_include_pad", 1),
      ])
  }

  /// Bilinear interpolation to a finer grid.
  package mutating func enlarge(_ x: GraphValue, width: Int, height: Int, name: String) -> GraphValue {
    guard x.width != width || x.height != height else { return x }
    // The operator rounds down: a factor must not fall short of a whole number of positions.
    func factor(_ positions: Int, _ own: Int) -> Float {
      var factor = Float(positions) / Float(own)
      while Int(factor * Float(own)) < positions { factor = factor.nextUp }
      return factor
    }
    let sizes = constant(
      [1, 1, factor(height, x.height), factor(width, x.width)], shape: [4], name: name + ".scales")
    return node(
      "Resize", [x.name, "", sizes], name: name, shape: [x.channels, height, width],
      [.string("mode", "linear"), .string("coordinate_transformation_mode", "half_pixel")])
  }
}
