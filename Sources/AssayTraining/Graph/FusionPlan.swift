/// Which nodes run as one: a batch normalisation with the addition and the ReLU behind it, a convolution or an addition
/// with its ReLU.
struct FusionPlan {
  struct Group {
    /// The node that gives the group its name and parameters.
    let head: Int
    /// The addition's other operand.
    var residual: String?
    /// 0 none, 1 ReLU, 2 ReLU6.
    var activation: Int32 = 0
    /// The last node: its output is the group's, and the group runs in its place.
    var tail: Int
  }

  /// By the place where they run.
  private(set) var groups: [Int: Group] = [:]
  /// Nodes that are part of a group and not its place.
  private(set) var absorbed: Set<Int> = []

  /// - Parameter kept: values that must be there on their own.
  init(_ nodes: [OperationNode], keeping kept: Set<String>) {
    var uses: [String: [Int]] = [:]
    for (index, node) in nodes.enumerated() { for input in node.inputs { uses[input, default: []].append(index) } }
    func next(_ index: Int) -> Int? {
      let output = nodes[index].output
      guard !kept.contains(output), let own = uses[output], own.count == 1 else { return nil }
      return own[0]
    }
    func gate(_ index: Int) -> Int32? {
      switch nodes[index].operation {
      case .activation(.relu): 1
      case .activation(.relu6): 2
      default: nil
      }
    }
    func isAddition(_ index: Int) -> Bool { if case .add = nodes[index].operation { true } else { false } }
    var taken: Set<Int> = []
    for (index, node) in nodes.enumerated() where !taken.contains(index) {
      var group = Group(head: index, residual: nil, tail: index)
      let isMap = node.shape.count == 4
      switch node.operation {
      case .batchNormalization:
        if let sum = next(index), isAddition(sum), !taken.contains(sum), nodes[sum].inputs[0] != nodes[sum].inputs[1] {
          group.residual = nodes[sum].inputs.first { $0 != node.output }
          group.tail = sum
        }
      case .convolution, .add: break
      default: continue
      }
      if isMap, let last = next(group.tail), let kind = gate(last) {
        group.activation = kind
        group.tail = last
      }
      for member in [index, group.residual == nil ? nil : next(index), group.tail] {
        if let member { taken.insert(member) }
      }
      absorbed.formUnion([index, group.residual == nil ? index : next(index) ?? index].filter { $0 != group.tail })
      groups[group.tail] = group
    }
  }
}
