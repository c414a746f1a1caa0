import CKernels

/// Filters a blocked image by Winograd's algorithm: the forward pass of a 3 x 3 convolution, or, with the weights
/// rotated by 180 degrees and transposed, the gradient of its input.
///
/// Every output is computed by one thread and in one order, so that results do not depend on the number of threads.
final class WinogradFilter {
  private let shape: WinogradShape
  private let order: WinogradRule.Order
  private let oneDNN: OneDNN
  private let kernels: assay_winograd
  private let weights: Parameter
  private let isReversed: Bool
  private let bias: Parameter?
  private let activation: Int32

  /// - Parameters:
  ///   - isReversed: whether `shape` leads from the output's gradient to the input's.
  ///   - activation: applied to the result: 0 none, 1 ReLU, 2 ReLU6.
  init(
    _ shape: WinogradShape, _ order: WinogradRule.Order, weights: Parameter, isReversed: Bool, bias: Parameter? = nil,
    activation: Int32 = 0, _ oneDNN: OneDNN, _ kernels: assay_winograd
  ) {
    self.shape = shape
    self.order = order
    self.weights = weights
    self.isReversed = isReversed
    self.bias = bias
    self.activation = activation
    self.oneDNN = oneDNN
    self.kernels = kernels
  }

  private var block: Int { oneDNN.block }
  private var sourceBlocks: Int { shape.source.channels / block }
  private var targetBlocks: Int { shape.target.channels / block }
  private var pairs: Int { (targetBlocks + 1) / 2 }

  private func stride(blocks: Int, rows: Int) -> Int {
    WinogradShape.stride(blocks: blocks, rows: rows, block: block)
  }

  func add(_ schedule: Schedule, from source: Buffer, to target: Buffer) {
    let threads = oneDNN.team.threads
    let frequencies = WinogradShape.frequencies
    switch order {
    case .tileByTile(let group):
      let whole = schedule.makeBuffer(frequencies * stride(blocks: targetBlocks, rows: shape.source.channels))
      let share = frequencies * (stride(blocks: sourceBlocks, rows: group) + stride(blocks: 2, rows: group))
      let scratch = schedule.makeBuffer(threads * share)
      schedule.step([whole]) { self.transformWeights(whole.pointer) }
      schedule.step([source, target, whole, scratch]) {
        self.filterTiles(source.pointer, whole.pointer, target.pointer, scratch.pointer, share: share, group)
      }
    case .channelByChannel:
      let whole = schedule.makeBuffer(frequencies * stride(blocks: sourceBlocks, rows: shape.tiles))
      let share = frequencies * (stride(blocks: 2, rows: shape.source.channels) + stride(blocks: 2, rows: shape.tiles))
      let scratch = schedule.makeBuffer(threads * share)
      schedule.step([source, whole]) { self.transformSource(source.pointer, whole.pointer) }
      schedule.step([target, whole, scratch]) {
        self.filterChannels(whole.pointer, target.pointer, scratch.pointer, share: share)
      }
    }
  }

  // MARK: Stages

  /// Some rows of the weights for one block of the target.
  private func transform(_ index: Int, rows: Range<Int>, to u: UnsafeMutablePointer<Float>, stride: Int) {
    guard let values = weights.values.baseAddress else { return }
    let (lane, row) = isReversed ? (9, shape.target.channels * 9) : (shape.source.channels * 9, 9)
    kernels.weights(
      values + index * block * lane + rows.lowerBound * row, lane, row, isReversed ? 1 : 0, rows.count,
      u + rows.lowerBound * block, stride)
  }

  private func transformWeights(_ u: UnsafeMutablePointer<Float>) {
    let rows = shape.source.channels
    let stride = stride(blocks: targetBlocks, rows: rows)
    oneDNN.team.divide(targetBlocks * sourceBlocks) { range in
      for unit in range {
        let (index, part) = (unit / sourceBlocks, unit % sourceBlocks)
        transform(index, rows: part * block..<(part + 1) * block, to: u + index * rows * block, stride: stride)
      }
    }
  }

  /// Some tiles of one block of the source.
  private func transform(
    _ x: UnsafeMutablePointer<Float>, _ index: Int, tiles: Range<Int>, to v: UnsafeMutablePointer<Float>, stride: Int
  ) {
    var tiling = shape.sourceTiling()
    kernels.input(
      x + index * shape.source.height * shape.source.width * block, &tiling, tiles.lowerBound, tiles.count, v, stride)
  }

  private func transformSource(_ x: UnsafeMutablePointer<Float>, _ v: UnsafeMutablePointer<Float>) {
    let stride = stride(blocks: sourceBlocks, rows: shape.tiles)
    oneDNN.team.divide(sourceBlocks * shape.images) { range in
      for unit in range {
        let (index, image) = (unit / shape.images, unit % shape.images)
        let first = image * shape.rows * shape.columns
        transform(
          x, index, tiles: first..<first + shape.rows * shape.columns, to: v + (index * shape.tiles + first) * block,
          stride: stride)
      }
    }
  }

  /// The products of some tiles with one pair of blocks of weights, transformed into the target.
  private func filter(
    pair: Int, tiles: Range<Int>, v: UnsafeMutablePointer<Float>, vStride: Int,
    u: UnsafeMutablePointer<Float>, uStride: Int, products m: UnsafeMutablePointer<Float>,
    to y: UnsafeMutablePointer<Float>
  ) {
    let columns = min(2, targetBlocks - pair * 2)
    let mStride = stride(blocks: 2, rows: tiles.count)
    for frequency in 0..<WinogradShape.frequencies {
      kernels.product(
        v + frequency * vStride, tiles.count * block, tiles.count, Int32(sourceBlocks), u + frequency * uStride,
        shape.source.channels * block, m + frequency * mStride, tiles.count * block, Int32(columns))
    }
    var tiling = shape.targetTiling()
    for column in 0..<columns {
      let index = pair * 2 + column
      kernels.output(
        m + column * tiles.count * block, mStride, &tiling, tiles.lowerBound, tiles.count,
        bias?.values.baseAddress.map { $0 + index * block }, activation,
        y + index * shape.target.height * shape.target.width * block)
    }
  }

  private func filterTiles(
    _ x: UnsafeMutablePointer<Float>, _ u: UnsafeMutablePointer<Float>, _ y: UnsafeMutablePointer<Float>,
    _ scratch: UnsafeMutablePointer<Float>, share: Int, _ group: Int
  ) {
    let threads = oneDNN.team.threads
    oneDNN.team.run { thread in
      let v = scratch + thread * share
      let m = v + WinogradShape.frequencies * stride(blocks: sourceBlocks, rows: group)
      let own = shape.tiles * thread / threads..<shape.tiles * (thread + 1) / threads
      for tiles in own.parts(atMost: group) {
        let vStride = stride(blocks: sourceBlocks, rows: tiles.count)
        for index in 0..<sourceBlocks {
          transform(x, index, tiles: tiles, to: v + index * tiles.count * block, stride: vStride)
        }
        for pair in 0..<pairs {
          filter(
            pair: pair, tiles: tiles, v: v, vStride: vStride,
            u: u + pair * 2 * shape.source.channels * block,
            uStride: stride(blocks: targetBlocks, rows: shape.source.channels), products: m, to: y)
        }
      }
    }
  }

  private func filterChannels(
    _ v: UnsafeMutablePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ scratch: UnsafeMutablePointer<Float>,
    share: Int
  ) {
    let threads = oneDNN.team.threads
    let rows = shape.source.channels
    oneDNN.team.run { thread in
      let u = scratch + thread * share
      let uStride = stride(blocks: 2, rows: rows)
      let m = u + WinogradShape.frequencies * uStride
      for pair in pairs * thread / threads..<pairs * (thread + 1) / threads {
        for column in 0..<min(2, targetBlocks - pair * 2) {
          transform(pair * 2 + column, rows: 0..<rows, to: u + column * rows * block, stride: uStride)
        }
        filter(
          pair: pair, tiles: 0..<shape.tiles, v: v, vStride: stride(blocks: sourceBlocks, rows: shape.tiles), u: u,
          uStride: uStride, products: m, to: y)
      }
    }
  }
}
