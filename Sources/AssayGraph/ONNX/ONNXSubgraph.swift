/// The nodes and constants of a graph that lead to some of its values, in the graph's order.
package struct ONNXSubgraph {
  package let nodes: [Assay_Onnx_Node]
  package let initializers: [Assay_Onnx_Tensor]
  /// Inputs of the graph that are used.
  package let inputs: [String]

  /// - Parameter ends: values that are taken as given.
  package init(_ graph: Assay_Onnx_Graph, leadingTo wanted: [String], stoppingAt ends: Set<String> = [])
    throws(ModelError)
  {
    var maker: [String: Int] = [:]
    for (index, node) in graph.node.enumerated() {
      for output in node.output { maker[output] = index }
    }
    let constants = Set(graph.initializer.map(\.name))
    let ports = Set(graph.input.map(\.name)).subtracting(constants)
    var needed: Set<Int> = []
    var values: Set<String> = []
    var open = wanted
    while let name = open.popLast() {
      guard !name.isEmpty, !ends.contains(name), values.insert(name).inserted else { continue }
      if let index = maker[name] {
        if needed.insert(index).inserted { open += graph.node[index].input }
      } else if !constants.contains(name), !ports.contains(name) {
        throw ModelError(
          file: graph.name.isEmpty ? "ONNX graph" : graph.name, cause: "there is no value \(name)",
          remedy: "name one of the graph's own values")
      }
    }
    nodes = needed.sorted().map { graph.node[$0] }
    initializers = graph.initializer.filter { values.contains($0.name) }
    inputs = graph.input.map(\.name).filter { ports.contains($0) && values.contains($0) }
  }
}
