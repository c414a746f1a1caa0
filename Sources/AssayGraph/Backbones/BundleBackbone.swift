public import AssayWeights

/// Which bundle a backbone's weights come from.
public struct BackboneOrigin: Codable, Hashable, Sendable {
  /// Name of the bundle's folder at that time.
  public let bundle: String
  /// SHA-256 of its `manifest.json`, hexadecimal, which names the hash of its graph.
  public let sha256: String
  /// What it was trained on and how, in words.
  public let training: String

  public init(bundle: String, sha256: String, training: String) {
    self.bundle = bundle
    self.sha256 = sha256
    self.training = training
  }

  public var sentence: String { "from the bundle \(bundle) (SHA-256 \(sha256.prefix(12))…), trained on \(training)" }
}

/// The backbone inside a bundle's graph: what leads from `image` to the depths that the bundle reads, with the weights that
/// it was trained to.
public struct BundleBackbone: Backbone {
  public let description: BackboneDescription
  /// SHA-256 of the bundle's `model.onnx`, hexadecimal.
  public let weightsHash: String
  public let taps: [Tap]
  public let defaultTaps: [String]
  public let patchTaps: [String]
  public let sideStep: Int
  /// Side in pixels of the only input that the network takes; nil when it takes any.
  public let fixedSide: Int?
  /// From `image` to the taps' values.
  public let model: ONNXModel
  /// Name of each tap's value in the graph.
  private let values: [String: String]

  public var opset: Int { model.opset }

  /// - Parameters:
  ///   - model: with the input `image` `[N, 3, H, W]`, RGB, 0...1.
  ///   - values: name in the graph of each tap's value.
  ///   - taps: from input to output; each has a value.
  public init(
    _ model: ONNXModel, values: [String: String], taps: [Tap], defaultTaps: [String], patchTaps: [String],
    sideStep: Int, description: BackboneDescription, weightsHash: String
  ) {
    self.model = model
    self.values = values
    self.taps = taps
    self.defaultTaps = defaultTaps
    self.patchTaps = patchTaps
    self.sideStep = sideStep
    self.description = description
    self.weightsHash = weightsHash
    // Position embeddings belong to one size.
    fixedSide = model.proto.graph.node.contains { $0.opType == "Softmax" } ? description.nativeSize : nil
  }

  /// The same network with other weights.
  /// - Parameter model: with the same values.
  public func with(_ model: ONNXModel, weightsHash: String) -> BundleBackbone {
    BundleBackbone(
      model, values: values, taps: taps, defaultTaps: defaultTaps, patchTaps: patchTaps, sideStep: sideStep,
      description: description, weightsHash: weightsHash)
  }

  public func write(
    to builder: inout GraphBuilder, image: GraphValue, taps wanted: Set<String>
  ) throws(WeightsError) -> [String: GraphValue] {
    if let fixedSide, image.width != fixedSide || image.height != fixedSide {
      throw WeightsError(
        file: description.name, cause: "the network of this bundle takes \(fixedSide) x \(fixedSide) pixels only",
        remedy: "use --input-size \(fixedSide)")
    }
    let used = taps.filter { wanted.contains($0.name) }
    do throws(ModelError) {
      let found = try builder.embed(
        model, inputName: "image", input: image,
        // A graph that was cut out before has these names already.
        prefix: values.values.contains { $0.hasPrefix("trunk.") } ? "" : "trunk.",
        outputs: used.map { tap in
          let (height, width) = (image.height + tap.stride - 1, image.width + tap.stride - 1)
          return (values[tap.name] ?? tap.name, [tap.channels, height / tap.stride, width / tap.stride])
        })
      return Dictionary(uniqueKeysWithValues: zip(used.map(\.name), found))
    } catch {
      throw WeightsError(file: description.name, cause: error.cause, remedy: error.remedy)
    }
  }

  /// Names of the values at the taps that a bundle's graph reads: the inputs of the nodes that read them, which
  /// ``FeatureGraph`` and ``PatchGraph`` call by the tap.
  public static func readValues(of taps: [String], in model: ONNXModel) -> [String: String] {
    var found: [String: String] = [:]
    for node in model.proto.graph.node {
      for tap in taps where node.name == tap + ".mean" || node.name == "patch.\(tap).average" {
        found[tap] = found[tap] ?? node.input.first
      }
    }
    return found
  }

  /// What leads from the image to some of a graph's values, with these as its outputs.
  /// - Throws: ``ModelError`` when one of them is not there.
  public static func trunk(of model: ONNXModel, to values: [String]) throws(ModelError) -> ONNXModel {
    let needed = try ONNXSubgraph(model.proto.graph, leadingTo: values)
    var trunk = ImportedBackbone.exposing(values, in: model)
    trunk.proto.graph.node = needed.nodes
    trunk.proto.graph.initializer = needed.initializers
    trunk.proto.metadataProps = []
    return trunk
  }

  /// Names of all values of a graph that nodes make.
  public static func madeValues(in model: ONNXModel) -> Set<String> {
    Set(model.proto.graph.node.flatMap(\.output))
  }
}
