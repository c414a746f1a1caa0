import CKernels

/// Gradient of the weights (and bias) of a 3 x 3 convolution by Winograd's algorithm, F(3 x 3, 4 x 4): the derivative of
/// the forward filtering, dW = G^T [sum over the tiles of (B^T d B) * (A dY A^T)] G.
///
/// Each thread has outputs of its own, and takes groups of tiles through all stages: were the transformed tiles shared,
/// half of them would travel from one processor's cache to the other's, which takes longer than to transform the input
/// once for each thread. Every sum is taken in the order of the tiles, so that results do not depend on the number of
/// threads.
final class WinogradWeightGradient {
  private let shape: WinogradShape
  private let weights: Parameter
  private let bias: Parameter?
  private let oneDNN: OneDNN
  private let kernels: assay_winograd
  /// Tiles that are transformed before they are summed.
  private let group: Int

  init(
    _ shape: WinogradShape, group: Int, weights: Parameter, bias: Parameter?, _ oneDNN: OneDNN,
    _ kernels: assay_winograd
  ) {
    self.shape = shape
    self.weights = weights
    self.bias = bias
    self.oneDNN = oneDNN
    self.kernels = kernels
    self.group = group
  }

  private var block: Int { oneDNN.block }
  private var inputs: Int { shape.source.channels }
  private var inputBlocks: Int { inputs / block }
  private var outputBlocks: Int { shape.target.channels / block }
  private var pairs: Int { (outputBlocks + 1) / 2 }

  /// Parts of the input's channels, where there are fewer pairs of blocks of outputs than threads, or no even number.
  private var slices: Int {
    let threads = oneDNN.team.threads
    return (1...inputBlocks).first { pairs * $0 % threads == 0 } ?? min(inputBlocks, threads)
  }

  private func stride(blocks: Int, rows: Int) -> Int {
    WinogradShape.stride(blocks: blocks, rows: rows, block: block)
  }

  /// Floats of the sums of one unit of work: all inputs, though it may be a slice of them.
  private var sumCount: Int { WinogradShape.frequencies * stride(blocks: 2, rows: inputs) }

  func add(_ schedule: Schedule, x: Buffer, dy: Buffer) {
    let threads = oneDNN.team.threads
    let share =
      WinogradShape.frequencies * (stride(blocks: inputBlocks, rows: group) + stride(blocks: 2, rows: group))
    let scratch = schedule.makeBuffer(threads * share)
    // One group is summed and done with, so that its sums need not leave the cache.
    let isWhole = group == shape.tiles
    let sums = schedule.makeBuffer(sumCount * (isWhole ? threads : pairs * slices))
    schedule.step([x, dy, scratch, sums]) {
      self.oneDNN.team.run { thread in
        let own = self.pairs * self.slices * thread / threads..<self.pairs * self.slices * (thread + 1) / threads
        for slice in 0..<self.slices {
          // Units of a slice lie together, for they share its transformed input.
          let range = own.clamped(to: self.pairs * slice..<self.pairs * (slice + 1))
          if range.isEmpty { continue }
          let first = sums.pointer + self.sumCount * (isWhole ? thread : range.lowerBound)
          self.sum(
            slice, pairs: range.lowerBound - self.pairs * slice..<range.upperBound - self.pairs * slice, x: x.pointer,
            dy: dy.pointer, scratch.pointer + thread * share, first, step: isWhole ? 0 : self.sumCount)
        }
      }
    }
    if let bias, bias.isTrained { schedule.step([dy]) { self.sumBias(dy.pointer, bias.gradient) } }
  }

  // MARK: Stages

  /// The gradient of some pairs of blocks of outputs with respect to a slice of the inputs.
  private func sum(
    _ slice: Int, pairs: Range<Int>, x: UnsafeMutablePointer<Float>, dy: UnsafeMutablePointer<Float>,
    _ v: UnsafeMutablePointer<Float>, _ sums: UnsafeMutablePointer<Float>, step: Int
  ) {
    let own = inputBlocks * slice / slices..<inputBlocks * (slice + 1) / slices
    let z = v + WinogradShape.frequencies * stride(blocks: inputBlocks, rows: group)
    var (source, target) = (shape.sourceTiling(), shape.targetTiling())
    for tiles in (0..<shape.tiles).parts(atMost: group) {
      let count = tiles.count
      let (vStride, zStride) = (stride(blocks: own.count, rows: count), stride(blocks: 2, rows: count))
      for index in own {
        kernels.input(
          x + index * shape.source.height * shape.source.width * block, &source, tiles.lowerBound, count,
          v + (index - own.lowerBound) * count * block, vStride)
      }
      for pair in pairs {
        let columns = min(2, outputBlocks - pair * 2)
        for column in 0..<columns {
          kernels.gradient(
            dy + (pair * 2 + column) * shape.target.height * shape.target.width * block, &target, tiles.lowerBound,
            count, z + column * count * block, zStride)
        }
        let sum = sums + (pair - pairs.lowerBound) * step
        for frequency in 0..<WinogradShape.frequencies {
          kernels.correlation(
            v + frequency * vStride, count * block, Int32(own.count), z + frequency * zStride, count * block, count,
            sum + frequency * stride(blocks: 2, rows: inputs), own.count * block * block, Int32(columns),
            tiles.lowerBound > 0 ? 1 : 0)
        }
        if tiles.upperBound == shape.tiles { place(sum, pair, own, columns) }
      }
    }
  }

  private func place(_ sum: UnsafeMutablePointer<Float>, _ pair: Int, _ own: Range<Int>, _ columns: Int) {
    guard let gradient = weights.gradient.baseAddress else { return }
    let rows = own.count * block
    for column in 0..<columns {
      let output = (pair * 2 + column) * block
      kernels.weight_gradient(
        sum + column * rows * block, stride(blocks: 2, rows: inputs), rows,
        gradient + (output * inputs + own.lowerBound * block) * 9, inputs * 9, 9)
    }
  }

  private func sumBias(_ dy: UnsafeMutablePointer<Float>, _ gradient: UnsafeMutableBufferPointer<Float>) {
    let plane = shape.target.height * shape.target.width
    let kernels = oneDNN.kernels
    oneDNN.team.divide(outputBlocks) { range in
      withUnsafeTemporaryAllocation(of: Float.self, capacity: 3 * block) { own in
        guard let zeros = own.baseAddress else { return }
        let (sum, squares) = (zeros + block, zeros + 2 * block)
        zeros.update(repeating: 0, count: block)
        for index in range {
          for lane in 0..<block { gradient[index * block + lane] = 0 }
          for image in 0..<shape.images {
            kernels.sums(dy + (image * outputBlocks + index) * plane * block, plane, zeros, sum, squares)
            for lane in 0..<block { gradient[index * block + lane] += sum[lane] }
          }
        }
      }
    }
  }
}
