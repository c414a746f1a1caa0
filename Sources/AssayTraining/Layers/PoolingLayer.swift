import COneDNN

/// Maximum and average pooling, by oneDNN, blocked.
final class PoolingLayer: Layer {
  private let x: Value
  private let y: Value
  private let window: Operation.Window
  private let algorithm: dnnl_alg_kind_t
  private var hint: PrimitiveDescriptor?
  /// Where each maximum came from, in bytes or integers as oneDNN likes it.
  private var workspace: (MemoryDescriptor, Buffer)?

  init(_ kind: Operation.Pooling, _ window: Operation.Window, x: Value, y: Value) {
    self.x = x
    self.y = y
    self.window = window
    algorithm =
      switch kind {
      case .maximum: dnnl_pooling_max
      case .averageWithPadding: dnnl_pooling_avg_include_padding
      case .averageWithoutPadding: dnnl_pooling_avg_exclude_padding
      }
  }

  private struct Lists {
    let strides, kernel, dilations, before, after: [Int64]

    init(_ window: Operation.Window) {
      strides = window.strides.map(Int64.init)
      kernel = window.kernel.map(Int64.init)
      dilations = window.dilations.map { Int64($0 - 1) }
      before = window.before.map(Int64.init)
      after = window.after.map(Int64.init)
    }
  }

  private func layouts(_ oneDNN: OneDNN) throws(TrainingError) -> (MemoryDescriptor, MemoryDescriptor) {
    (try .blocked(x.shape, block: oneDNN.block), try .blocked(y.shape, block: oneDNN.block))
  }

  func forward(_ schedule: Schedule) throws(TrainingError) {
    let oneDNN = schedule.oneDNN
    let (xLayout, yLayout) = try layouts(oneDNN)
    let lists = Lists(window)
    let algorithm = algorithm
    let descriptor = try PrimitiveDescriptor("the pooling \(y.name)") {
      dnnl_pooling_forward_primitive_desc_create(
        &$0, oneDNN.engine, dnnl_forward_training, algorithm, xLayout.handle, yLayout.handle, lists.strides,
        lists.kernel, lists.dilations, lists.before, lists.after, $1)
    }
    hint = descriptor
    var arguments: [(Int32, MemoryDescriptor, ArgumentSource)] = [
      (DNNL_ARG_SRC, xLayout, .buffer(x.buffer)), (DNNL_ARG_DST, yLayout, .buffer(y.buffer)),
    ]
    if algorithm == dnnl_pooling_max {
      let layout = try descriptor.layout(dnnl_query_workspace_md)
      let buffer = schedule.makeBuffer(layout.count + 1)
      workspace = (layout, buffer)
      arguments.append((DNNL_ARG_WORKSPACE, layout, .buffer(buffer)))
    }
    schedule.step(try Primitive(oneDNN, descriptor, arguments), [x.buffer, y.buffer, workspace?.1])
  }

  func backward(_ schedule: Schedule) throws(TrainingError) {
    guard let hint, let dy = y.takeWholeGradient(schedule), x.needsGradient else { return }
    let oneDNN = schedule.oneDNN
    let (xLayout, yLayout) = try layouts(oneDNN)
    let lists = Lists(window)
    let algorithm = algorithm
    let descriptor = try PrimitiveDescriptor("the gradient of the pooling \(y.name)") {
      dnnl_pooling_backward_primitive_desc_create(
        &$0, oneDNN.engine, algorithm, xLayout.handle, yLayout.handle, lists.strides, lists.kernel, lists.dilations,
        lists.before, lists.after, hint.handle, $1)
    }
    let dx = schedule.makeBuffer(x.buffer.count)
    var arguments: [(Int32, MemoryDescriptor, ArgumentSource)] = [
      (DNNL_ARG_DIFF_SRC, xLayout, .buffer(dx)), (DNNL_ARG_DIFF_DST, yLayout, .buffer(dy)),
    ]
    if let (layout, buffer) = workspace { arguments.append((DNNL_ARG_WORKSPACE, layout, .buffer(buffer))) }
    schedule.step(try Primitive(oneDNN, descriptor, arguments), [dx, dy, workspace?.1])
    x.give(dx)
  }
}
