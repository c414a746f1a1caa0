import CKernels
import COneDNN

/// Convolution with a bias and ReLU or ReLU6 behind it. Input and output are both blocked, or both plain; an input of a
/// few channels that needs no gradient (the photograph) may be plain before a blocked output.
final class ConvolutionLayer: Layer {
  private let geometry: ConvolutionGeometry
  private let x: Value
  private let y: Value
  private let weights: Parameter
  private let bias: Parameter?
  /// 0 none, 1 ReLU, 2 ReLU6.
  private let activation: Int32
  private var hint: PrimitiveDescriptor?

  init(
    _ geometry: ConvolutionGeometry, x: Value, y: Value, weights: Parameter, bias: Parameter?, activation: Int32
  ) {
    self.geometry = geometry
    self.x = x
    self.y = y
    self.weights = weights
    self.bias = bias
    self.activation = activation
  }

  private func layout(_ value: Value, _ oneDNN: OneDNN) throws(TrainingError) -> MemoryDescriptor {
    value.layout == .blocked ? try .blocked(value.shape, block: oneDNN.block) : try .plain(value.shape)
  }

  private func plainWeights() throws(TrainingError) -> MemoryDescriptor { try .plain(geometry.weightShape) }

  /// The weights in the layout that a pass wants, brought there by a step of its own where it is another.
  private func arranged(_ wanted: MemoryDescriptor, _ schedule: Schedule) throws(TrainingError) -> (
    ArgumentSource, Buffer?
  ) {
    guard let values = weights.values.baseAddress else { preconditionFailure("no weights") }
    let plain = try plainWeights()
    if plain == wanted { return (.fixed(values), nil) }
    let buffer = schedule.makeBuffer(wanted.count)
    let reorder = try Primitive.reorder(
      schedule.oneDNN, from: (plain, .fixed(values)), to: (wanted, .buffer(buffer)))
    schedule.step(reorder, [buffer])
    return (.buffer(buffer), buffer)
  }

  /// Winograd's algorithm for this convolution, where it is possible and wanted.
  private func winograd(_ schedule: Schedule, isReversed: Bool = false) -> (WinogradRule, assay_winograd)? {
    let block = schedule.oneDNN.block
    guard schedule.winograd != .never, x.layout == .blocked, y.layout == .blocked,
      let shape = WinogradShape(geometry, block: block), let kernels = assay_winograd_for_block(Int32(block))
    else { return nil }
    let rule = WinogradRule(shape: isReversed ? shape.reversed : shape, block: block)
    return schedule.winograd == .everywhere || rule.isFaster ? (rule, kernels.pointee) : nil
  }

  func forward(_ schedule: Schedule) throws(TrainingError) {
    let oneDNN = schedule.oneDNN
    let (xLayout, yLayout) = (try layout(x, oneDNN), try layout(y, oneDNN))
    let descriptor = try geometry.forward(
      oneDNN, x: xLayout, y: yLayout, hasBias: bias != nil, activation: activation)
    hint = descriptor
    if let (rule, kernels) = winograd(schedule) {
      return WinogradFilter(
        rule.shape, rule.order, weights: weights, isReversed: false, bias: bias, activation: activation, oneDNN, kernels
      ).add(schedule, from: x.buffer, to: y.buffer)
    }
    let wanted = try descriptor.layout(dnnl_query_weights_md)
    let (source, buffer) = try arranged(wanted, schedule)
    var arguments: [(Int32, MemoryDescriptor, ArgumentSource)] = [
      (DNNL_ARG_SRC, xLayout, .buffer(x.buffer)), (DNNL_ARG_WEIGHTS, wanted, source),
      (DNNL_ARG_DST, yLayout, .buffer(y.buffer)),
    ]
    if let bias, let values = bias.values.baseAddress {
      arguments.append((DNNL_ARG_BIAS, try .plain([geometry.output[1]]), .fixed(values)))
    }
    schedule.step(try Primitive(oneDNN, descriptor, arguments), [x.buffer, y.buffer, buffer])
  }

  func backward(_ schedule: Schedule) throws(TrainingError) {
    let dy: Buffer
    if activation == 0 {
      guard let whole = y.takeWholeGradient(schedule) else { return }
      dy = whole
    } else {
      guard let (part, other) = y.takeGradient(schedule) else { return }
      dy = part
      ActivationGate.add(schedule, y: y, dy: dy, other: other, activation: activation)
    }
    if weights.isTrained || bias?.isTrained == true { try backwardWeights(schedule, dy) }
    if x.needsGradient { try backwardData(schedule, dy) }
  }

  private func backwardData(_ schedule: Schedule, _ dy: Buffer) throws(TrainingError) {
    guard let hint else { return }
    let oneDNN = schedule.oneDNN
    if let (rule, kernels) = winograd(schedule, isReversed: true) {
      let dx = schedule.makeBuffer(x.buffer.count)
      WinogradFilter(rule.shape, rule.order, weights: weights, isReversed: true, oneDNN, kernels)
        .add(schedule, from: dy, to: dx)
      return x.give(dx)
    }
    let (xLayout, yLayout) = (try layout(x, oneDNN), try layout(y, oneDNN))
    let descriptor = try geometry.backwardData(oneDNN, x: xLayout, y: yLayout, hint: hint)
    let wanted = try descriptor.layout(dnnl_query_weights_md)
    let (source, buffer) = try arranged(wanted, schedule)
    let dx = schedule.makeBuffer(x.buffer.count)
    let primitive = try Primitive(
      oneDNN, descriptor,
      [
        (DNNL_ARG_DIFF_SRC, xLayout, .buffer(dx)), (DNNL_ARG_WEIGHTS, wanted, source),
        (DNNL_ARG_DIFF_DST, yLayout, .buffer(dy)),
      ])
    schedule.step(primitive, [dx, dy, buffer])
    x.give(dx)
  }

  private func backwardWeights(_ schedule: Schedule, _ dy: Buffer) throws(TrainingError) {
    if geometry.isDepthwise, x.layout == .blocked {
      return DepthwiseWeightGradient(geometry, x: x, weights: weights, bias: bias, schedule.oneDNN).add(schedule, dy)
    }
    if weights.isTrained, let (rule, kernels) = winograd(schedule) {
      return WinogradWeightGradient(
        rule.shape, group: rule.gradientGroup, weights: weights, bias: bias, schedule.oneDNN, kernels
      ).add(schedule, x: x.buffer, dy: dy)
    }
    guard let hint else { return }
    let oneDNN = schedule.oneDNN
    let (xLayout, yLayout) = (try layout(x, oneDNN), try layout(y, oneDNN))
    let descriptor = try geometry.backwardWeights(
      oneDNN, x: xLayout, y: yLayout, hasBias: bias?.isTrained ?? false, hint: hint)
    let wanted = try descriptor.layout(dnnl_query_diff_weights_md)
    let plain = try plainWeights()
    let isPlain = plain == wanted && weights.isTrained
    let buffer = isPlain ? nil : schedule.makeBuffer(wanted.count)
    var target: ArgumentSource?
    if let gradient = weights.gradient.baseAddress, isPlain { target = .fixed(gradient) }
    if let buffer { target = .buffer(buffer) }
    guard let target else { return }
    var arguments: [(Int32, MemoryDescriptor, ArgumentSource)] = [
      (DNNL_ARG_SRC, xLayout, .buffer(x.buffer)), (DNNL_ARG_DIFF_WEIGHTS, wanted, target),
      (DNNL_ARG_DIFF_DST, yLayout, .buffer(dy)),
    ]
    if let bias, bias.isTrained, let gradient = bias.gradient.baseAddress {
      arguments.append((DNNL_ARG_DIFF_BIAS, try .plain([geometry.output[1]]), .fixed(gradient)))
    }
    schedule.step(try Primitive(oneDNN, descriptor, arguments), [x.buffer, dy, buffer])
    if let buffer, weights.isTrained, let gradient = weights.gradient.baseAddress {
      let reorder = try Primitive.reorder(oneDNN, from: (wanted, .buffer(buffer)), to: (plain, .fixed(gradient)))
      schedule.step(reorder, [buffer])
    }
  }
}
