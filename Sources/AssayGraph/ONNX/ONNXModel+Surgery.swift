import Foundation

extension ONNXModel {
  /// The part of the graph from one of its values to others, with that value as its input.
  /// - Parameters:
  ///   - cut: the value that becomes the input; all outputs must depend on the photograph through it alone.
  ///   - shape: of the cut, without the batch.
  /// - Throws: ``ModelError`` when an output bypasses the cut.
  public func tail(from cut: String, shape: [Int], to outputs: [Port]) throws(ModelError) -> ONNXModel {
    let graph = proto.graph
    let needed = try ONNXSubgraph(graph, leadingTo: outputs.map(\.name), stoppingAt: [cut])
    guard needed.inputs.isEmpty else {
      throw ModelError(
        file: graph.name,
        cause: "\(cut) is not the only way from the photograph to \(outputs.map(\.name).joined(separator: ", "))",
        remedy: "choose a depth between two blocks")
    }
    var result = self
    result.proto.graph.node = needed.nodes
    result.proto.graph.initializer = needed.initializers
    result.proto.graph.input = [GraphBuilder.port(cut, shape)]
    result.proto.graph.output = outputs.map { GraphBuilder.port($0.name, $0.shape) }
    return result
  }

  /// The same graph with other values in some of its float constants.
  ///
  /// A constant that several names stand for (exporters write equal tensors once) is written out under the name that is
  /// changed.
  /// - Parameter values: row-major, by name; each as many as there were.
  /// - Throws: ``ModelError`` when there is no such constant, or it has another size.
  public func replacing(_ values: [String: [Float]]) throws(ModelError) -> ONNXModel {
    var result = self
    var open = values
    for index in result.proto.graph.initializer.indices {
      let name = result.proto.graph.initializer[index].name
      guard let new = open.removeValue(forKey: name) else { continue }
      try Self.set(&result.proto.graph.initializer[index], new)
    }
    guard !open.isEmpty else { return result }
    let behind = constantsBehindNames
    for (name, new) in open.sorted(by: { $0.key < $1.key }) {
      guard let index = behind[name] else {
        throw ModelError(file: proto.graph.name, cause: "there is no constant \(name)", remedy: "report this")
      }
      var tensor = proto.graph.initializer[index]
      tensor.name = name
      try Self.set(&tensor, new)
      result.proto.graph.initializer.append(tensor)
    }
    result.proto.graph.node.removeAll { $0.opType == "Identity" && open[$0.output.first ?? ""] != nil }
    return result
  }

  /// The initialiser, by its place, that each name of an `Identity` stands for.
  private var constantsBehindNames: [String: Int] {
    var places = Dictionary(
      proto.graph.initializer.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    for node in proto.graph.node where node.opType == "Identity" && node.output.count == 1 {
      if let input = node.input.first, let place = places[input] { places[node.output[0]] = place }
    }
    return places
  }

  private static func set(_ tensor: inout Assay_Onnx_Tensor, _ values: [Float]) throws(ModelError) {
    let count = tensor.dims.reduce(1) { $0 * Int($1) }
    guard tensor.dataType == 1, count == values.count else {
      throw ModelError(
        file: tensor.name, cause: "\(values.count) values were given for a constant of \(count)", remedy: "report this")
    }
    tensor.floatData = []
    tensor.rawData = values.withUnsafeBytes { .init($0) }
  }
}
