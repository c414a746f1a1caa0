public import AssayWeights

/// A place in a backbone where features are read.
public struct Tap: Codable, Hashable, Sendable {
  /// For example `stage4` (a stage's output) or `stage4.expanded` (the wide activation that the next stage makes of it).
  public let name: String
  public let channels: Int
  /// Input pixels per position; ``wholeImage`` for a single one.
  public let stride: Int

  /// The largest side of an input: such a tap has one position, a vector for the image.
  public static let wholeImage = 2048

  public init(name: String, channels: Int, stride: Int) {
    self.name = name
    self.channels = channels
    self.stride = stride
  }
}

/// A pretrained network without its classifier.
public struct BackboneDescription: Codable, Hashable, Sendable {
  /// For example `efficientnet-lite0`.
  public let name: String
  /// Side of the square input in pixels that the network was pretrained with.
  public let nativeSize: Int
  public let licence: String
  public let source: String
  /// The bundle whose training the weights come from; nil for weights as published.
  public let origin: BackboneOrigin?

  public init(name: String, nativeSize: Int, licence: String, source: String, origin: BackboneOrigin? = nil) {
    self.name = name
    self.nativeSize = nativeSize
    self.licence = licence
    self.source = source
    self.origin = origin
  }

  /// Name, licence, source and, where there is one, the bundle.
  public var sentence: String { "\(name), \(licence); \(source)" + (origin.map { "; \($0.sentence)" } ?? "") }
}

/// A backbone that can write itself into a graph.
public protocol Backbone: Sendable {
  var description: BackboneDescription { get }
  /// SHA-256 of the file of weights, hexadecimal.
  var weightsHash: String { get }
  /// All taps, from input to output.
  var taps: [Tap] { get }
  /// The taps that features are taken from unless the user names others.
  var defaultTaps: [String] { get }
  /// The taps whose patches are compared in anomaly detection unless the user names others.
  var patchTaps: [String] { get }
  /// Heights and widths of inputs are multiples of this, in pixels.
  var sideStep: Int { get }
  /// Version of ONNX's operator set in which the network is written.
  var opset: Int { get }
  /// The same network with its batch normalisations as nodes of their own, so that training can normalise by the batch.
  var trainable: any Backbone { get }

  /// Writes the network up to the last of the wanted taps.
  /// - Parameters:
  ///   - image: `[N, 3, H, W]`, RGB, 0...1.
  /// - Returns: the wanted taps' values by name.
  func write(
    to builder: inout GraphBuilder, image: GraphValue, taps wanted: Set<String>
  ) throws(WeightsError) -> [String: GraphValue]
}

extension Backbone {
  public var opset: Int { 17 }
  public var sideStep: Int { 32 }

  /// Side of the square input in pixels that is used unless another is asked for: the largest that the network can divide
  /// and that is not above what it was pretrained with.
  public var inputSize: Int { max(sideStep, description.nativeSize / sideStep * sideStep) }

  /// Most networks have them so.
  public var trainable: any Backbone { self }
}
