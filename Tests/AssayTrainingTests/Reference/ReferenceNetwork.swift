import AssayGraph

/// Why the reference interpreter cannot run a graph.
struct ReferenceError: Error, CustomStringConvertible {
  /// The node's output or the tensor that is at fault.
  let value: String
  let cause: String

  var description: String { "\(value): \(cause)" }
}

/// A naive interpreter of ONNX graphs in double precision: every operator is its definition written down, for gradients
/// to be proved against. It is slow on purpose.
struct ReferenceNetwork: Sendable {
  private let graph: Assay_Onnx_Graph
  private let opset: Int
  private let initializers: Result<[String: ReferenceTensor], any Error>

  /// - Parameter model: initializers that cannot be read are reported by ``run(_:parameters:isTraining:masks:)``.
  init(_ model: ONNXModel) {
    graph = model.proto.graph
    opset = model.opset
    let graph = graph
    initializers = Result {
      try Dictionary(uniqueKeysWithValues: graph.initializer.map { ($0.name, try ReferenceTensor($0)) })
    }
  }

  /// Runs the graph.
  /// - Parameters:
  ///   - inputs: a tensor for each of the graph's inputs, with the batch dimension.
  ///   - overrides: values, row-major, that take the place of those of an initializer, an input or any node's output.
  ///   - isTraining: batch normalisation uses the mean and the biased variance of the batch.
  ///   - masks: what the output of a Dropout node is multiplied by, by the name of that output; without one, dropout is
  ///     the identity.
  /// - Returns: every value of the graph by name, initializers and inputs included.
  /// - Throws: ``ReferenceError``.
  func run(
    _ inputs: [String: ReferenceTensor], parameters overrides: [String: [Double]] = [:], isTraining: Bool = false,
    masks: [String: [Double]] = [:]
  ) throws -> [String: ReferenceTensor] {
    var values: [String: ReferenceTensor] = [:]
    func set(_ name: String, _ tensor: ReferenceTensor) throws {
      values[name] = tensor
      guard let replacement = overrides[name] else { return }
      guard replacement.count == tensor.values.count else {
        throw ReferenceError(value: name, cause: "\(replacement.count) values for shape \(tensor.shape)")
      }
      values[name]?.values = replacement
    }

    for (name, tensor) in try initializers.get() { try set(name, tensor) }
    for (name, tensor) in inputs { try set(name, tensor) }
    for node in graph.node {
      let arguments = try node.input.map { name -> ReferenceTensor? in
        if name.isEmpty { return nil }
        guard let value = values[name] else {
          throw ReferenceError(value: node.output.first ?? "", cause: "its input \(name) has no value")
        }
        return value
      }
      let operation = ReferenceOperation(
        node: node, inputs: arguments, opset: opset, isTraining: isTraining,
        mask: node.output.first.flatMap { masks[$0] })
      for (name, tensor) in zip(node.output, try operation.run()) where !name.isEmpty { try set(name, tensor) }
      if let missing = node.output.first(where: { !$0.isEmpty && values[$0] == nil }) {
        throw ReferenceError(value: missing, cause: "it is an output of \(node.opType) that is not computed here")
      }
    }
    for name in Array(overrides.keys) + Array(masks.keys) where values[name] == nil {
      throw ReferenceError(value: name, cause: "there is no such value in the graph")
    }
    return values
  }
}
