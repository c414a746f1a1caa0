/// For ``CopyCache``: keypoints, then the texture, in the store's precision.
extension Fingerprint {
  static let byteCount = 4 + capacity * 12 + Texture.capacity

  var bytes: [UInt8] {
    var result = [UInt8(keypoints.count), UInt8(texture.width), UInt8(texture.height), Self.version]
    result.reserveCapacity(Self.byteCount)
    for keypoint in keypoints {
      let place = FingerprintStore.Place(keypoint)
      withUnsafeBytes(of: keypoint.descriptor.littleEndian) { result += $0 }
      withUnsafeBytes(of: place.x.littleEndian) { result += $0 }
      withUnsafeBytes(of: place.y.littleEndian) { result += $0 }
    }
    result += [UInt8](repeating: 0, count: (Self.capacity - keypoints.count) * 12)
    result += texture.values.map { UInt8(bitPattern: $0) }
    result += [UInt8](repeating: 0, count: Self.byteCount - result.count)
    return result
  }

  /// - Returns: nil for bytes of another version.
  init?(bytes: [UInt8]) {
    guard bytes.count == Self.byteCount, bytes[3] == Self.version, bytes[0] <= Self.capacity else { return nil }
    let (width, height) = (Int(bytes[1]), Int(bytes[2]))
    guard width * height <= Texture.capacity else { return nil }
    keypoints = bytes.withUnsafeBytes { bytes in
      (0..<Int(bytes[0])).map { index in
        let at = 4 + index * 12
        let x = Int16(littleEndian: bytes.loadUnaligned(fromByteOffset: at + 8, as: Int16.self))
        let y = Int16(littleEndian: bytes.loadUnaligned(fromByteOffset: at + 10, as: Int16.self))
        return Keypoint(
          x: Float(x) / 16, y: Float(y) / 16,
          descriptor: UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self)))
      }
    }
    let start = 4 + Self.capacity * 12
    texture = Texture(
      width: width, height: height, values: bytes[start..<start + width * height].map { Int8(bitPattern: $0) })
  }

  /// Counted up when a fingerprint is made in another way.
  private static let version: UInt8 = 1
}
