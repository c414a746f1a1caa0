import AssayImage

/// What is kept of a picture to find its copies: places that can be found again, and its texture.
struct Fingerprint: Sendable, Equatable {
  /// A place where the texture is strongest, and what is around it.
  struct Keypoint: Sendable, Equatable {
    /// In working pixels.
    var x: Float
    var y: Float
    /// Which of two neighbouring places is brighter, for 64 pairs (BRIEF; Calonder et al. 2010).
    var descriptor: UInt64
  }

  /// At most ``capacity``, the strongest first.
  var keypoints: [Keypoint]
  var texture: Texture

  static let capacity = 40

  /// The texture field at every other working pixel, in steps of 1/32.
  struct Texture: Sendable, Equatable {
    var width: Int
    var height: Int
    /// `[height, width]`.
    var values: [Int8]

    static let capacity = TextureField.area / 4
    static let step = 2
  }

  /// Working memory, for one thread.
  struct Maker {
    private var fields = TextureField.Maker()

    mutating func fingerprint(_ image: Image) -> Fingerprint {
      let field = fields.field(image)
      return Fingerprint(keypoints: KeypointSearch(field).found(), texture: Texture(field))
    }
  }
}

extension Fingerprint.Texture {
  init(_ field: TextureField) {
    width = field.width / Self.step
    height = field.height / Self.step
    values = []
    values.reserveCapacity(width * height)
    for y in 0..<height {
      for x in 0..<width {
        let at = y * Self.step * field.width + x * Self.step
        values.append(Int8(max(-127, min(127, (field.values[at] * 32).rounded()))))
      }
    }
  }
}
