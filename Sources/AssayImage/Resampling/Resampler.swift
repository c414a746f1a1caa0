/// Applies a ``Preprocessing`` to images. Keeps weights and scratch memory from image to image, so use one per thread.
public struct Resampler {
  public let preprocessing: Preprocessing
  private var plan: Plan?
  /// Rows after the horizontal pass, `[C][rows][outputWidth]`.
  private var rows: [Float] = []
  private var line: [Float] = []

  private struct Plan {
    let sourceWidth: Int
    let sourceHeight: Int
    let placement: Placement
    let horizontal: AxisWeights
    let vertical: AxisWeights
  }

  public init(_ preprocessing: Preprocessing) {
    self.preprocessing = preprocessing
  }

  /// - Returns: planar RGB `[3, H, W]`, 0...1.
  public mutating func apply(to image: Image) -> [Float] {
    let count = 3 * preprocessing.width * preprocessing.height
    return [Float](unsafeUninitializedCapacity: count) { buffer, filled in
      apply(to: image, into: UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
      filled = count
    }
  }

  /// Writes planar RGB `[3, H, W]`, 0...1: the file's full range (255 or 65,535) is 1. Mono fills all three planes.
  /// - Precondition: `output.count == 3 * H * W`.
  public mutating func apply(to image: Image, into output: UnsafeMutableBufferPointer<Float>) {
    let (width, height) = (preprocessing.width, preprocessing.height)
    precondition(output.count == 3 * width * height, "output must hold [3, \(height), \(width)]")
    let plan = plan(for: image)
    let target = plan.placement.target
    if target.width < width || target.height < height { output.update(repeating: preprocessing.padding) }
    guard let out = output.baseAddress else { return }
    let firstRow = plan.vertical.starts[0]
    let rowCount = (plan.vertical.starts.last ?? 0) + plan.vertical.taps - firstRow
    let needed = rowCount * target.width * image.channels
    if rows.count < needed { rows = [Float](repeating: 0, count: needed) }
    horizontalPass(image, plan, firstRow: firstRow, rowCount: rowCount)
    let plane = width * height
    rows.withUnsafeBufferPointer { rows in
      for channel in 0..<image.channels {
        let from = UnsafeBufferPointer(rebasing: rows[(channel * rowCount * target.width)..<needed])
        for y in 0..<target.height {
          let start = out + channel * plane + (target.y + y) * width + target.x
          verticalPass(from, plan.vertical, y, firstRow: firstRow, width: target.width, into: start)
        }
      }
    }
    if image.channels == 1 {
      (out + plane).update(from: out, count: plane)
      (out + 2 * plane).update(from: out, count: plane)
    }
  }

  private mutating func plan(for image: Image) -> Plan {
    if let plan, plan.sourceWidth == image.width, plan.sourceHeight == image.height { return plan }
    let placement = preprocessing.placement(sourceWidth: image.width, sourceHeight: image.height)
    let source = placement.source
    let made = Plan(
      sourceWidth: image.width, sourceHeight: image.height, placement: placement,
      horizontal: AxisWeights(
        source: image.width, span: source.x..<source.x + source.width, output: placement.target.width,
        filter: preprocessing.filter),
      vertical: AxisWeights(
        source: image.height, span: source.y..<source.y + source.height, output: placement.target.height,
        filter: preprocessing.filter))
    plan = made
    return made
  }

  private mutating func horizontalPass(_ image: Image, _ plan: Plan, firstRow: Int, rowCount: Int) {
    if line.count < image.width * image.channels { line = [Float](repeating: 0, count: image.width * image.channels) }
    let weights = plan.horizontal
    rows.withUnsafeMutableBufferPointer { rows in
      line.withUnsafeMutableBufferPointer { line in
        guard let rowsBase = rows.baseAddress, let lineBase = line.baseAddress else { return }
        func pass(_ load: (Int) -> Void) {
          for y in 0..<rowCount {
            load(firstRow + y)
            for channel in 0..<image.channels {
              Self.filterRow(
                lineBase + channel * image.width, weights,
                into: rowsBase + (channel * rowCount + y) * weights.starts.count)
            }
          }
        }
        switch image.samples {
        case .uint8(let samples):
          samples.withUnsafeBufferPointer { samples in
            pass { Self.load(samples, row: $0, image.width, image.channels, scale: 1 / 255, into: lineBase) }
          }
        case .uint16(let samples):
          samples.withUnsafeBufferPointer { samples in
            pass { Self.load(samples, row: $0, image.width, image.channels, scale: 1 / 65_535, into: lineBase) }
          }
        }
      }
    }
  }

  /// One source row to planar floats `[C][width]`.
  @inline(__always)
  private static func load<Sample: FixedWidthInteger>(
    _ samples: UnsafeBufferPointer<Sample>, row: Int, _ width: Int, _ channels: Int, scale: Float,
    into out: UnsafeMutablePointer<Float>
  ) {
    guard let base = samples.baseAddress else { return }
    let source = base + row * width * channels
    if channels == 1 {
      for x in 0..<width { out[x] = Float(source[x]) * scale }
    } else {
      for x in 0..<width {
        out[x] = Float(source[3 * x]) * scale
        out[width + x] = Float(source[3 * x + 1]) * scale
        out[2 * width + x] = Float(source[3 * x + 2]) * scale
      }
    }
  }

  @inline(__always)
  private static func filterRow(
    _ source: UnsafePointer<Float>, _ weights: AxisWeights, into out: UnsafeMutablePointer<Float>
  ) {
    let taps = weights.taps
    weights.weights.withUnsafeBufferPointer { values in
      weights.starts.withUnsafeBufferPointer { starts in
        for x in 0..<starts.count {
          let from = source + starts[x]
          let row = x * taps
          var sum: Float = 0
          for tap in 0..<taps { sum += from[tap] * values[row + tap] }
          out[x] = sum
        }
      }
    }
  }

  @inline(__always)
  private func verticalPass(
    _ rows: UnsafeBufferPointer<Float>, _ weights: AxisWeights, _ y: Int, firstRow: Int, width: Int,
    into out: UnsafeMutablePointer<Float>
  ) {
    guard let base = rows.baseAddress else { return }
    let first = base + (weights.starts[y] - firstRow) * width
    // Columns in groups of eight: one SIMD register sums all taps before it is stored.
    var x = 0
    weights.weights.withUnsafeBufferPointer { values in
      let row = y * weights.taps
      while x + 8 <= width {
        var sum = SIMD8<Float>(repeating: 0)
        for tap in 0..<weights.taps {
          let pixels = UnsafeRawPointer(first + tap * width + x).loadUnaligned(as: SIMD8<Float>.self)
          sum += pixels * values[row + tap]
        }
        // A bicubic kernel overshoots; the network's input stays in 0...1, as an 8-bit image does.
        UnsafeMutableRawPointer(out + x).storeBytes(of: sum.clamped(lowerBound: .zero, upperBound: .one), as: SIMD8<Float>.self)
        x += 8
      }
      while x < width {
        var sum: Float = 0
        for tap in 0..<weights.taps { sum += first[tap * width + x] * values[row + tap] }
        out[x] = min(max(sum, 0), 1)
        x += 1
      }
    }
  }
}
