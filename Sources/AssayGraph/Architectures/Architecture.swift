public import AssayWeights

/// A published network up to its last feature map, as torchvision, timm or its authors define it.
///
/// Batch normalisations stay nodes of their own, so that the graph can be trained further, and convolutions' and batch
/// normalisations' parameters are initializers with the names they have in the state dict. What is written is batch-size
/// free; images need not be square.
public protocol Architecture: Sendable {
  /// For example `resnet50`.
  var name: String { get }
  /// From input to output. The last, `features`, is the map that the classifier would pool.
  var taps: [Tap] { get }
  /// The least height and width of an image in pixels for which every map has a position.
  var smallestSide: Int { get }
  /// Side of the square images that published weights were evaluated with, in pixels.
  var nativeSize: Int { get }
  /// Heights and widths are multiples of this, in pixels.
  var sideStep: Int { get }
  /// How most published weights want their pixels.
  var normalisation: ImportedBackbone.Normalisation { get }
  /// The taps that features are taken from unless the user names others.
  var defaultTaps: [String] { get }
  /// The taps whose patches are compared in anomaly detection unless the user names others.
  var patchTaps: [String] { get }

  /// Writes the network up to the last of the wanted taps.
  /// - Parameters:
  ///   - image: `[N, 3, H, W]`, normalised as it was when the weights were trained; at least ``smallestSide``.
  /// - Returns: the wanted taps' values by name.
  /// - Throws: ``WeightsError`` for an unknown tap, or for a parameter that `weights` lacks.
  func write(
    to builder: inout GraphBuilder, image: GraphValue, weights: some WeightSource, taps wanted: Set<String>
  ) throws(WeightsError) -> [String: GraphValue]
}

extension Architecture {
  public var nativeSize: Int { 224 }
  public var sideStep: Int { 32 }
  public var normalisation: ImportedBackbone.Normalisation { .imageNet }

  /// The last map of each resolution from 4 pixels' stride on.
  public var defaultTaps: [String] { [4, 8, 16, 32].compactMap { lastTap(stride: $0) } }

  /// Mid-level, where a patch is still small and its features no longer mere edges (Roth et al. 2022, section 3.1).
  public var patchTaps: [String] { [8, 16].compactMap { lastTap(stride: $0) } }

  private func lastTap(stride: Int) -> String? { taps.last { $0.stride == stride }?.name }

  /// Writes the whole network and returns all its taps.
  public func write(
    to builder: inout GraphBuilder, image: GraphValue, weights: some WeightSource
  ) throws(WeightsError) -> [String: GraphValue] {
    try write(to: &builder, image: image, weights: weights, taps: Set(taps.map(\.name)))
  }
}

/// Keeps the wanted taps' values while a network writes itself.
package struct TapCollection {
  package private(set) var values: [String: GraphValue] = [:]
  private let wanted: Set<String>

  /// Nothing more needs to be written.
  package var isComplete: Bool { values.count == wanted.count }

  package init(_ wanted: Set<String>, of network: some Architecture) throws(WeightsError) {
    let known = network.taps.map(\.name)
    if let unknown = wanted.subtracting(known).sorted().first {
      throw WeightsError(
        file: network.name, cause: "it has no tap \(unknown)", remedy: "choose among \(known.joined(separator: ", "))")
    }
    self.wanted = wanted
  }

  package mutating func offer(_ name: String, _ value: GraphValue) {
    if wanted.contains(name) { values[name] = value }
  }
}
