import COneDNN

/// Softmax over the last dimension, by oneDNN; plain.
final class SoftmaxLayer: Layer {
  private let x: Value
  private let y: Value
  private var hint: PrimitiveDescriptor?

  init(x: Value, y: Value) {
    self.x = x
    self.y = y
  }

  private func layout() throws(TrainingError) -> MemoryDescriptor {
    let width = x.shape[x.shape.count - 1]
    return try .plain([x.buffer.count / width, width])
  }

  func forward(_ schedule: Schedule) throws(TrainingError) {
    let (oneDNN, layout) = (schedule.oneDNN, try layout())
    let descriptor = try PrimitiveDescriptor("the softmax \(y.name)") {
      dnnl_softmax_forward_primitive_desc_create(
        &$0, oneDNN.engine, dnnl_forward_training, dnnl_softmax_accurate, layout.handle, layout.handle, 1, $1)
    }
    hint = descriptor
    let primitive = try Primitive(
      oneDNN, descriptor, [(DNNL_ARG_SRC, layout, .buffer(x.buffer)), (DNNL_ARG_DST, layout, .buffer(y.buffer))])
    schedule.step(primitive, [x.buffer, y.buffer])
  }

  func backward(_ schedule: Schedule) throws(TrainingError) {
    guard let hint, let dy = y.takeWholeGradient(schedule), x.needsGradient else { return }
    let (oneDNN, layout) = (schedule.oneDNN, try layout())
    let descriptor = try PrimitiveDescriptor("the gradient of the softmax \(y.name)") {
      dnnl_softmax_backward_primitive_desc_create(
        &$0, oneDNN.engine, dnnl_softmax_accurate, layout.handle, layout.handle, layout.handle, 1, hint.handle, $1)
    }
    let dx = schedule.makeBuffer(x.buffer.count)
    let primitive = try Primitive(
      oneDNN, descriptor,
      [
        (DNNL_ARG_DST, layout, .buffer(y.buffer)), (DNNL_ARG_DIFF_DST, layout, .buffer(dy)),
        (DNNL_ARG_DIFF_SRC, layout, .buffer(dx)),
      ])
    schedule.step(primitive, [y.buffer, dy, dx])
    x.give(dx)
  }
}

/// Layer normalisation (Ba et al. 2016) over the last dimension, by oneDNN; plain.
final class LayerNormalizationLayer: Layer {
  private let x: Value
  private let y: Value
  private let scale: Parameter
  private let shift: Parameter?
  private let epsilon: Float
  private let zeros: BlockVectors
  private let spareScale: BlockVectors
  private let spareShift: BlockVectors
  private var hint: PrimitiveDescriptor?
  private var statistics: (mean: Buffer, variance: Buffer)?

  init(x: Value, y: Value, scale: Parameter, shift: Parameter?, epsilon: Float) {
    self.x = x
    self.y = y
    self.scale = scale
    self.shift = shift
    self.epsilon = epsilon
    (zeros, spareScale, spareShift) = (
      .init(count: scale.values.count), .init(count: scale.values.count), .init(count: scale.values.count)
    )
  }

  private static let flags = dnnl_use_scale.rawValue | dnnl_use_shift.rawValue

  private func layouts() throws(TrainingError) -> (
    all: MemoryDescriptor, rows: MemoryDescriptor, width: MemoryDescriptor
  ) {
    let width = scale.values.count
    let rows = x.buffer.count / width
    return (try .plain([rows, width]), try .plain([rows]), try .plain([width]))
  }

  private var shiftPointer: UnsafeMutablePointer<Float> { shift?.values.baseAddress ?? zeros.pointer }

  func forward(_ schedule: Schedule) throws(TrainingError) {
    let (oneDNN, epsilon) = (schedule.oneDNN, epsilon)
    let (all, rows, width) = try layouts()
    let descriptor = try PrimitiveDescriptor("the layer normalisation \(y.name)") {
      dnnl_layer_normalization_forward_primitive_desc_create(
        &$0, oneDNN.engine, dnnl_forward_training, all.handle, all.handle, rows.handle, epsilon, Self.flags, $1)
    }
    hint = descriptor
    let (mean, variance) = (schedule.makeBuffer(rows.count), schedule.makeBuffer(rows.count))
    statistics = (mean, variance)
    guard let values = scale.values.baseAddress else { return }
    let primitive = try Primitive(
      oneDNN, descriptor,
      [
        (DNNL_ARG_SRC, all, .buffer(x.buffer)), (DNNL_ARG_DST, all, .buffer(y.buffer)),
        (DNNL_ARG_MEAN, rows, .buffer(mean)), (DNNL_ARG_VARIANCE, rows, .buffer(variance)),
        (DNNL_ARG_SCALE, width, .fixed(values)), (DNNL_ARG_SHIFT, width, .fixed(shiftPointer)),
      ])
    schedule.step(primitive, [x.buffer, y.buffer, mean, variance])
  }

  func backward(_ schedule: Schedule) throws(TrainingError) {
    guard let hint, let (mean, variance) = statistics, let dy = y.takeWholeGradient(schedule) else { return }
    let (oneDNN, epsilon) = (schedule.oneDNN, epsilon)
    let (all, rows, width) = try layouts()
    let descriptor = try PrimitiveDescriptor("the gradient of the layer normalisation \(y.name)") {
      dnnl_layer_normalization_backward_primitive_desc_create(
        &$0, oneDNN.engine, dnnl_backward, all.handle, all.handle, all.handle, rows.handle, epsilon, Self.flags,
        hint.handle, $1)
    }
    let dx = schedule.makeBuffer(x.buffer.count)
    guard let values = scale.values.baseAddress else { return }
    let scaleTarget = scale.isTrained ? scale.gradient.baseAddress ?? spareScale.pointer : spareScale.pointer
    let shiftTarget = shift?.isTrained == true ? shift?.gradient.baseAddress ?? spareShift.pointer : spareShift.pointer
    let primitive = try Primitive(
      oneDNN, descriptor,
      [
        (DNNL_ARG_SRC, all, .buffer(x.buffer)), (DNNL_ARG_DIFF_DST, all, .buffer(dy)),
        (DNNL_ARG_MEAN, rows, .buffer(mean)), (DNNL_ARG_VARIANCE, rows, .buffer(variance)),
        (DNNL_ARG_SCALE, width, .fixed(values)), (DNNL_ARG_SHIFT, width, .fixed(shiftPointer)),
        (DNNL_ARG_DIFF_SRC, all, .buffer(dx)), (DNNL_ARG_DIFF_SCALE, width, .fixed(scaleTarget)),
        (DNNL_ARG_DIFF_SHIFT, width, .fixed(shiftTarget)),
      ])
    schedule.step(primitive, [x.buffer, dy, mean, variance, dx])
    if x.needsGradient { x.give(dx) }
  }
}
