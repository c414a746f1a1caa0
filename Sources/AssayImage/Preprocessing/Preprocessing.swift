/// How an image of any shape becomes the network's rectangle.
public enum FramingPolicy: String, Codable, Sendable, CaseIterable {
  /// Both sides are scaled to fit; the aspect changes.
  case stretch
  /// The whole image is scaled to fit inside, its aspect kept, and padded on two sides.
  case letterbox
  /// The shortest side is scaled to fit, the aspect kept, and the centre is seen.
  case centreCrop = "centre-crop"
}

/// The way from a decoded image to the network's input, as it is stored with a trained model.
public struct Preprocessing: Codable, Hashable, Sendable {
  /// The network's input, in pixels.
  public var width: Int
  public var height: Int
  public var policy: FramingPolicy
  public var filter: ResamplingFilter
  /// What a letterbox is filled with, 0...1.
  public var padding: Float
  /// Of pictures of more than 8 bits; nil for 65535, as it was before levels were known.
  public var whiteLevel: WhiteLevel?

  public init(
    width: Int, height: Int, policy: FramingPolicy = .stretch, filter: ResamplingFilter = .bilinear,
    padding: Float = 0.5, whiteLevel: WhiteLevel? = nil
  ) {
    self.width = width
    self.height = height
    self.policy = policy
    self.filter = filter
    self.padding = padding
    self.whiteLevel = whiteLevel
  }

  /// The number of values in an input, `3 * height * width`.
  public var count: Int { 3 * width * height }

  /// Decoding options that let a JPEG much larger than the input be decoded at a reduced size.
  public func decodingOptions(maximumPixels: Int = DecodingOptions().maximumPixels) -> DecodingOptions {
    DecodingOptions(maximumPixels: maximumPixels, reduceTo: (width, height))
  }

  /// Where an image of `sourceWidth` x `sourceHeight` pixels is put.
  ///
  /// Traps when a size is below 1.
  public func plan(sourceWidth: Int, sourceHeight: Int) -> Placement {
    precondition(width > 0 && height > 0, "the network's input is \(width) x \(height)")
    precondition(sourceWidth > 0 && sourceHeight > 0, "the image is \(sourceWidth) x \(sourceHeight)")
    let (w, h) = (Double(sourceWidth), Double(sourceHeight))
    let whole = PixelRectangle(x: 0, y: 0, width: w, height: h)
    func placed(_ crop: PixelRectangle, _ x: Int, _ y: Int, _ width: Int, _ height: Int) -> Placement {
      Placement(
        sourceWidth: sourceWidth, sourceHeight: sourceHeight, crop: crop, x: x, y: y, width: width, height: height)
    }
    switch policy {
    case .stretch:
      return placed(whole, 0, 0, width, height)
    case .letterbox:
      let scale = min(Double(width) / w, Double(height) / h)
      let fitted = (
        width: min(width, max(1, Int((w * scale).rounded()))),
        height: min(height, max(1, Int((h * scale).rounded())))
      )
      return placed(
        whole, (width - fitted.width) / 2, (height - fitted.height) / 2, fitted.width, fitted.height)
    case .centreCrop:
      let scale = max(Double(width) / w, Double(height) / h)
      let seen = (width: min(w, Double(width) / scale), height: min(h, Double(height) / scale))
      let crop = PixelRectangle(
        x: (w - seen.width) / 2, y: (h - seen.height) / 2, width: seen.width, height: seen.height)
      return placed(crop, 0, 0, width, height)
    }
  }

  /// Where an image is put, in pixels of its file, also when it was decoded at a reduced size.
  public func plan(for image: Image) -> Placement {
    plan(sourceWidth: image.fullWidth, sourceHeight: image.fullHeight)
  }

  /// Writes the network's input, planar RGB `[3, height, width]` of values 0...1; mono is repeated in all planes.
  ///
  /// `resampler` keeps weights and scratch memory between images: pass the same one for every image of a thread.
  /// Traps when `output` has fewer than `count` values.
  public func apply(
    to image: Image, into output: UnsafeMutableBufferPointer<Float>, using resampler: Resampler = Resampler()
  ) {
    precondition(output.count >= count, "the output has room for \(output.count) of \(count) values")
    let place = plan(sourceWidth: image.width, sourceHeight: image.height)
    if place.width < width || place.height < height { pad(output, around: place) }
    resampler.resample(
      image, crop: place.crop, width: place.width, height: place.height, filter: filter,
      white: white(of: image), into: output,
      window: PlaneWindow(
        rowStride: width, planeStride: width * height, start: place.y * width + place.x, planes: 3))
  }

  /// The network's input, planar RGB `[3, height, width]` of values 0...1.
  public func apply(to image: Image) -> [Float] {
    [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
      apply(to: image, into: buffer)
      initialized = count
    }
  }

  private func pad(_ output: UnsafeMutableBufferPointer<Float>, around place: Placement) {
    for row in 0..<3 * height {
      let y = row % height
      let line = UnsafeMutableBufferPointer(rebasing: output[row * width..<(row + 1) * width])
      if y < place.y || y >= place.y + place.height {
        line.update(repeating: padding)
      } else {
        line[..<place.x].update(repeating: padding)
        line[(place.x + place.width)...].update(repeating: padding)
      }
    }
  }
}
