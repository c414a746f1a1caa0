public import AssayWeights

/// Weights made by a formula from their names, for networks whose arithmetic is to be compared or timed without a file of
/// weights. Any language computes the same numbers:
/// - state = FNV-1a, 64 bits, of the name in UTF-8 (offset 0xCBF29CE484222325, prime 0x100000001B3), xor seed
/// - bits of element i (row-major) = splitmix64 (Steele, Lea and Flood 2014) of state + (i + 1) 0x9E3779B97F4A7C15
/// - u = (bits >> 40) / 2²³ - 1, in [-1, 1) and exact in 32 bits
///
/// | name | value |
/// | --- | --- |
/// | `*.weight` of two dimensions or more | u gain √(3 / fan-in), fan-in = product of all dimensions but the first |
/// | `*.weight` of one dimension (a normalisation) | 1 + 0.2 u |
/// | `*.bias`, `*_bias` | shift + 0.1 u |
/// | `*.running_mean` | 0.1 u |
/// | `*.running_var` | 1 + 0.3 u |
/// | `*.gamma`, `*.layer_scale` | 0.5 + 0.1 u |
/// | tokens and positions of transformers (`*_token`, `*_tokens`, `*pos_embed`, `*pos_embedding`) | 0.5 u |
///
/// (`*_weight` is as `*.weight`)
/// in 64-bit arithmetic, rounded to 32 bits at the end. u √3 has variance 1, so that gain √2 keeps the mean square of
/// what passes through convolutions and ReLUs (He et al. 2015, equation 10).
public struct SeededWeights: WeightSource, Hashable {
  public let seed: UInt64
  /// Deviation of a convolution's output for inputs of mean square 1.
  public let gain: Double
  /// Mean of the biases. Behind a normalisation by the batch, a positive one keeps most activations away from the kink of
  /// a ReLU, where 32 bits and 64 bits may decide differently.
  public let shift: Double

  public init(seed: UInt64 = 1, gain: Double = 2.0.squareRoot(), shift: Double = 0) {
    self.seed = seed
    self.gain = gain
    self.shift = shift
  }

  /// The formula's u for a name, each in [-1, 1).
  public func uniform(_ name: String, count: Int) -> [Float] {
    let state = Self.hash(name) ^ seed
    return (0..<count).map { Float(Self.element($0, of: state)) }
  }

  public func tensor(_ name: String, shape: [Int]) throws(WeightsError) -> StateDict.Tensor {
    let (center, spread) = try distribution(name, shape)
    let state = Self.hash(name) ^ seed
    let values = (0..<shape.reduce(1, *)).map { Float(center + spread * Self.element($0, of: state)) }
    return StateDict.Tensor(shape: shape, values: values)
  }

  private func distribution(_ name: String, _ shape: [Int]) throws(WeightsError) -> (center: Double, spread: Double) {
    switch name.split(separator: ".").last {
    case "weight" where shape.count > 1, "in_proj_weight":
      return (0, gain * (3 / Double(shape.dropFirst().reduce(1, *))).squareRoot())
    case "weight": return (1, 0.2)
    case "bias", "in_proj_bias": return (shift, 0.1)
    case "running_mean": return (0, 0.1)
    case "running_var": return (1, 0.3)
    case "gamma", "layer_scale": return (0.5, 0.1)
    case "cls_token", "class_token", "reg_token", "register_tokens", "pos_embed", "pos_embedding": return (0, 0.5)
    default:
      throw WeightsError(
        file: "seeded weights", cause: "there is no rule for \(name)",
        remedy: "end its name in weight, bias, running_mean or running_var")
    }
  }

  private static func hash(_ name: String) -> UInt64 {
    name.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
  }

  private static func element(_ index: Int, of state: UInt64) -> Double {
    var z = state &+ UInt64(index + 1) &* 0x9E37_79B9_7F4A_7C15
    z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
    return Double((z ^ z >> 31) >> 40) / 0x1p23 - 1
  }
}
