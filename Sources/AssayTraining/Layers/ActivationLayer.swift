import COneDNN

/// An activation that stands alone, by oneDNN.
final class ActivationLayer: Layer {
  private let x: Value
  private let y: Value
  private let kind: (algorithm: dnnl_alg_kind_t, alpha: Float, beta: Float)
  private var hint: PrimitiveDescriptor?

  init(_ activation: Operation.Activation, x: Value, y: Value) throws(TrainingError) {
    self.x = x
    self.y = y
    kind =
      switch activation {
      case .relu: (dnnl_eltwise_relu, 0, 0)
      case .leakyRelu(let slope): (dnnl_eltwise_relu, slope, 0)
      case .relu6: (dnnl_eltwise_clip_v2, 0, 6)
      case .clip(let low, let high): (dnnl_eltwise_clip_v2, low, high)
      case .sigmoid: (dnnl_eltwise_logistic, 0, 0)
      case .silu: (dnnl_eltwise_swish, 1, 0)
      case .gelu: (dnnl_eltwise_gelu_erf, 0, 0)
      case .geluTanh: (dnnl_eltwise_gelu_tanh, 0, 0)
      case .hardSwish: (dnnl_eltwise_hardswish, 1.0 / 6, 0.5)
      case .hardSigmoid(let alpha, let beta): (dnnl_eltwise_hardsigmoid, alpha, beta)
      case .tanh: (dnnl_eltwise_tanh, 0, 0)
      case .erf:
        throw TrainingError(
          "Erf \(y.name)", cause: "training knows it only as a part of GELU", remedy: "freeze the network beyond it")
      }
  }

  private func layout(_ oneDNN: OneDNN) throws(TrainingError) -> MemoryDescriptor {
    x.layout == .blocked ? try .blocked(x.shape, block: oneDNN.block) : try .plain([x.buffer.count])
  }

  func forward(_ schedule: Schedule) throws(TrainingError) {
    let oneDNN = schedule.oneDNN
    let layout = try layout(oneDNN)
    let kind = kind
    let descriptor = try PrimitiveDescriptor("the activation \(y.name)") {
      dnnl_eltwise_forward_primitive_desc_create(
        &$0, oneDNN.engine, dnnl_forward_training, kind.algorithm, layout.handle, layout.handle, kind.alpha, kind.beta,
        $1)
    }
    hint = descriptor
    let primitive = try Primitive(
      oneDNN, descriptor, [(DNNL_ARG_SRC, layout, .buffer(x.buffer)), (DNNL_ARG_DST, layout, .buffer(y.buffer))])
    schedule.step(primitive, [x.buffer, y.buffer])
  }

  func backward(_ schedule: Schedule) throws(TrainingError) {
    guard let hint, let dy = y.takeWholeGradient(schedule), x.needsGradient else { return }
    let oneDNN = schedule.oneDNN
    let layout = try layout(oneDNN)
    let kind = kind
    let descriptor = try PrimitiveDescriptor("the gradient of the activation \(y.name)") {
      dnnl_eltwise_backward_primitive_desc_create(
        &$0, oneDNN.engine, kind.algorithm, layout.handle, layout.handle, layout.handle, kind.alpha, kind.beta,
        hint.handle, $1)
    }
    // In place: oneDNN allows it for activations.
    let primitive = try Primitive(
      oneDNN, descriptor,
      [
        (DNNL_ARG_SRC, layout, .buffer(x.buffer)), (DNNL_ARG_DIFF_DST, layout, .buffer(dy)),
        (DNNL_ARG_DIFF_SRC, layout, .buffer(dy)),
      ])
    schedule.step(primitive, [x.buffer, dy])
    x.give(dy)
  }
}
