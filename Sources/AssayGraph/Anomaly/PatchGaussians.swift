/// PaDiM: a normal distribution for every position (Defard et al., "PaDiM: a patch distribution modeling framework for
/// anomaly detection and localization", ICPR workshops 2021).
///
/// A patch's distance is that of Mahalanobis, |L⁻¹ (x - mean)| with the covariance's Cholesky factor L; the image's score is
/// the largest value of the smoothed map.
public struct PatchGaussians: AnomalyScoring {
  public static let method = "padim"
  /// Randomly chosen features that stand for all (section III-B).
  public static let defaultDimension = 100

  /// Which features of a patch are used, ascending.
  public let channels: [Int]
  /// `[positions, d]`
  public let means: [Float]
  /// L⁻¹ of each position, `[positions, d, d]`, lower triangular, row by row.
  public let whitening: [Float]

  public init(channels: [Int], means: [Float], whitening: [Float]) {
    precondition(whitening.count == means.count * channels.count, "means and whitening differ in shape")
    self.channels = channels
    self.means = means
    self.whitening = whitening
  }

  public func write(to builder: inout GraphBuilder, patches: GraphValue, region: String?) -> PatchDistances {
    let positions = patches.height * patches.width
    let d = channels.count
    precondition(means.count == positions * d, "means for another grid than \(patches.shape)")
    let indices = builder.integers(channels, name: "gaussian.channels")
    let chosen = builder.node(
      "Gather", [patches.name, indices], name: "gaussian.chosen", shape: [d, patches.height, patches.width],
      [.int("axis", 1)])
    let flat = builder.reshape(chosen, [d, positions], name: "gaussian.flat")
    let rows = builder.node(
      "Transpose", [flat.name], name: "gaussian.rows", shape: [positions, d], [.ints("perm", [0, 2, 1])])
    let centred = builder.binary("Sub", rows, constant: means, shape: [positions, d], name: "gaussian.centred")
    let columns = builder.reshape(centred, [positions, d, 1], name: "gaussian.columns")
    let factor = builder.constant(whitening, shape: [positions, d, d], name: "gaussian.whitening")
    let white = builder.node("MatMul", [factor, columns.name], name: "gaussian.white", shape: [positions, d, 1])
    let square = builder.binary("Mul", white, white, name: "gaussian.square")
    let axes = builder.integers([2, 3], name: "gaussian.axes")
    let sum = builder.node(
      "ReduceSum", [square.name, axes], name: "gaussian.sum", shape: [positions], [.int("keepdims", 0)])
    let root = builder.root(sum, name: "gaussian.root")
    let map = builder.reshape(root, [1, patches.height, patches.width], name: "gaussian.distance")
    return PatchDistances(distances: builder.masked(map, region, name: "gaussian.inside"), score: nil)
  }
}
