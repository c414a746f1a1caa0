import AssayImage

/// A picture's fine structure at nearly its own resolution, for the exact check of a candidate.
struct FinePicture: Sendable {
  let width: Int
  let height: Int
  /// Structure of about 7 pixels, in gray levels 0...255: what the check compares.
  let fine: [Float]
  /// Structure of about 14 pixels: what it is aligned by first.
  let coarse: [Float]
  /// Fine pixels to a pixel of the file, for each axis.
  let factor: SIMD2<Float>
  /// Pixels of the file.
  let fileSize: SIMD2<Float>
  /// The deviation of ``fine`` that rounding causes.
  let error: Float

  /// Larger pictures are reduced by a whole number to about this many pixels, smaller ones enlarged.
  private static let areas = 96.0 * 96...256 * 256

  /// - Parameters:
  ///   - step: of the file's rounding, in gray levels.
  ///   - reduction: beyond that to the usual size, so that both pictures of a pair show the same detail.
  init(_ image: Image, step: Float, reduction: Double = 1, _ resampler: Resampler) {
    let pixels = Double(image.width) * Double(image.height)
    let enlargement = max(1, (Self.areas.lowerBound / pixels).squareRoot())
    // A whole number of pixels to one makes no patterns of its own out of the finest noise.
    let whole = max(1, ((pixels / Self.areas.upperBound).squareRoot() * 0.9).rounded())
    let scale = enlargement / whole * reduction
    width = max(1, Int(Double(image.width) * scale + 1e-6))
    height = max(1, Int(Double(image.height) * scale + 1e-6))
    let crop = PixelRectangle(
      x: 0, y: 0, width: min(Double(image.width), Double(width) / scale),
      height: min(Double(image.height), Double(height) / scale))
    factor = SIMD2(Float(Double(width) / crop.width), Float(Double(height) / crop.height))
    fileSize = SIMD2(Float(image.width), Float(image.height))
    let planes = resampler.resize(image, width: width, height: height, filter: .bilinear, crop: crop)
    let plane = width * height
    var values =
      image.channels == 3
      ? (0..<plane).map { (planes[$0] + planes[plane + $0] + planes[2 * plane + $0]) * 85 } : planes.map { $0 * 255 }
    var blur = BoxBlur()
    blur.run(&values, width: width, height: height, radius: 1, passes: 3)
    var fine = values
    blur.run(&values, width: width, height: height, radius: 2, passes: 2)
    for at in fine.indices { fine[at] -= values[at] }
    var coarse = values
    blur.run(&values, width: width, height: height, radius: 4, passes: 3)
    for at in coarse.indices { coarse[at] -= values[at] }
    self.fine = fine
    self.coarse = coarse
    // Both found by compressing noise and photographs: rounding to whole levels, and to multiples of the step.
    error = 0.08 + 0.028 * (step - 1) * min(1, Float(scale))
  }
}

/// Where a pixel of one picture is in another: `scale * x + offset`.
struct PixelMap: Sendable, Equatable {
  var scale: SIMD2<Float>
  var offset: SIMD2<Float>

  /// Pixels of the second picture to one of the first.
  var magnification: Float { (scale.x * scale.y).squareRoot() }

  var inverse: PixelMap { PixelMap(scale: .one / scale, offset: -offset / scale) }

  /// From fine pixels of `a` to those of `b`, for an alignment of working pixels.
  init(_ alignment: CopyAlignment, _ a: FinePicture, _ b: FinePicture) {
    func working(_ picture: FinePicture) -> SIMD2<Float> {
      let size = TextureField.size(Int(picture.fileSize.x), Int(picture.fileSize.y))
      return SIMD2(Float(size.width), Float(size.height)) / (picture.fileSize * picture.factor)
    }
    // Working pixels to a fine pixel.
    let (wa, wb) = (working(a), working(b))
    let half = SIMD2<Float>(repeating: 0.5)
    scale = alignment.scale * wa / wb
    offset = ((half * wa - half) * alignment.scale + alignment.offset + half) / wb - half
  }

  init(scale: SIMD2<Float>, offset: SIMD2<Float>) { (self.scale, self.offset) = (scale, offset) }
}
