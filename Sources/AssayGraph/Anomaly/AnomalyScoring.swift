/// What is normal, learned from good parts, and how far a patch is from it.
public protocol AnomalyScoring: Sendable {
  /// For the manifest and for people: `patchcore`, `padim` or `subspace`.
  static var method: String { get }

  /// Writes the distance of every patch, not negative.
  /// - Parameters:
  ///   - patches: `[N, D, h, w]`.
  ///   - region: name of a constant `[1, 1, h, w]` of 1 inside and 0 outside of the region of interest; nil for everywhere.
  func write(to builder: inout GraphBuilder, patches: GraphValue, region: String?) -> PatchDistances
}

/// What a method finds.
public struct PatchDistances {
  /// `[N, 1, h, w]`, 0 outside of the region of interest.
  public let distances: GraphValue
  /// The image's score `[N, 1]`; nil for the maximum of the smoothed map.
  public let score: GraphValue?
}

extension GraphBuilder {
  /// Leaves only what is inside a region of interest.
  package mutating func masked(_ distances: GraphValue, _ region: String?, name: String) -> GraphValue {
    guard let region else { return distances }
    return node("Mul", [distances.name, region], name: name, shape: distances.shape)
  }

  /// The root of a squared distance that rounding may have made negative.
  package mutating func root(_ square: GraphValue, name: String) -> GraphValue {
    let positive = node("Relu", [square.name], name: name + ".positive", shape: square.shape)
    return node("Sqrt", [positive.name], name: name, shape: square.shape)
  }

  /// Sum over channels, `[N, 1, h, w]`.
  package mutating func channelSum(_ x: GraphValue, name: String) -> GraphValue {
    let axes = integers([1], name: name + ".axes")
    return node(
      "ReduceSum", [x.name, axes], name: name, shape: [1, x.height, x.width], [.int("keepdims", 1)])
  }

  /// Mean of the largest share of a map's values, at least of one, `[N, 1]`.
  package mutating func meanOfLargest(_ map: GraphValue, share: Double, name: String) -> GraphValue {
    let positions = map.height * map.width
    let largest = min(positions, max(1, Int((Double(positions) * share).rounded(.up))))
    let flat = reshape(map, [positions], name: name + ".flat")
    let count = integers([largest], name: name + ".count")
    let top = node(
      "TopK", [flat.name, count], name: name + ".top", others: [name + ".places"], shape: [largest], [.int("axis", 1)])
    return node("ReduceMean", [top.name], name: name, shape: [1], [.ints("axes", [1]), .int("keepdims", 1)])
  }
}
