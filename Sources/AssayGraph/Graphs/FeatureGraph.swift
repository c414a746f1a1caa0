/// Backbone and feature statistics as one graph: `image` `[N, 3, H, W]` to `features` `[N, D]`.
public enum FeatureGraph {
  public static func build(
    _ backbone: any Backbone, _ specification: FeatureSpecification
  ) throws -> ONNXModel {
    var builder = GraphBuilder(name: "features", opset: backbone.opset)
    let trunk = try FeatureTrunk(&builder, backbone, specification)
    builder.output(trunk.features, as: "features")
    return builder.model()
  }
}

/// The part that the feature graph and the inspector share.
package struct FeatureTrunk {
  package struct Reading {
    package let tap: GraphValue
    /// (x - mean)^2 + epsilon, `[C, H, W]`; nil when no deviation is read.
    package let squares: GraphValue?
    /// Standard deviation `[C, 1, 1]`.
    package let deviation: GraphValue?
    /// This tap's first feature and how many there are for each statistic.
    package let offset: Int
  }

  /// Keeps the square root's result away from zero. It is added to every position, so that the mean over positions of
  /// `squares / deviation` is exactly the deviation: the map relies on it.
  package static let epsilon: Float = 1e-12

  package let specification: FeatureSpecification
  package let readings: [Reading]
  package let features: GraphValue
  /// The values at all taps that were asked for.
  package let taps: [String: GraphValue]

  /// - Parameter others: further taps to write, of which no features are read.
  package init(
    _ builder: inout GraphBuilder, _ backbone: any Backbone, _ specification: FeatureSpecification,
    others: Set<String> = []
  ) throws {
    self.specification = try specification.validated(for: backbone)
    let image = builder.input("image", shape: [3, specification.height, specification.width])
    let taps = try backbone.write(to: &builder, image: image, taps: Set(specification.taps).union(others))
    self.taps = taps
    var readings: [Reading] = []
    var vectors: [GraphValue] = []
    var offset = 0
    for name in specification.taps {
      guard let tap = taps[name] else { continue }
      let mean = builder.spatialMean(tap, name: name + ".mean")
      var squares: GraphValue?
      var deviation: GraphValue?
      if specification.statistics.contains(.deviation) {
        let centred = builder.binary("Sub", tap, mean, name: name + ".centred")
        let square = builder.binary("Mul", centred, centred, name: name + ".square")
        let shifted = builder.binary("Add", square, constant: [Self.epsilon], shape: [], name: name + ".squares")
        let variance = builder.spatialMean(shifted, name: name + ".variance")
        squares = shifted
        deviation = builder.node("Sqrt", [variance.name], name: name + ".deviation", shape: variance.shape)
      }
      readings.append(Reading(tap: tap, squares: squares, deviation: deviation, offset: offset))
      for statistic in specification.statistics {
        let value = statistic == .mean ? mean : deviation ?? mean
        vectors.append(builder.flatten(value, name: "\(name).\(statistic.rawValue).vector"))
        offset += tap.channels
      }
    }
    self.readings = readings
    features = builder.concatenate(vectors, name: "features.all")
  }
}
