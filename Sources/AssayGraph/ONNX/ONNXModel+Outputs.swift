extension ONNXModel {
  /// Outputs that the standard asks for get a name where a file has left them out, as bundles of earlier versions have for
  /// `TopK`, of which they use the values alone. ONNX Runtime loads no such file.
  /// - Returns: whether any was missing.
  package mutating func nameMissingOutputs() -> Bool {
    let places = proto.graph.node.indices.filter {
      proto.graph.node[$0].opType == "TopK" && proto.graph.node[$0].output.count == 1
    }
    guard !places.isEmpty else { return false }
    var names = Set(proto.graph.node.flatMap(\.output) + proto.graph.initializer.map(\.name))
    names.formUnion(proto.graph.input.map(\.name))
    for place in places {
      var name = proto.graph.node[place].output[0] + ".places"
      while !names.insert(name).inserted { name += "_" }
      proto.graph.node[place].output.append(name)
    }
    return true
  }
}
