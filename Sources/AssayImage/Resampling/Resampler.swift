/// Resizes images with antialiasing, as Pillow's `Image.resize` does, from 8- or 16-bit samples to planes of 0...1.
///
/// Keeps the weights of the last geometry and its scratch memory, so that a folder of images of one size costs only the
/// arithmetic. Not for use from two threads at once: make one per thread.
public final class Resampler {
  private var geometry: ResamplingGeometry?
  private var horizontal = AxisWeights(size: 1, from: 0, to: 1, outputs: 1, filter: .bilinear)
  private var vertical = AxisWeights(size: 1, from: 0, to: 1, outputs: 1, filter: .bilinear)
  private var scale: Float = 1 / 255
  private var scratch = ResamplingScratch()

  public init() {}

  /// What is kept for the next image, in bytes, beside the weights.
  package var keptBytes: Int { scratch.size }

  /// The image, or the part `crop` of it (in pixels, default: all), as planes `[C, height, width]` of values 0...1.
  ///
  /// `value / 255`, or of 16 bits `min(value, white) / white`; bicubic overshoot is clamped. Traps when a size is below 1 or
  /// `crop` is empty or not inside the image.
  public func resize(
    _ image: Image, width: Int, height: Int, filter: ResamplingFilter, crop: PixelRectangle? = nil,
    white: Float = 65_535
  ) -> [Float] {
    let crop = crop ?? PixelRectangle(x: 0, y: 0, width: Double(image.width), height: Double(image.height))
    let window = PlaneWindow(rowStride: width, planeStride: width * height, start: 0, planes: image.channels)
    return [Float](unsafeUninitializedCapacity: image.channels * width * height) { buffer, initialized in
      resample(
        image, crop: crop, width: width, height: height, filter: filter, white: white, into: buffer, window: window)
      initialized = image.channels * width * height
    }
  }

  /// Writes `width` x `height` samples per plane into a window of `output`.
  /// - Parameter white: the 16-bit sample that becomes 1; those above it count as white before they are mixed with others.
  func resample(
    _ image: Image, crop: PixelRectangle, width: Int, height: Int, filter: ResamplingFilter, white: Float,
    into output: UnsafeMutableBufferPointer<Float>, window: PlaneWindow
  ) {
    precondition(width > 0 && height > 0, "a resized image has at least one pixel, not \(width) x \(height)")
    precondition(
      crop.width > 0 && crop.height > 0 && crop.x >= 0 && crop.y >= 0
        && crop.x + crop.width <= Double(image.width) + 1e-6 && crop.y + crop.height <= Double(image.height) + 1e-6,
      "the crop \(crop) is not inside \(image.width) x \(image.height) pixels")
    let last =
      window.start + (window.planes - 1) * window.planeStride + (height - 1) * window.rowStride + width
    precondition(last <= output.count, "the output has room for \(output.count) of \(last) samples")
    precondition(window.planes == image.channels || image.channels == 1, "\(image.channels) channels do not fit")
    prepare(
      ResamplingGeometry(
        sourceWidth: image.width, sourceHeight: image.height, crop: crop, width: width, height: height,
        filter: filter),
      scale: 1 / (image.bitsPerSample == 16 ? white : 255))
    switch image.samples {
    case .uint8(let samples): run(samples, image, limit: .max, into: output, window: window, rounds: filter == .bicubic)
    case .uint16(let samples):
      let limit = max(1, UInt16(clamping: white.rounded(.up)))
      run(samples, image, limit: limit, into: output, window: window, rounds: false)
    }
  }

  private func prepare(_ wanted: ResamplingGeometry, scale: Float) {
    if wanted == geometry && scale == self.scale { return }
    let crop = wanted.crop
    horizontal = AxisWeights(
      size: wanted.sourceWidth, from: crop.x, to: crop.x + crop.width, outputs: wanted.width, filter: wanted.filter)
    // The last pass also brings the values to 0...1.
    vertical = AxisWeights(
      size: wanted.sourceHeight, from: crop.y, to: crop.y + crop.height, outputs: wanted.height,
      filter: wanted.filter, scale: scale)
    geometry = wanted
    self.scale = scale
  }

  private func run<Sample: SampleWord>(
    _ samples: [Sample], _ image: Image, limit: Sample, into output: UnsafeMutableBufferPointer<Float>,
    window: PlaneWindow,
    rounds: Bool
  ) {
    scratch.prepare(horizontal: horizontal, vertical: vertical, channels: image.channels)
    defer { scratch.giveBack() }
    samples.withUnsafeBufferPointer { source in
      scratch.withPointers { columns, ring in
        let pass = HorizontalPass(
          source: source, width: image.width, height: image.height, channels: image.channels, weights: horizontal,
          rounds: rounds, limit: limit)
        verticalPass(pass, columns: columns, ring: ring, into: output, window: window)
      }
    }
  }

  /// Rows of the horizontal pass live in a ring just long enough for the vertical filter: they stay in the cache, and a
  /// tall source takes no more memory than a small one.
  private func verticalPass<Sample: SampleWord>(
    _ pass: HorizontalPass<Sample>, columns: UnsafeMutablePointer<SIMD4<Float>>, ring: UnsafeMutablePointer<Float>,
    into output: UnsafeMutableBufferPointer<Float>, window: PlaneWindow
  ) {
    guard let target = output.baseAddress else { return }
    let ringRows = ResamplingScratch.ringRows(taps: vertical.taps)
    let rowLength = pass.rowLength
    let origin = vertical.used.lowerBound
    let width = horizontal.starts.count
    let taps = vertical.taps
    var made = origin
    withUnsafeTemporaryAllocation(of: UnsafePointer<Float>.self, capacity: taps) { rows in
      vertical.weights.withUnsafeBufferPointer { weights in
        for y in vertical.starts.indices {
          let start = vertical.starts[y]
          while made < start + taps {
            let four = ring + (made - origin) % ringRows * rowLength
            if vertical.box == 1 {
              pass.run(rows: made, columns: columns, into: four)
            } else {
              pass.run(
                boxes: made, of: vertical.box, columns: columns, four: ring + ringRows * rowLength, into: four)
            }
            made += 4
          }
          for k in 0..<taps { rows[k] = UnsafePointer(ring + (start + k - origin) % ringRows * rowLength) }
          let line = target + window.start + y * window.rowStride
          let rowWeights = UnsafeBufferPointer(rebasing: weights[(y * taps)..<(y * taps + taps)])
          for c in 0..<pass.channels {
            blend(rows, rowWeights, offset: c * pass.planeLength, count: width, into: line + c * window.planeStride)
          }
          if pass.channels == 1 {
            for plane in 1..<max(window.planes, 1) {
              (line + plane * window.planeStride).update(from: line, count: width)
            }
          }
        }
      }
    }
  }
}

/// The weighted sum of rows, clamped to 0...1.
private func blend(
  _ rows: UnsafeMutableBufferPointer<UnsafePointer<Float>>, _ weights: UnsafeBufferPointer<Float>, offset: Int,
  count: Int, into line: UnsafeMutablePointer<Float>
) {
  for x in stride(from: 0, to: count, by: 8) {
    var sum = SIMD8<Float>(repeating: 0)
    for k in 0..<weights.count {
      let values = UnsafeRawPointer(rows[k] + offset + x).loadUnaligned(as: SIMD8<Float>.self)
      sum += values * weights[k]
    }
    if x + 8 <= count {
      UnsafeMutableRawPointer(line + x).storeBytes(of: sum, as: SIMD8<Float>.self)
    } else {
      for i in 0..<(count - x) { line[x + i] = sum[i] }
    }
  }
  // One number at a time: the compiler makes vectors of this loop, and none of `pointwiseMin`.
  for x in 0..<count { line[x] = min(max(line[x], 0), 1) }
}
