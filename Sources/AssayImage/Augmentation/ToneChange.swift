/// Brightness, contrast and gamma in one pass: `v' = clamp(brightness * (m + contrast * (v - m)))^gamma`, with m the mean
/// of the whole image and the clamp to 0...1. The same for all channels, so that hues stay what they are.
public struct ToneChange: Sendable, Hashable {
  /// Factors and exponent; 1 changes nothing.
  public var brightness: Float
  public var contrast: Float
  public var gamma: Float

  public init(brightness: Float = 1, contrast: Float = 1, gamma: Float = 1) {
    self.brightness = brightness
    self.contrast = contrast
    self.gamma = gamma
  }

  func apply(to planes: PlaneBuffer) {
    if self == ToneChange() { return }
    let mean = contrast == 1 ? 0 : planes.mean(from: 0, count: planes.count)
    let gain = brightness * contrast
    let offset = brightness * mean * (1 - contrast)
    if gamma == 1 {
      planes.update { (values: SIMD8<Float>) in clampedToUnit(values * gain + offset) }
    } else {
      planes.update { (values: SIMD8<Float>) in power(clampedToUnit(values * gain + offset), gamma) }
    }
  }
}

extension PlaneBuffer {
  /// Replaces every value by a function of it.
  @inline(__always)
  fileprivate func update(_ change: (SIMD8<Float>) -> SIMD8<Float>) {
    var at = 0
    while at + 8 <= count {
      let place = UnsafeMutableRawPointer(values + at)
      place.storeBytes(of: change(place.loadUnaligned(as: SIMD8<Float>.self)), as: SIMD8<Float>.self)
      at += 8
    }
    while at < count {
      values[at] = change(SIMD8(repeating: values[at]))[0]
      at += 1
    }
  }
}

/// `base ^ exponent` for bases in 0...1 and positive exponents, to 1e-6; 0 and 1 are exact.
///
/// The logarithm of the mantissa m in [√½, √2) by the series of 2 artanh((m - 1) / (m + 1)) and the power of two by
/// Taylor's series: a call of the C library for each value would take longer than all else together.
@inline(__always)
private func power(_ base: SIMD8<Float>, _ exponent: Float) -> SIMD8<Float> {
  let bits = unsafeBitCast(base, to: SIMD8<Int32>.self)
  let octave = (bits &- SIMD8(repeating: 0x3F35_04F3)) &>> 23
  let mantissa = unsafeBitCast(bits &- (octave &<< 23), to: SIMD8<Float>.self)
  let t = (mantissa - 1) / (mantissa + 1)
  let square = t * t
  let series = horner(square, 1.0 / 7, 1.0 / 5, 1.0 / 3, 1)
  let logarithm = SIMD8<Float>(octave) + t * series * 2.885_390_1

  let product: SIMD8<Float> = logarithm * exponent
  let wanted = product.replacing(with: -126, where: product .< -126)
  // Adding 1.5 * 2^23 leaves no room for a fraction, and the integer in the low bits.
  let shifted: SIMD8<Float> = wanted + 12_582_912
  let whole = unsafeBitCast(shifted, to: SIMD8<Int32>.self) &- SIMD8(repeating: 0x4B40_0000)
  let z: SIMD8<Float> = (wanted - (shifted - 12_582_912)) * 0.693_147_2
  let sum = horner(z, 1.0 / 720, 1.0 / 120, 1.0 / 24, 1.0 / 6, 0.5, 1, 1)
  let scale = unsafeBitCast((whole &+ SIMD8(repeating: 127)) &<< 23, to: SIMD8<Float>.self)
  return clampedToUnit(sum * scale).replacing(with: 0, where: base .== 0)
}

/// A polynomial, its highest coefficient first.
@inline(__always)
private func horner(_ x: SIMD8<Float>, _ highest: Float, _ coefficients: Float...) -> SIMD8<Float> {
  coefficients.reduce(SIMD8(repeating: highest)) { $0 * x + $1 }
}
