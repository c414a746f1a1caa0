import COneDNN

/// Shapes of a convolution, and oneDNN's descriptions of its three passes.
struct ConvolutionGeometry {
  /// `[N, C, H, W]`
  let input: [Int]
  let output: [Int]
  let window: Operation.Window
  let groups: Int

  var isDepthwise: Bool { groups > 1 && groups == input[1] && groups == output[1] }

  /// `[O, C/g, kh, kw]`, with the groups in front when there are any.
  var weightShape: [Int] {
    let (o, c) = (output[1], input[1])
    return (groups > 1 ? [groups, o / groups, c / groups] : [o, c]) + window.kernel
  }

  private struct Lists {
    let strides, dilations, before, after: [Int64]
  }

  private var lists: Lists {
    Lists(
      strides: window.strides.map(Int64.init), dilations: window.dilations.map { Int64($0 - 1) },
      before: window.before.map(Int64.init), after: window.after.map(Int64.init))
  }

  private func anyWeights() throws(TrainingError) -> MemoryDescriptor { try .with(weightShape, dnnl_format_tag_any) }

  private func biasLayout(_ hasBias: Bool) throws(TrainingError) -> MemoryDescriptor? {
    hasBias ? try .plain([output[1]]) : nil
  }

  /// - Parameter activation: applied to the result: 0 none, 1 ReLU, 2 ReLU6.
  func forward(
    _ oneDNN: OneDNN, x: MemoryDescriptor, y: MemoryDescriptor, hasBias: Bool, activation: Int32
  ) throws(TrainingError) -> PrimitiveDescriptor {
    let (weights, bias, lists) = (try anyWeights(), try biasLayout(hasBias), lists)
    var operations: dnnl_post_ops_t?
    if activation != 0 {
      try OneDNN.check(dnnl_post_ops_create(&operations), "a convolution")
      try OneDNN.check(
        activation == 1
          ? dnnl_post_ops_append_eltwise(operations, dnnl_eltwise_relu, 0, 0)
          : dnnl_post_ops_append_eltwise(operations, dnnl_eltwise_clip_v2, 0, 6), "a convolution")
    }
    defer { dnnl_post_ops_destroy(operations) }
    return try PrimitiveDescriptor(
      "a convolution from \(input) to \(output)",
      {
        dnnl_convolution_forward_primitive_desc_create(
          &$0, oneDNN.engine, dnnl_forward_training, dnnl_convolution_direct, x.handle, weights.handle, bias?.handle,
          y.handle, lists.strides, lists.dilations, lists.before, lists.after, $1)
      }, postOp: operations)
  }

  func backwardData(
    _ oneDNN: OneDNN, x: MemoryDescriptor, y: MemoryDescriptor, hint: PrimitiveDescriptor
  ) throws(TrainingError) -> PrimitiveDescriptor {
    let (weights, lists) = (try anyWeights(), lists)
    return try PrimitiveDescriptor("the gradient of a convolution from \(input) to \(output)") {
      dnnl_convolution_backward_data_primitive_desc_create(
        &$0, oneDNN.engine, dnnl_convolution_direct, x.handle, weights.handle, y.handle, lists.strides,
        lists.dilations, lists.before, lists.after, hint.handle, $1)
    }
  }

  func backwardWeights(
    _ oneDNN: OneDNN, x: MemoryDescriptor, y: MemoryDescriptor, hasBias: Bool, hint: PrimitiveDescriptor
  ) throws(TrainingError) -> PrimitiveDescriptor {
    let (weights, bias, lists) = (try anyWeights(), try biasLayout(hasBias), lists)
    return try PrimitiveDescriptor("the gradient of the weights of a convolution from \(input) to \(output)") {
      dnnl_convolution_backward_weights_primitive_desc_create(
        &$0, oneDNN.engine, dnnl_convolution_direct, x.handle, weights.handle, bias?.handle, y.handle, lists.strides,
        lists.dilations, lists.before, lists.after, hint.handle, $1)
    }
  }

  /// Whether oneDNN has fast code for the blocked layout; grouped convolutions of odd widths may not.
  func isFastBlocked(_ oneDNN: OneDNN) -> Bool {
    // What oneDNN refuses to describe is not fast: another layout is taken.
    guard let x = try? MemoryDescriptor.blocked(input, block: oneDNN.block),
      let y = try? MemoryDescriptor.blocked(output, block: oneDNN.block),
      let forward = try? forward(oneDNN, x: x, y: y, hasBias: false, activation: 0)
    else { return false }
    func isFast(_ descriptor: PrimitiveDescriptor?) -> Bool {
      descriptor.map { !$0.implementation.hasPrefix("ref") } ?? false
    }
    guard isFast(forward) else { return false }
    if isDepthwise { return true }
    return isFast(try? backwardData(oneDNN, x: x, y: y, hint: forward))
      && isFast(try? backwardWeights(oneDNN, x: x, y: y, hasBias: false, hint: forward))
  }
}
