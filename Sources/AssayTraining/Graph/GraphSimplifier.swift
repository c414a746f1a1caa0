/// Joins what exporters write as several nodes and training runs as one.
enum GraphSimplifier {
  /// - Parameter kept: values that must stay, because somebody reads them.
  static func simplify(_ nodes: [OperationNode], keeping kept: Set<String>) -> [OperationNode] {
    var nodes = nodes
    joinSiLU(&nodes, kept)
    joinGELU(&nodes, kept)
    joinBias(&nodes, kept)
    return nodes
  }

  private static func uses(_ nodes: [OperationNode]) -> [String: [Int]] {
    var result: [String: [Int]] = [:]
    for (index, node) in nodes.enumerated() { for input in node.inputs { result[input, default: []].append(index) } }
    return result
  }

  /// x * sigmoid(x)
  private static func joinSiLU(_ nodes: inout [OperationNode], _ kept: Set<String>) {
    let uses = uses(nodes)
    var dropped: Set<Int> = []
    for (index, node) in nodes.enumerated() {
      guard case .activation(.sigmoid) = node.operation, !kept.contains(node.output),
        let only = uses[node.output], only.count == 1, case .multiply = nodes[only[0]].operation
      else { continue }
      let product = nodes[only[0]]
      guard Set(product.inputs) == [node.output, node.inputs[0]], product.inputs.count == 2 else { continue }
      nodes[only[0]] = OperationNode(
        name: product.name, operation: .activation(.silu), inputs: [node.inputs[0]], output: product.output,
        shape: product.shape)
      dropped.insert(index)
    }
    remove(dropped, from: &nodes)
  }

  /// x (1 + erf(x / sqrt(2))) / 2, as exporters write it before there was an operator for it (opset 20).
  private static func joinGELU(_ nodes: inout [OperationNode], _ kept: Set<String>) {
    let uses = uses(nodes)
    let makers = Dictionary(uniqueKeysWithValues: nodes.enumerated().map { ($1.output, $0) })
    func sole(_ index: Int) -> Int? {
      guard !kept.contains(nodes[index].output), let own = uses[nodes[index].output], own.count == 1 else { return nil }
      return own[0]
    }
    func affine(_ index: Int, scale: Float, shift: Float) -> Bool {
      guard case .affine(let map) = nodes[index].operation, map.scale.count == 1 else { return false }
      return abs(map.scale[0] - scale) < 1e-4 && abs(map.shift[0] - shift) < 1e-4
    }
    var dropped: Set<Int> = []
    for (index, node) in nodes.enumerated() {
      guard case .activation(.erf) = node.operation, let before = makers[node.inputs[0]],
        affine(before, scale: Float(0.5).squareRoot(), shift: 0), sole(before) == index, let plus = sole(index),
        affine(plus, scale: 1, shift: 1), let product = sole(plus), case .multiply = nodes[product].operation
      else { continue }
      let x = nodes[before].inputs[0]
      var last = product
      var joined = [before, index, plus]
      if Set(nodes[product].inputs) == [x, nodes[plus].output], let half = sole(product),
        affine(half, scale: 0.5, shift: 0)
      {
        joined.append(product)
        last = half
      } else if let half = nodes[product].inputs.first(where: { $0 != nodes[plus].output }).flatMap({ makers[$0] }),
        affine(half, scale: 0.5, shift: 0), nodes[half].inputs[0] == x, sole(half) == product
      {
        joined.append(half)
      } else {
        continue
      }
      nodes[last] = OperationNode(
        name: nodes[last].name, operation: .activation(.gelu), inputs: [x], output: nodes[last].output,
        shape: nodes[last].shape)
      dropped.formUnion(joined)
    }
    remove(dropped, from: &nodes)
  }

  /// A linear map without bias, and a constant of its width that is added.
  private static func joinBias(_ nodes: inout [OperationNode], _ kept: Set<String>) {
    let uses = uses(nodes)
    var dropped: Set<Int> = []
    for (index, node) in nodes.enumerated() {
      guard case .linear(let weights, nil, let isTransposed) = node.operation, !kept.contains(node.output),
        let only = uses[node.output], only.count == 1, case .addParameter(let bias) = nodes[only[0]].operation
      else { continue }
      let sum = nodes[only[0]]
      nodes[only[0]] = OperationNode(
        name: sum.name, operation: .linear(weights: weights, bias: bias, isTransposed: isTransposed),
        inputs: node.inputs, output: sum.output, shape: sum.shape)
      dropped.insert(index)
    }
    remove(dropped, from: &nodes)
  }

  private static func remove(_ dropped: Set<Int>, from nodes: inout [OperationNode]) {
    nodes = nodes.enumerated().filter { !dropped.contains($0.offset) }.map(\.element)
  }
}
