import Foundation

/// Places in a network where channels are normalised, and what they measure there: the means and variances that batch
/// normalisation keeps (Ioffe and Szegedy 2015), re-estimated on other images (Li et al. 2016, AdaBN).
///
/// Such a place is the output of a batch normalisation or, where exporters have folded it away, of a convolution with a
/// bias. In both a channel's scale and offset are constants of the graph, so that new statistics are folded into them.
public struct ChannelStatistics: Sendable {
  /// One place: `channels` values behind one node.
  public struct Place: Sendable, Equatable {
    /// Name of the node's output.
    public let value: String
    public let channels: Int
    package let weight: String
    package let bias: String
  }

  /// Over images and positions, place by place, `[sum of channels]`.
  public var mean: [Float]
  public var variance: [Float]

  public init(mean: [Float], variance: [Float]) {
    self.mean = mean
    self.variance = variance
  }

  public static let meanOutput = "statistics.mean"
  public static let varianceOutput = "statistics.variance"

  /// - Parameter shapes: of the graph's values; a place needs more than one position (squeeze-and-excitation has one).
  public static func places(in model: ONNXModel, shapes: [String: [Int]]) -> [Place] {
    let graph = model.proto.graph
    let constants = Dictionary(graph.initializer.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    var uses: [String: Int] = [:]
    var readers: [String: Set<String>] = [:]
    for node in graph.node {
      for input in node.input {
        uses[input, default: 0] += 1
        readers[input, default: []].insert(node.opType)
      }
    }
    return graph.node.compactMap { node in
      guard ["Conv", "BatchNormalization"].contains(node.opType), node.input.count >= 3, let value = node.output.first,
        // What a batch normalisation reads is normalised there.
        node.opType == "BatchNormalization" || readers[value] != ["BatchNormalization"],
        let weight = constants[node.input[1]], let bias = constants[node.input[2]], uses[weight.name] == 1,
        uses[bias.name] == 1, weight.dataType == 1, bias.dataType == 1, let shape = shapes[value], shape.count == 4,
        shape[2] * shape[3] > 1, bias.dims == [Int64(shape[1])]
      else { return nil }
      return Place(value: value, channels: shape[1], weight: weight.name, bias: bias.name)
    }
  }

  /// Values whose shapes ``places(in:shapes:)`` asks for.
  public static func candidates(in model: ONNXModel) -> [String] {
    model.proto.graph.node.filter { ["Conv", "BatchNormalization"].contains($0.opType) }.flatMap(\.output)
  }

  /// The graph with the outputs ``meanOutput`` and ``varianceOutput``, `[1, sum of channels]`, over the images of a batch.
  /// - Parameters:
  ///   - source: what each channel is brought to before the next layer reads it, as batch normalisation would in training;
  ///     nil to leave everything as it is.
  ///   - trust: how much the batch counts beside the source, 0...1.
  public static func measuring(
    _ model: ONNXModel, _ places: [Place], bringingTo source: ChannelStatistics? = nil, trust: Float = 1
  ) -> ONNXModel {
    var result = model
    result.proto.graph.node = []
    let byValue = Dictionary(uniqueKeysWithValues: places.map { ($0.value, $0) })
    var offsets: [String: Int] = [:]
    var offset = 0
    for place in places {
      offsets[place.value] = offset
      offset += place.channels
    }
    for var node in model.proto.graph.node {
      guard let value = node.output.first, let place = byValue[value] else {
        result.proto.graph.node.append(node)
        continue
      }
      let own = source == nil ? value : value + ".own"
      node.output[0] = own
      result.proto.graph.node.append(node)
      var pen = NodePen(prefix: value + ".statistics")
      let mean = pen.mean(own, "mean")
      let centred = pen.node("Sub", [own, mean], "centred")
      let variance = pen.mean(pen.node("Mul", [centred, centred], "squares"), "variance")
      _ = pen.node("Flatten", [mean], "mean.flat", [.int("axis", 1)])
      _ = pen.node("Flatten", [variance], "variance.flat", [.int("axis", 1)])
      if let source, let start = offsets[value] {
        let change = source.slice(start, place.channels)
        let floor = change.floor
        let shape = [1, place.channels, 1, 1]
        let share = pen.constant([trust], [1], "trust")
        let rest = change.mean.map { (1 - trust) * $0 }
        let blendedMean = pen.node(
          "Add", [pen.node("Mul", [mean, share], "mean.share"), pen.constant(rest, shape, "mean.rest")], "mean.blended")
        let spread = change.variance.map { (1 - trust) * $0 + floor }
        let blended = pen.node(
          "Add", [pen.node("Mul", [variance, share], "variance.share"), pen.constant(spread, shape, "variance.rest")],
          "variance.blended")
        let deviation = pen.node("Sqrt", [blended], "deviation")
        let wanted = pen.constant(change.variance.map { ($0 + floor).squareRoot() }, shape, "wanted")
        let ratio = pen.node("Div", [wanted, deviation], "ratio")
        let moved = pen.node("Mul", [pen.node("Sub", [own, blendedMean], "moved"), ratio], "scaled")
        pen.append("Add", [moved, pen.constant(change.mean, shape, "centre")], output: value)
      }
      result.proto.graph.node += pen.nodes
      result.proto.graph.initializer += pen.constants
    }
    for (name, part) in [(meanOutput, "mean"), (varianceOutput, "variance")] {
      var pen = NodePen(prefix: name)
      pen.append("Concat", places.map { "\($0.value).statistics.\(part).flat" }, output: name, [.int("axis", 1)])
      result.proto.graph.node += pen.nodes
    }
    return ImportedBackbone.exposing([meanOutput, varianceOutput], in: result)
  }

  /// Folds into the graph's constants what brings channels with these statistics to the source's.
  /// - Parameter trust: as in ``measuring(_:_:bringingTo:trust:)``.
  public func folded(
    into model: ONNXModel, _ places: [Place], source: ChannelStatistics, trust: Float
  ) throws(ModelError) -> ONNXModel {
    var changed: [String: [Float]] = [:]
    var offset = 0
    for place in places {
      defer { offset += place.channels }
      guard var weight = model.constant(place.weight)?.values, var bias = model.constant(place.bias)?.values else {
        throw ModelError(file: model.proto.graph.name, cause: "\(place.weight) is no constant", remedy: "report this")
      }
      let (own, wanted) = (slice(offset, place.channels), source.slice(offset, place.channels))
      let size = weight.count / place.channels
      for channel in 0..<place.channels {
        let mean = trust * own.mean[channel] + (1 - trust) * wanted.mean[channel]
        let variance = trust * own.variance[channel] + (1 - trust) * wanted.variance[channel]
        let ratio = ((wanted.variance[channel] + wanted.floor) / (variance + wanted.floor)).squareRoot()
        for index in channel * size..<(channel + 1) * size { weight[index] *= ratio }
        bias[channel] = (bias[channel] - mean) * ratio + wanted.mean[channel]
      }
      changed[place.weight] = weight
      changed[place.bias] = bias
    }
    return try model.replacing(changed)
  }

  private func slice(_ start: Int, _ count: Int) -> ChannelStatistics {
    ChannelStatistics(mean: Array(mean[start..<start + count]), variance: Array(variance[start..<start + count]))
  }

  /// A channel that hardly ever varies must not be blown up.
  private var floor: Float { max(variance.reduce(0, +) / Float(max(1, variance.count)) * 1e-2, 1e-12) }
}

/// Writes nodes that have names of their own.
private struct NodePen {
  let prefix: String
  var nodes: [Assay_Onnx_Node] = []
  var constants: [Assay_Onnx_Tensor] = []

  init(prefix: String) { self.prefix = prefix }

  mutating func append(
    _ operation: String, _ inputs: [String], output: String, _ attributes: [Assay_Onnx_Attribute] = []
  ) {
    var node = Assay_Onnx_Node()
    node.opType = operation
    node.name = output
    node.input = inputs
    node.output = [output]
    node.attribute = attributes
    nodes.append(node)
  }

  mutating func node(
    _ operation: String, _ inputs: [String], _ name: String, _ attributes: [Assay_Onnx_Attribute] = []
  ) -> String {
    append(operation, inputs, output: "\(prefix).\(name)", attributes)
    return "\(prefix).\(name)"
  }

  /// Over images and positions, `[1, C, 1, 1]`.
  mutating func mean(_ value: String, _ name: String) -> String {
    node("ReduceMean", [value], name, [.ints("axes", [0, 2, 3]), .int("keepdims", 1)])
  }

  mutating func constant(_ values: [Float], _ shape: [Int], _ name: String) -> String {
    var tensor = Assay_Onnx_Tensor()
    tensor.name = "\(prefix).\(name)"
    tensor.dataType = 1
    tensor.dims = shape.map(Int64.init)
    tensor.rawData = values.withUnsafeBytes { .init($0) }
    constants.append(tensor)
    return tensor.name
  }
}
