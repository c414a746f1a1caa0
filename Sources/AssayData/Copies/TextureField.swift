import AssayImage

/// A picture's fine structure, everywhere equally strong: the band of wavelengths of about 6 to 20 working pixels, divided
/// by its own local strength.
///
/// What photographs of parts of one kind share, edges and shading, fills a small part of it; what only one photograph has,
/// the texture of that part and the noise of that exposure, fills the rest. Brightness and contrast leave it as it is, and
/// so does a JPEG of fair quality, which drops finer structure than this.
struct TextureField {
  /// Working pixels; every picture has about `area` of them.
  let width: Int
  let height: Int
  /// `[height, width]`, of unit variance where there is structure, and near zero where there is none.
  let values: [Float]

  static let area = 96 * 96
  /// Shortest and longest side: a very long picture is squeezed.
  static let sides = 24...288
  /// Structure weaker than this, in units of full scale, is rounding and not texture.
  private static let floor: Float = 0.0008

  /// Working memory, for one thread.
  struct Maker {
    private let resampler = Resampler()
    private var blur = BoxBlur()

    mutating func field(_ image: Image) -> TextureField {
      let (width, height) = TextureField.size(image.width, image.height)
      var fine = gray(image, width, height)
      var coarse = fine
      blur.run(&fine, width: width, height: height, radius: 1, passes: 2)
      blur.run(&coarse, width: width, height: height, radius: 3, passes: 2)
      for at in fine.indices { fine[at] -= coarse[at] }
      for at in fine.indices { coarse[at] = fine[at] * fine[at] }
      blur.run(&coarse, width: width, height: height, radius: 5, passes: 2)
      let least = TextureField.floor * TextureField.floor
      for at in fine.indices { fine[at] /= (max(0, coarse[at]) + least).squareRoot() }
      return TextureField(width: width, height: height, values: fine)
    }

    private func gray(_ image: Image, _ width: Int, _ height: Int) -> [Float] {
      let planes = resampler.resize(image, width: width, height: height, filter: .bilinear)
      guard image.channels == 3 else { return planes }
      let plane = width * height
      return (0..<plane).map { (planes[$0] + planes[plane + $0] + planes[2 * plane + $0]) / 3 }
    }
  }

  /// The same factor for both sides, so that a picture cut off at one side keeps its proportions.
  static func size(_ width: Int, _ height: Int) -> (width: Int, height: Int) {
    let factor = (Double(area) / (Double(width) * Double(height))).squareRoot()
    func side(_ pixels: Int) -> Int {
      min(max(Int((Double(pixels) * factor).rounded(.down)), sides.lowerBound), sides.upperBound)
    }
    return (side(width), side(height))
  }
}
