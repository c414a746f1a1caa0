extension ImageMix {
  /// Writes the mixed images of `batch`, `[N, 3, height, width]`, to `output` of the same shape and other memory.
  ///
  /// Traps when the number of values is not that of `mixes` images of `3 * height * width`.
  public static func apply(
    _ mixes: [ImageMix], to batch: UnsafeBufferPointer<Float>, width: Int, height: Int,
    into output: UnsafeMutableBufferPointer<Float>
  ) {
    let imageCount = 3 * width * height
    precondition(
      batch.count == mixes.count * imageCount && output.count == batch.count,
      "\(mixes.count) x 3 x \(height) x \(width) values expected, \(batch.count) and \(output.count) given")
    guard let source = batch.baseAddress, let target = output.baseAddress else { return }
    for (index, mix) in mixes.enumerated() {
      let own = source + index * imageCount
      let other = source + mix.partner * imageCount
      let mixed = target + index * imageCount
      if let block = mix.block {
        mixed.update(from: own, count: imageCount)
        paste(block, from: other, into: mixed, width: width, height: height)
      } else {
        blend(own, other, share: mix.lambda, count: imageCount, into: mixed)
      }
    }
  }

  private static func blend(
    _ own: UnsafePointer<Float>, _ other: UnsafePointer<Float>, share: Float, count: Int,
    into mixed: UnsafeMutablePointer<Float>
  ) {
    for i in 0..<count { mixed[i] = share * own[i] + (1 - share) * other[i] }
  }

  private static func paste(
    _ block: PixelBlock, from other: UnsafePointer<Float>, into mixed: UnsafeMutablePointer<Float>, width: Int,
    height: Int
  ) {
    for plane in 0..<3 {
      for y in block.y..<(block.y + block.height) {
        let start = (plane * height + y) * width + block.x
        (mixed + start).update(from: other + start, count: block.width)
      }
    }
  }
}
