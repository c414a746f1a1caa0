import CKernels

/// Gradient of the weights and bias of a depthwise convolution, by a kernel of our own: oneDNN's is fast for 3 x 3 only.
///
/// The images are divided into a fixed number of parts, whose sums are added in order, so that the result does not
/// depend on the number of threads.
final class DepthwiseWeightGradient {
  private let geometry: ConvolutionGeometry
  private let x: Value
  private let weights: Parameter
  private let bias: Parameter?
  private let oneDNN: OneDNN
  private let parts: Int
  private let blocks: Int
  /// `[blocks, parts, kh kw + 2, block]`: the weights' sums, the bias's, and squares that nobody needs.
  private let sums: BlockVectors
  private let zeros: BlockVectors

  init(_ geometry: ConvolutionGeometry, x: Value, weights: Parameter, bias: Parameter?, _ oneDNN: OneDNN) {
    self.geometry = geometry
    self.x = x
    self.weights = weights
    self.bias = bias
    self.oneDNN = oneDNN
    parts = min(4, geometry.input[0])
    blocks = oneDNN.blocks(geometry.input[1])
    sums = .init(count: blocks * parts * (geometry.window.kernel.reduce(1, *) + 2) * oneDNN.block)
    zeros = .init(count: oneDNN.block)
  }

  func add(_ schedule: Schedule, _ dy: Buffer) {
    schedule.step([x.buffer, dy]) { self.run(dy.pointer) }
  }

  private func run(_ dy: UnsafeMutablePointer<Float>) {
    let (block, window) = (oneDNN.block, geometry.window)
    let (input, output) = (geometry.input, geometry.output)
    let images = input[0]
    let taps = window.kernel[0] * window.kernel[1]
    let size = (taps + 2) * block
    let x = x.buffer.pointer
    let kernels = oneDNN.kernels
    let hasBias = bias?.isTrained ?? false
    oneDNN.team.divide(blocks * parts) { range in
      for unit in range {
        let (index, part) = (unit / parts, unit % parts)
        let sum = sums.pointer + unit * size
        sum.update(repeating: 0, count: size)
        for image in images * part / parts..<images * (part + 1) / parts {
          let g = dy + (image * blocks + index) * output[2] * output[3] * block
          kernels.depthwise_weights(
            x + (image * blocks + index) * input[2] * input[3] * block, g, Int32(input[2]), Int32(input[3]),
            Int32(output[2]), Int32(output[3]), Int32(window.kernel[0]), Int32(window.kernel[1]),
            Int32(window.strides[0]), Int32(window.strides[1]), Int32(window.dilations[0]), Int32(window.dilations[1]),
            Int32(window.before[0]), Int32(window.before[1]), sum)
          guard hasBias else { continue }
          withUnsafeTemporaryAllocation(of: Float.self, capacity: 2 * block) { own in
            guard let base = own.baseAddress else { return }
            kernels.sums(g, output[2] * output[3], zeros.pointer, base, base + block)
            for lane in 0..<block { sum[taps * block + lane] += base[lane] }
          }
        }
      }
    }
    for channel in 0..<input[1] {
      let (index, lane) = (channel / block, channel % block)
      func total(_ tap: Int) -> Float {
        var sum: Float = 0
        for part in 0..<parts { sum += sums[(index * parts + part) * size + tap * block + lane] }
        return sum
      }
      if weights.isTrained { for tap in 0..<taps { weights.gradient[channel * taps + tap] = total(tap) } }
      if hasBias { bias?.gradient[channel] = total(taps) }
    }
  }
}
