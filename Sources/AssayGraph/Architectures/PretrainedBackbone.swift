public import AssayWeights

/// A published network with a file of weights, its pixels normalised as the weights want them.
public struct PretrainedBackbone: Backbone {
  public let network: any Architecture
  public let description: BackboneDescription
  /// SHA-256 of the file of weights, hexadecimal.
  public let weightsHash: String
  public let normalisation: ImportedBackbone.Normalisation
  private let weights: any WeightSource

  /// - Parameter normalisation: nil for the network's usual.
  public init(
    _ network: any Architecture, weights: any WeightSource, description: BackboneDescription, weightsHash: String,
    normalisation: ImportedBackbone.Normalisation? = nil
  ) {
    self.network = network
    self.weights = weights
    self.description = description
    self.weightsHash = weightsHash
    self.normalisation = normalisation ?? network.normalisation
  }

  public var taps: [Tap] { network.taps }
  public var defaultTaps: [String] { network.defaultTaps }
  public var patchTaps: [String] { network.patchTaps }
  public var sideStep: Int { network.sideStep }

  public func write(
    to builder: inout GraphBuilder, image: GraphValue, taps wanted: Set<String>
  ) throws(WeightsError) -> [String: GraphValue] {
    guard min(image.width, image.height) >= network.smallestSide else {
      throw WeightsError(
        file: description.name, cause: "an image of \(image.width) x \(image.height) pixels is too small for it",
        remedy: "use an input size of at least \(network.smallestSide)")
    }
    return try network.write(
      to: &builder, image: normalisation.write(to: &builder, image), weights: weights, taps: wanted)
  }
}
