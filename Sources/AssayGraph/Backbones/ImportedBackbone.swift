public import AssayWeights

/// A network that a user brings as an ONNX file: everything up to the depths that are read is copied into the graph.
public struct ImportedBackbone: Backbone {
  /// What is known of such a network, kept beside its file.
  public struct Card: Codable, Sendable, Equatable {
    public var description: BackboneDescription
    /// SHA-256 of the ONNX file, hexadecimal.
    public var sha256: String
    /// Name of the graph's image input.
    public var input: String
    /// Values of the graph that can be read; their names are those of the tensors.
    public var taps: [Tap]
    public var defaultTaps: [String]
    public var patchTaps: [String]
    public var normalisation: Normalisation

    public init(
      description: BackboneDescription, sha256: String, input: String, taps: [Tap], defaultTaps: [String],
      patchTaps: [String], normalisation: Normalisation
    ) {
      self.description = description
      self.sha256 = sha256
      self.input = input
      self.taps = taps
      self.defaultTaps = defaultTaps
      self.patchTaps = patchTaps
      self.normalisation = normalisation
    }
  }

  /// How the network wants its pixels: `(v * range - mean) / deviation` for v in 0...1, in RGB or BGR.
  public struct Normalisation: Codable, Sendable, Equatable {
    /// 1 for pixels of 0...1, 255 for 0...255.
    public var range: Float
    /// Of each channel, in the network's order and range.
    public var mean: [Float]
    public var deviation: [Float]
    public var isBGR: Bool

    /// What most networks trained on ImageNet want.
    public static let imageNet = Normalisation(
      range: 1, mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225], isBGR: false)

    /// -1...1, what networks trained in TensorFlow or JAX want as a rule.
    public static let half = Normalisation(
      range: 1, mean: [0.5, 0.5, 0.5], deviation: [0.5, 0.5, 0.5], isBGR: false)

    public init(range: Float, mean: [Float], deviation: [Float], isBGR: Bool) {
      precondition(
        mean.count == 3 && deviation.count == 3 && !deviation.contains(0), "not a normalisation of 3 channels")
      self.range = range
      self.mean = mean
      self.deviation = deviation
      self.isBGR = isBGR
    }
  }

  public let card: Card
  private let model: ONNXModel

  public init(_ card: Card, model: ONNXModel) {
    self.card = card
    self.model = model
  }

  public var description: BackboneDescription { card.description }
  public var weightsHash: String { card.sha256 }
  public var taps: [Tap] { card.taps }
  public var defaultTaps: [String] { card.defaultTaps }
  public var patchTaps: [String] { card.patchTaps }
  public var opset: Int { model.opset }

  public func write(
    to builder: inout GraphBuilder, image: GraphValue, taps wanted: Set<String>
  ) throws(WeightsError) -> [String: GraphValue] {
    let x = card.normalisation.write(to: &builder, image)
    let used = card.taps.filter { wanted.contains($0.name) }
    do throws(ModelError) {
      let values = try builder.embed(
        model, inputName: card.input, input: x, prefix: "backbone.",
        outputs: used.map { tap in
          let height = (image.height + tap.stride - 1) / tap.stride
          return (tap.name, [tap.channels, height, (image.width + tap.stride - 1) / tap.stride])
        })
      return Dictionary(uniqueKeysWithValues: zip(used.map(\.name), values))
    } catch {
      throw WeightsError(file: card.description.name, cause: error.cause, remedy: error.remedy)
    }
  }

  /// Values of a graph that may be depths of a backbone: what the usual operators of a network give, in the graph's order.
  public static func candidates(in model: ONNXModel) -> [(name: String, operation: String)] {
    let kinds: Set<String> = [
      "Relu", "Clip", "Add", "LeakyRelu", "HardSwish", "Mul", "Sigmoid", "Conv", "BatchNormalization", "Concat",
      "PRelu", "Elu", "Identity",
    ]
    return model.proto.graph.node.filter { kinds.contains($0.opType) && $0.output.count == 1 }
      .map { ($0.output[0], $0.opType) }
  }

  /// The same graph with other values as its outputs.
  public static func exposing(_ names: [String], in model: ONNXModel) -> ONNXModel {
    var result = model
    result.proto.graph.output = names.map { name in
      var info = Assay_Onnx_ValueInfo()
      info.name = name
      info.type.tensorType.elemType = 1
      return info
    }
    return result
  }
}

extension ImportedBackbone.Card {
  /// A card lies in a folder where anybody can change it.
  /// - Throws: `DecodingError` for depths that no network has.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    description = try values.decode(BackboneDescription.self, forKey: .description)
    sha256 = try values.decode(String.self, forKey: .sha256)
    input = try values.decode(String.self, forKey: .input)
    taps = try values.decode([Tap].self, forKey: .taps)
    defaultTaps = try values.decode([String].self, forKey: .defaultTaps)
    patchTaps = try values.decode([String].self, forKey: .patchTaps)
    normalisation = try values.decode(ImportedBackbone.Normalisation.self, forKey: .normalisation)
    let possible = 1...1 << 20
    guard Set(taps.map(\.name)).count == taps.count, possible.contains(description.nativeSize),
      taps.allSatisfy({ possible.contains($0.channels) && possible.contains($0.stride) })
    else {
      throw DecodingError.dataCorruptedError(
        forKey: .taps, in: values, debugDescription: "its sizes are no numbers of pixels, or two depths have one name")
    }
  }
}

extension ImportedBackbone.Normalisation {
  /// A card lies in a folder where anybody can change it.
  /// - Throws: `DecodingError` for what is no normalisation of 3 channels.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    range = try values.decode(Float.self, forKey: .range)
    mean = try values.decode([Float].self, forKey: .mean)
    deviation = try values.decode([Float].self, forKey: .deviation)
    isBGR = try values.decode(Bool.self, forKey: .isBGR)
    guard mean.count == 3, deviation.count == 3, !deviation.contains(0),
      ([range] + mean + deviation).allSatisfy(\.isFinite)
    else {
      throw DecodingError.dataCorruptedError(
        forKey: .deviation, in: values,
        debugDescription: "3 means and 3 deviations other than 0 are expected, not \(mean) and \(deviation)")
    }
  }

  /// - Parameter image: `[N, 3, H, W]`, RGB, 0...1.
  package func write(to builder: inout GraphBuilder, _ image: GraphValue) -> GraphValue {
    var x = image
    if isBGR {
      let order = builder.integers([2, 1, 0], name: "normalise.order")
      x = builder.node("Gather", [x.name, order], name: "normalise.bgr", shape: x.shape, [.int("axis", 1)])
    }
    x = builder.binary("Mul", x, constant: deviation.map { range / $0 }, shape: [3, 1, 1], name: "normalise.scale")
    return builder.binary(
      "Sub", x, constant: zip(mean, deviation).map { $0 / $1 }, shape: [3, 1, 1], name: "normalise")
  }
}
