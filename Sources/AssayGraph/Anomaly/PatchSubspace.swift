/// A subspace of normal patches for a handful of images (Lendering et al., "SubspaceAD: training-free few-shot anomaly
/// detection via subspace modeling", CVPR 2026): the principal components of all patches of the good images.
///
/// A patch's distance is the length of what the subspace cannot explain, |x - mean - C Cᵀ (x - mean)|; the image's score is
/// the mean of the largest hundredth of them.
public struct PatchSubspace: AnomalyScoring {
  public static let method = "subspace"
  /// Share of the variance that the components explain.
  public static let defaultVariance = 0.99
  /// Share of the patches whose mean is the score.
  public static let tail = 0.01

  /// `[D]`
  public let mean: [Float]
  /// Orthonormal components `[k, D]`, row by row; may be empty.
  public let components: [Float]

  public init(mean: [Float], components: [Float]) {
    precondition(!mean.isEmpty && components.count % mean.count == 0, "components of another length than the mean")
    self.mean = mean
    self.components = components
  }

  public var componentCount: Int { components.count / mean.count }

  public func write(to builder: inout GraphBuilder, patches: GraphValue, region: String?) -> PatchDistances {
    let dimension = mean.count
    let k = componentCount
    precondition(patches.channels == dimension, "patches of \(patches.channels), a subspace of \(dimension) features")
    let centred = builder.binary("Sub", patches, constant: mean, shape: [dimension, 1, 1], name: "subspace.centred")
    var rest = centred
    if k > 0 {
      let coordinates = builder.convolution(
        centred, weights: components, bias: [Float](repeating: 0, count: k), kernel: 1, name: "subspace.coordinates")
      var transposed = [Float](repeating: 0, count: components.count)
      for i in 0..<k { for d in 0..<dimension { transposed[d * k + i] = components[i * dimension + d] } }
      let explained = builder.convolution(
        coordinates, weights: transposed, bias: [Float](repeating: 0, count: dimension), kernel: 1,
        name: "subspace.explained")
      rest = builder.binary("Sub", centred, explained, name: "subspace.rest")
    }
    let square = builder.binary("Mul", rest, rest, name: "subspace.square")
    let sum = builder.channelSum(square, name: "subspace.sum")
    let all = builder.root(sum, name: "subspace.distance")
    let distances = builder.masked(all, region, name: "subspace.inside")
    let score = builder.meanOfLargest(distances, share: Self.tail, name: "subspace.score")
    return PatchDistances(distances: distances, score: score)
  }
}
