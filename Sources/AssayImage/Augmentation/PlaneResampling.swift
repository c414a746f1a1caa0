/// Takes an output's pixels from a source through an affine map: copied where the map only exchanges pixels, else bilinear.
///
/// Beyond its border the source is mirrored (`c b a | a b c`): a black corner would tell the network that this image was
/// rotated. This is `grid_sample` with reflection padding and `align_corners=False` in PyTorch.
struct PlaneResampling {
  let map: AffineMap
  let sourceWidth: Int
  let sourceHeight: Int

  private var sourcePlane: Int { sourceWidth * sourceHeight }

  func run(_ source: UnsafePointer<Float>, into output: PlaneBuffer) {
    let exchange = map.permutation(
      width: output.width, height: output.height, sourceWidth: sourceWidth, sourceHeight: sourceHeight)
    if let exchange {
      for plane in 0..<output.planes {
        permute(source + plane * sourcePlane + exchange.start, exchange.stepX, exchange.stepY, output, plane)
      }
    } else {
      for y in 0..<output.height { interpolate(source, row: y, into: output) }
    }
  }

  private func permute(
    _ first: UnsafePointer<Float>, _ stepX: Int, _ stepY: Int, _ output: PlaneBuffer, _ plane: Int
  ) {
    for y in 0..<output.height {
      let line = output.plane(plane) + y * output.width
      let source = first + y * stepY
      if stepX == 1 {
        line.update(from: source, count: output.width)
      } else {
        for x in 0..<output.width { line[x] = source[x * stepX] }
      }
    }
  }

  private func interpolate(_ source: UnsafePointer<Float>, row y: Int, into output: PlaneBuffer) {
    let across = PlaceSteps(start: map.b * Double(y) + map.c, step: map.a)
    let down = PlaceSteps(start: map.e * Double(y) + map.f, step: map.d)
    let line = output.values + y * output.width
    let inside = across.inside(limit: sourceWidth - 1, count: output.width)
      .clamped(to: down.inside(limit: sourceHeight - 1, count: output.width))
    interpolateMirrored(source, across, down, 0..<inside.lowerBound, line, output)
    interpolateInside(source, across, down, inside, line, output)
    interpolateMirrored(source, across, down, inside.upperBound..<output.width, line, output)
  }

  /// All four neighbours of every pixel of `range` exist.
  private func interpolateInside(
    _ source: UnsafePointer<Float>, _ across: PlaceSteps, _ down: PlaceSteps, _ range: Range<Int>,
    _ line: UnsafeMutablePointer<Float>, _ output: PlaneBuffer
  ) {
    let width = sourceWidth
    let sourcePlane = sourcePlane
    let outputPlane = output.planeCount
    var x = across.place(range.lowerBound)
    var y = down.place(range.lowerBound)
    for at in range {
      let right = PlaceSteps.fraction(x)
      let below = PlaceSteps.fraction(y)
      var corner = source + ((y >> 32) * width + (x >> 32))
      var target = line + at
      for _ in 0..<output.planes {
        let above = corner[0] + right * (corner[1] - corner[0])
        let under = corner[width] + right * (corner[width + 1] - corner[width])
        target.pointee = above + below * (under - above)
        corner += sourcePlane
        target += outputPlane
      }
      x &+= across.step
      y &+= down.step
    }
  }

  /// Pixels near or beyond the border.
  private func interpolateMirrored(
    _ source: UnsafePointer<Float>, _ across: PlaceSteps, _ down: PlaceSteps, _ range: Range<Int>,
    _ line: UnsafeMutablePointer<Float>, _ output: PlaneBuffer
  ) {
    for at in range {
      let x = PlaceSteps.mirrored(across.place(at), count: sourceWidth)
      let y = PlaceSteps.mirrored(down.place(at), count: sourceHeight)
      let (right, below) = (PlaceSteps.fraction(x), PlaceSteps.fraction(y))
      let (left, top) = (x >> 32, y >> 32)
      let next = min(left + 1, sourceWidth - 1)
      let first = source + top * sourceWidth
      let second = source + min(top + 1, sourceHeight - 1) * sourceWidth
      for plane in 0..<output.planes {
        let (a, b) = (first + plane * sourcePlane, second + plane * sourcePlane)
        let above = a[left] + right * (a[next] - a[left])
        let under = b[left] + right * (b[next] - b[left])
        line[at + plane * output.planeCount] = above + below * (under - above)
      }
    }
  }
}

/// A coordinate along an output's row, with 32 fractional bits: steps add up without error, and which part of the row
/// lies inside the source is known exactly, so that the inner loop needs no check.
private struct PlaceSteps {
  let start: Int
  let step: Int

  static let one = 1 << 32

  init(start: Double, step: Double) {
    self.start = Int((start * 0x1p32).rounded())
    self.step = Int((step * 0x1p32).rounded())
  }

  func place(_ index: Int) -> Int { start + index * step }

  /// The fractional part, 0..<1, to 24 bits, as many as a Float has.
  static func fraction(_ place: Int) -> Float { Float(Int32(truncatingIfNeeded: (place >> 8) & 0xFF_FFFF)) * 0x1p-24 }

  /// The places of 0..<count that lie in `0..<limit`, in pixels.
  func inside(limit: Int, count: Int) -> Range<Int> {
    let end = limit * PlaceSteps.one
    func clamped(_ first: Int, _ last: Int) -> Range<Int> {
      let first = min(max(first, 0), count)
      return first..<min(max(last, first), count)
    }
    if step == 0 { return (0..<end).contains(start) ? 0..<count : 0..<0 }
    if step > 0 { return clamped(quotient(step - 1 - start, step), quotient(end - start + step - 1, step)) }
    // Downwards, start - size * index: below the end after (start - end) / size, and above 0 until start / size.
    let size = -step
    return clamped(quotient(start - end, size) + 1, quotient(start, size) + 1)
  }

  /// Rounded down.
  private func quotient(_ dividend: Int, _ divisor: Int) -> Int {
    dividend >= 0 ? dividend / divisor : -((-dividend + divisor - 1) / divisor)
  }

  /// The place in 0...count - 1 that a mirror at the border's edges (half a pixel beyond the last centres) shows.
  static func mirrored(_ place: Int, count: Int) -> Int {
    let period = 2 * count * one
    let fromEdge = ((place + one / 2) % period + period) % period
    return min(max(min(fromEdge, period - fromEdge) - one / 2, 0), (count - 1) * one)
  }
}
