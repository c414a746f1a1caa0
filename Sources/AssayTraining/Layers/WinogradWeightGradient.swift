import CKernels

/// Gradient of the weights (and bias) of a 3 x 3 convolution by Winograd's algorithm, F(3 x 3, 4 x 4): the derivative of
/// the forward filtering, dW = G^T [sum over the tiles of (B^T d B) * (A dY A^T)] G.
///
/// Every sum is taken by one thread in the order of the tiles, so that results do not depend on the number of threads.
final class WinogradWeightGradient {
  private let shape: WinogradShape
  private let weights: Parameter
  private let bias: Parameter?
  private let oneDNN: OneDNN
  private let kernels: assay_winograd
  /// Tiles that are transformed before they are summed; when these are all, the sums of one pair of blocks of outputs
  /// after the other stay in the cache until they are complete.
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

  private func stride(blocks: Int, rows: Int) -> Int {
    WinogradShape.stride(blocks: blocks, rows: rows, block: block)
  }

  func add(_ schedule: Schedule, x: Buffer, dy: Buffer) {
    let frequencies = WinogradShape.frequencies
    let tiles = schedule.makeBuffer(
      frequencies * (stride(blocks: inputBlocks, rows: group) + stride(blocks: outputBlocks, rows: group)))
    let isWhole = group == shape.tiles
    let share = frequencies * stride(blocks: 2, rows: inputs)
    let sums = schedule.makeBuffer(
      isWhole ? oneDNN.team.threads * share : frequencies * stride(blocks: outputBlocks, rows: inputs))
    schedule.step([x, dy, tiles, sums]) {
      let (v, sums) = (tiles.pointer, sums.pointer)
      let z = v + frequencies * self.stride(blocks: self.inputBlocks, rows: self.group)
      if isWhole {
        self.transform(0..<self.shape.tiles, x: x.pointer, dy: dy.pointer, v: v, z: z)
        return self.finishPairs(v: v, z: z, sums, share: share)
      }
      for tiles in (0..<self.shape.tiles).parts(atMost: self.group) {
        self.transform(tiles, x: x.pointer, dy: dy.pointer, v: v, z: z)
        self.sum(tiles, v: v, z: z, into: sums)
      }
      self.finish(sums)
    }
    if let bias, bias.isTrained { schedule.step([dy]) { self.sumBias(dy.pointer, bias.gradient) } }
  }

  // MARK: Stages

  private func transform(
    _ tiles: Range<Int>, x: UnsafeMutablePointer<Float>, dy: UnsafeMutablePointer<Float>,
    v: UnsafeMutablePointer<Float>, z: UnsafeMutablePointer<Float>
  ) {
    let parts = tiles.parts(atMost: 64)
    let count = tiles.count
    oneDNN.team.divide((inputBlocks + outputBlocks) * parts.count) { range in
      var (source, target) = (shape.sourceTiling(), shape.targetTiling())
      for unit in range {
        let part = parts[unit % parts.count]
        let index = unit / parts.count
        let offset = part.lowerBound - tiles.lowerBound
        if index < inputBlocks {
          kernels.input(
            x + index * shape.source.height * shape.source.width * block, &source, part.lowerBound, part.count,
            v + (index * count + offset) * block, stride(blocks: inputBlocks, rows: count))
        } else {
          let index = index - inputBlocks
          kernels.gradient(
            dy + index * shape.target.height * shape.target.width * block, &target, part.lowerBound, part.count,
            z + (index * count + offset) * block, stride(blocks: outputBlocks, rows: count))
        }
      }
    }
  }

  private func correlate(
    _ frequency: Int, _ pair: Int, count: Int, v: UnsafeMutablePointer<Float>, z: UnsafeMutablePointer<Float>,
    to sum: UnsafeMutablePointer<Float>, adding: Bool
  ) {
    kernels.correlation(
      v + frequency * stride(blocks: inputBlocks, rows: count), count * block, Int32(inputBlocks),
      z + frequency * stride(blocks: outputBlocks, rows: count) + pair * 2 * count * block, count * block, count, sum,
      inputs * block, Int32(min(2, outputBlocks - pair * 2)), adding ? 1 : 0)
  }

  private func sum(
    _ tiles: Range<Int>, v: UnsafeMutablePointer<Float>, z: UnsafeMutablePointer<Float>,
    into sums: UnsafeMutablePointer<Float>
  ) {
    oneDNN.team.divide(WinogradShape.frequencies * pairs) { range in
      for unit in range {
        let (frequency, pair) = (unit / pairs, unit % pairs)
        correlate(
          frequency, pair, count: tiles.count, v: v, z: z,
          to: sums + frequency * stride(blocks: outputBlocks, rows: inputs) + pair * 2 * inputs * block,
          adding: tiles.lowerBound > 0)
      }
    }
  }

  private func place(_ sum: UnsafeMutablePointer<Float>, stride: Int, _ index: Int, rows: Range<Int>) {
    guard let gradient = weights.gradient.baseAddress else { return }
    kernels.weight_gradient(
      sum + rows.lowerBound * block, stride, rows.count, gradient + (index * block * inputs + rows.lowerBound) * 9,
      inputs * 9, 9)
  }

  private func finish(_ sums: UnsafeMutablePointer<Float>) {
    oneDNN.team.divide(outputBlocks * inputBlocks) { range in
      for unit in range {
        let (index, part) = (unit / inputBlocks, unit % inputBlocks)
        place(
          sums + index * inputs * block, stride: stride(blocks: outputBlocks, rows: inputs), index,
          rows: part * block..<(part + 1) * block)
      }
    }
  }

  private func finishPairs(
    v: UnsafeMutablePointer<Float>, z: UnsafeMutablePointer<Float>, _ sums: UnsafeMutablePointer<Float>, share: Int
  ) {
    let threads = oneDNN.team.threads
    oneDNN.team.run { thread in
      let own = sums + thread * share
      let stride = stride(blocks: 2, rows: inputs)
      for pair in pairs * thread / threads..<pairs * (thread + 1) / threads {
        for frequency in 0..<WinogradShape.frequencies {
          correlate(frequency, pair, count: shape.tiles, v: v, z: z, to: own + frequency * stride, adding: false)
        }
        for column in 0..<min(2, outputBlocks - pair * 2) {
          place(own + column * inputs * block, stride: stride, pair * 2 + column, rows: 0..<inputs)
        }
      }
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
