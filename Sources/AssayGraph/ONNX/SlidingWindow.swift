/// The window that a convolution or a pooling moves over its input, in positions.
package struct SlidingWindow: Sendable, Hashable {
  package enum Padding: Sendable, Hashable {
    /// As much before as behind.
    case symmetric(height: Int, width: Int)
    /// "Same" as TensorFlow defines it: extent / stride outputs, rounded up; the odd position goes to the lower right.
    case same
  }

  package let height: Int
  package let width: Int
  package let stride: Int
  package let padding: Padding

  package init(height: Int, width: Int, stride: Int, padding: Padding) {
    self.height = height
    self.width = width
    self.stride = stride
    self.padding = padding
  }

  package static func square(_ side: Int, stride: Int = 1, padding: Int = 0) -> SlidingWindow {
    SlidingWindow(height: side, width: side, stride: stride, padding: .symmetric(height: padding, width: padding))
  }

  /// Of odd extents, padded so that the output is as large as the input.
  package static func centred(height: Int, width: Int) -> SlidingWindow {
    SlidingWindow(
      height: height, width: width, stride: 1, padding: .symmetric(height: (height - 1) / 2, width: (width - 1) / 2))
  }

  /// Along one axis: padding before and behind, and the number of outputs.
  private func span(_ extent: Int, kernel: Int, symmetric: Int?) -> (before: Int, behind: Int, outputs: Int) {
    if let symmetric { return (symmetric, symmetric, (extent + 2 * symmetric - kernel) / stride + 1) }
    let outputs = (extent + stride - 1) / stride
    let total = max(0, (outputs - 1) * stride + kernel - extent)
    return (total / 2, total - total / 2, outputs)
  }

  /// Extents of the output and ONNX's attributes, for an input `[C, H, W]`.
  package func geometry(_ x: GraphValue, name: String) -> (height: Int, width: Int, attributes: [Assay_Onnx_Attribute])
  {
    var pads: (height: Int, width: Int)?
    if case .symmetric(let height, let width) = padding { pads = (height, width) }
    let rows = span(x.height, kernel: height, symmetric: pads?.height)
    let columns = span(x.width, kernel: width, symmetric: pads?.width)
    precondition(rows.outputs > 0 && columns.outputs > 0, "\(name): an input of \(x.shape) is too small for its window")
    return (
      rows.outputs, columns.outputs,
      [
        .ints("kernel_shape", [height, width]), .ints("strides", [stride, stride]),
        .ints("pads", [rows.before, columns.before, rows.behind, columns.behind]),
      ]
    )
  }
}
