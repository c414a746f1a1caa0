/// The fingerprints of a data set in a few flat arrays: less than 3 KiB a picture.
struct FingerprintStore: Sendable {
  struct Place: Sendable {
    /// In 1/16 of a working pixel.
    var x: Int16
    var y: Int16

    var point: SIMD2<Float> { SIMD2(Float(x), Float(y)) / 16 }

    init(_ keypoint: Fingerprint.Keypoint) {
      (x, y) = (Int16((keypoint.x * 16).rounded()), Int16((keypoint.y * 16).rounded()))
    }

    init() { (x, y) = (0, 0) }
  }

  /// Pictures, with and without a fingerprint.
  let count: Int
  private(set) var descriptors: [UInt64]
  private(set) var places: [Place]
  /// Keypoints of each picture.
  private(set) var keypoints: [UInt8]
  private(set) var textures: [Int8]
  private(set) var sizes: [(width: UInt8, height: UInt8)]

  init(count: Int) {
    self.count = count
    descriptors = [UInt64](repeating: 0, count: count * Fingerprint.capacity)
    places = [Place](repeating: Place(), count: count * Fingerprint.capacity)
    keypoints = [UInt8](repeating: 0, count: count)
    textures = [Int8](repeating: 0, count: count * Fingerprint.Texture.capacity)
    sizes = [(UInt8, UInt8)](repeating: (0, 0), count: count)
  }

  mutating func set(_ fingerprint: Fingerprint, at index: Int) {
    let first = index * Fingerprint.capacity
    for (offset, keypoint) in fingerprint.keypoints.enumerated() {
      descriptors[first + offset] = keypoint.descriptor
      places[first + offset] = Place(keypoint)
    }
    keypoints[index] = UInt8(fingerprint.keypoints.count)
    let texture = fingerprint.texture
    sizes[index] = (UInt8(texture.width), UInt8(texture.height))
    let start = index * Fingerprint.Texture.capacity
    for (offset, value) in texture.values.enumerated() { textures[start + offset] = value }
  }

  /// Takes a picture out, so that nothing resembles it.
  mutating func remove(_ index: Int) { keypoints[index] = 0 }

  /// Rows of ``descriptors`` and ``places``.
  func range(_ index: Int) -> Range<Int> {
    let first = index * Fingerprint.capacity
    return first..<first + Int(keypoints[index])
  }
}
