import AssayGraph

/// Turns a graph into layers, values and steps.
struct NetworkCompiler {
  let oneDNN: OneDNN
  let schedule: Schedule
  let noise: IterationNoise
  private(set) var parameters: [Parameter] = []
  private(set) var layers: [any Layer] = []
  private(set) var branches: [BranchSelection] = []
  private(set) var input: Value?

  private let reader: GraphReader
  private let options: TrainingNetwork.Options
  private var byName: [String: Parameter] = [:]
  private var values: [String: Value] = [:]
  private var converted: [String: Value] = [:]
  private var residualCount = 0

  init(
    _ model: ONNXModel, input name: String, shape: [Int], outputs: [String], options: TrainingNetwork.Options
  ) throws {
    oneDNN = try OneDNN(threads: options.threads)
    schedule = Schedule(oneDNN)
    schedule.winograd = options.winograd
    noise = IterationNoise(seed: options.seed)
    self.options = options
    reader = try GraphReader(model, inputs: [name: shape], outputs: outputs, dropsOut: options.usesDropout)
    makeParameters()
    let source = Value(
      name: name, shape: shape, layout: .plain, buffer: schedule.makeBuffer(shape.reduce(1, *)),
      needsGradient: options.needsInputGradient)
    // The input is written before the first step.
    schedule.step([source.buffer]) {}
    input = source
    values[name] = source
    let nodes = reader.nodes
    let plan = FusionPlan(nodes, keeping: Set(outputs.map(reader.resolved)))
    residualCount = nodes.count { if case .add = $0.operation { true } else { false } }
    for (index, node) in nodes.enumerated() where !plan.absorbed.contains(index) {
      if let group = plan.groups[index] {
        try add(group, nodes)
      } else {
        try add(node)
      }
    }
  }

  private mutating func makeParameters() {
    var roles: [String: (Parameter.Role, Int)] = [:]
    for (depth, node) in reader.nodes.enumerated() {
      func set(_ name: String?, _ role: Parameter.Role) { if let name { roles[name] = (role, depth) } }
      switch node.operation {
      case .convolution(let weights, let bias, _, _), .linear(let weights, let bias, _):
        set(weights, .weight)
        set(bias, .bias)
      case .batchNormalization(let scale, let shift, let mean, let variance, _):
        set(scale, .scale)
        set(shift, .shift)
        set(mean, .runningMean)
        set(variance, .runningVariance)
      case .layerNormalization(let scale, let shift, _):
        set(scale, .scale)
        set(shift, .shift)
      case .addParameter(let name): set(name, .embedding)
      default: break
      }
    }
    for (name, constant) in reader.parameters {
      guard let (role, depth) = roles[name] else { continue }
      let isStatistic = role == .runningMean || role == .runningVariance
      let parameter = Parameter(
        name: name, shape: constant.shape, role: role, isTrained: !isStatistic && options.isTrained(name),
        values: constant.floats, depth: depth)
      parameters.append(parameter)
      byName[name] = parameter
    }
  }

  private func parameter(_ name: String) throws -> Parameter {
    guard let found = byName[name] else {
      throw TrainingError(name, cause: "it is no parameter of the graph", remedy: "report this")
    }
    return found
  }

  /// A value of the graph in a layout.
  mutating func value(_ name: String, _ layout: Value.Layout? = nil) throws -> Value {
    let name = reader.resolved(name)
    guard let found = values[name] else {
      throw TrainingError(name, cause: "it is used before it is made", remedy: "export the graph again")
    }
    guard let layout, found.layout != layout else { return found }
    let key = "\(name) \(layout)"
    if let known = converted[key] { return known }
    let result = Value(
      name: name, shape: found.shape, layout: layout, buffer: schedule.makeBuffer(count(found.shape, layout)),
      needsGradient: found.needsGradient)
    converted[key] = result
    try append(LayoutLayer(x: found, y: result))
    return result
  }

  private func count(_ shape: [Int], _ layout: Value.Layout) -> Int {
    layout == .blocked ? oneDNN.blockedCount(shape) : shape.reduce(1, *)
  }

  private mutating func append(_ layer: any Layer) throws {
    try layer.forward(schedule)
    layers.append(layer)
  }

  private mutating func make(
    _ node: OperationNode, _ layout: Value.Layout, from inputs: [Value], trained: [Parameter?] = [],
    sharing buffer: Buffer? = nil
  ) -> Value {
    let result = Value(
      name: node.output, shape: node.shape, layout: layout,
      buffer: buffer ?? schedule.makeBuffer(count(node.shape, layout)),
      needsGradient: inputs.contains(where: \.needsGradient) || trained.contains { $0?.isTrained == true })
    values[node.output] = result
    return result
  }

  // MARK: Groups

  private mutating func add(_ group: FusionPlan.Group, _ nodes: [OperationNode]) throws {
    let (head, tail) = (nodes[group.head], nodes[group.tail])
    let result = OperationNode(
      name: head.name, operation: head.operation, inputs: head.inputs, output: tail.output, shape: tail.shape)
    switch head.operation {
    case .convolution(let weights, let bias, let window, let groups):
      try addConvolution(
        result, weights: try parameter(weights), bias: try bias.map { try parameter($0) }, window, groups,
        activation: group.activation)
    case .batchNormalization(let scale, let shift, let mean, let variance, let epsilon):
      let own = BatchNormalizationLayer.Parameters(
        scale: try parameter(scale), shift: try parameter(shift), mean: try parameter(mean),
        variance: try parameter(variance), epsilon: epsilon)
      guard head.shape.count == 4 else {
        throw TrainingError(head.name, cause: "training normalises images only", remedy: "freeze the network beyond it")
      }
      let x = try value(head.inputs[0], .blocked)
      let residual = try group.residual.map { try value($0, .blocked) }
      let y = make(
        result, .blocked, from: [x] + (residual.map { [$0] } ?? []), trained: [own.scale, own.shift])
      let keep = residual == nil ? nil : selection(images: x.shape[0])
      try append(
        BatchNormalizationLayer(
          oneDNN, x: x, residual: residual, y: y, own, activation: group.activation, statistics: options.statistics,
          keep: keep))
    default:
      let isMap = head.shape.count == 4
      let layout: Value.Layout = isMap ? .blocked : .plain
      let (a, b) = (try value(head.inputs[0], layout), try value(head.inputs[1], layout))
      let y = make(result, layout, from: [a, b])
      // The branch is the operand that was made last; the other one is the way around it.
      let order = reader.nodes.map(\.output)
      let isFirst = (order.lastIndex(of: a.name) ?? -1) >= (order.lastIndex(of: b.name) ?? -1)
      try append(
        AddLayer(
          oneDNN, first: isFirst ? a : b, second: isFirst ? b : a, y: y, activation: group.activation,
          keep: selection(images: y.shape[0])))
    }
  }

  /// Deeper branches are left out more often (linear decay).
  private mutating func selection(images: Int) -> UnsafePointer<Float>? {
    guard options.stochasticDepth > 0 else { return nil }
    let rate = options.stochasticDepth * Float(branches.count + 1) / Float(max(1, residualCount))
    let selection = BranchSelection(rate: min(rate, 0.9), images: images, place: -1 - branches.count)
    branches.append(selection)
    return UnsafePointer(selection.keep)
  }

  private mutating func addConvolution(
    _ node: OperationNode, weights: Parameter, bias: Parameter?, _ window: Operation.Window, _ groups: Int,
    activation: Int32
  ) throws {
    let source = try value(node.inputs[0])
    let geometry = ConvolutionGeometry(input: source.shape, output: node.shape, window: window, groups: groups)
    // The photograph has too few channels to fill a block; oneDNN has code for that.
    let isPhotograph = source.layout == .plain && source.channels <= 4 && groups == 1 && !source.needsGradient
    guard isPhotograph || geometry.isFastBlocked(oneDNN) else {
      let x = try value(node.inputs[0], .plain)
      let inner = OperationNode(
        name: node.name, operation: node.operation, inputs: node.inputs,
        output: activation == 0 ? node.output : node.output + ".linear", shape: node.shape)
      let y = make(inner, .plain, from: [x], trained: [weights, bias])
      try append(ConvolutionLayer(geometry, x: x, y: y, weights: weights, bias: bias, activation: 0))
      guard activation != 0 else { return }
      let z = make(node, .plain, from: [y])
      return try append(ActivationLayer(activation == 1 ? .relu : .relu6, x: y, y: z))
    }
    let x = isPhotograph ? source : try value(node.inputs[0], .blocked)
    let y = make(node, .blocked, from: [x], trained: [weights, bias])
    try append(
      ConvolutionLayer(geometry, x: x, y: y, weights: weights, bias: bias, activation: activation))
  }

  // MARK: Single nodes

  private mutating func add(_ node: OperationNode) throws {
    switch node.operation {
    case .convolution, .batchNormalization, .add: preconditionFailure("\(node.name) belongs to a group")
    case .activation(let kind):
      let x = try value(node.inputs[0])
      try append(ActivationLayer(kind, x: x, y: make(node, x.layout, from: [x])))
    case .pooling(let kind, let window):
      let x = try value(node.inputs[0], .blocked)
      try append(PoolingLayer(kind, window, x: x, y: make(node, .blocked, from: [x])))
    case .globalAverage:
      let x = try value(node.inputs[0], .blocked)
      let size = [x.shape[2], x.shape[3]]
      let window = Operation.Window(kernel: size, strides: size, dilations: [1, 1], before: [0, 0], after: [0, 0])
      try append(PoolingLayer(.averageWithoutPadding, window, x: x, y: make(node, .blocked, from: [x])))
    case .multiply:
      let x = try value(node.inputs[0])
      if x.shape != (try value(node.inputs[1])).shape {
        let (x, gate) = (try value(node.inputs[0], .blocked), try value(node.inputs[1], .blocked))
        let y = make(node, .blocked, from: [x, gate])
        return try append(ChannelGateLayer(x: x, gate: gate, y: y, block: oneDNN.block))
      }
      let other = try value(node.inputs[1], x.layout)
      try append(ProductLayer(first: x, second: other, y: make(node, x.layout, from: [x, other])))
    case .affine(let map):
      let x = try value(node.inputs[0])
      try append(AffineLayer(map, x: x, y: make(node, x.layout, from: [x]), block: oneDNN.block))
    case .addParameter(let name):
      let x = try value(node.inputs[0], .plain)
      let own = try parameter(name)
      try append(AddParameterLayer(own, x: x, y: make(node, .plain, from: [x], trained: [own])))
    case .concatenate(let axis):
      let shapes = try node.inputs.map { try value($0).shape }
      let layout: Value.Layout =
        ConcatenationLayer.fitsBlocked(shapes, axis: axis, block: oneDNN.block) ? .blocked : .plain
      let inputs = try node.inputs.map { try value($0, layout) }
      try append(ConcatenationLayer(inputs, axis: axis, y: make(node, layout, from: inputs)))
    case .linear(let weights, let bias, let isTransposed):
      let x = try value(node.inputs[0], .plain)
      let (w, b) = (try parameter(weights), try bias.map { try parameter($0) })
      try append(
        LinearLayer(
          x: x, y: make(node, .plain, from: [x], trained: [w, b]), weights: w, bias: b, isTransposed: isTransposed))
    case .matrixProduct:
      let (a, b) = (try value(node.inputs[0], .plain), try value(node.inputs[1], .plain))
      try append(MatrixProductLayer(first: a, second: b, y: make(node, .plain, from: [a, b])))
    case .softmax:
      let x = try value(node.inputs[0], .plain)
      try append(SoftmaxLayer(x: x, y: make(node, .plain, from: [x])))
    case .layerNormalization(let scale, let shift, let epsilon):
      let x = try value(node.inputs[0], .plain)
      let (s, t) = (try parameter(scale), try shift.map { try parameter($0) })
      try append(
        LayerNormalizationLayer(
          x: x, y: make(node, .plain, from: [x], trained: [s, t]), scale: s, shift: t, epsilon: epsilon))
    case .reshape:
      let x = try value(node.inputs[0], .plain)
      try append(ReshapeLayer(x: x, y: make(node, .plain, from: [x], sharing: x.buffer)))
    case .transpose(let order):
      let x = try value(node.inputs[0], .plain)
      try append(TransposeLayer(order, x: x, y: make(node, .plain, from: [x])))
    case .window(let offsets):
      let x = try value(node.inputs[0], .plain)
      try append(WindowLayer(offsets, x: x, y: make(node, .plain, from: [x])))
    case .dropout(let ratio):
      let x = try value(node.inputs[0])
      try append(
        DropoutLayer(x: x, y: make(node, x.layout, from: [x]), ratio: ratio, place: layers.count, noise: noise))
    }
  }
}
