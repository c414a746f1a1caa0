/// 16-bit floats (IEEE 754 binary16) for patches on disk: half the space, 11 bits of mantissa.
enum HalfPrecision {
  /// - Parameter values: finite; beyond ±65,504 they are clamped.
  static func encode(_ values: UnsafeBufferPointer<Float>, into out: UnsafeMutableBufferPointer<UInt16>) {
    precondition(out.count >= values.count)
    for index in 0..<values.count { out[index] = encode(values[index]) }
  }

  static func decode(_ halves: UnsafeBufferPointer<UInt16>, into out: UnsafeMutableBufferPointer<Float>) {
    precondition(out.count >= halves.count)
    // The exponents differ by a bias of 112; a multiplication corrects it, also for subnormal numbers.
    let bias = Float(sign: .plus, exponent: 112, significand: 1)
    for index in 0..<halves.count {
      let half = UInt32(halves[index])
      let magnitude = Float(bitPattern: (half & 0x7FFF) << 13) * bias
      out[index] = Float(bitPattern: magnitude.bitPattern | (half & 0x8000) << 16)
    }
  }

  static func encode(_ value: Float) -> UInt16 {
    let sign = value.bitPattern >> 16 & 0x8000
    let magnitude = min(abs(value), 65_504)
    let scaled = magnitude * Float(sign: .plus, exponent: -112, significand: 1)
    let bits = scaled.bitPattern
    // To the nearest, ties to even; a carry into the exponent is right.
    let rounded = (bits + 0x0FFF + (bits >> 13 & 1)) >> 13
    return UInt16(truncatingIfNeeded: sign | rounded)
  }
}
