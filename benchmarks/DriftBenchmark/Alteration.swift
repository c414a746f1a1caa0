import AssayImage
import Foundation

/// What goes wrong on a line.
enum Alteration {
  /// The lamp gives so much of its light.
  case lamp(Double)
  /// The lens is out of focus: a Gaussian of so many pixels of the photograph.
  case lens(Double)

  var text: String {
    switch self {
    case .lamp(let share): "lamp at \(Int((share * 100).rounded())) %"
    case .lens(let deviation): "lens blurred by \(deviation) pixels"
    }
  }

  /// Pictures of 8 bits.
  func applied(to image: Image) -> Image {
    guard case .uint8(let samples) = image.samples else { return image }
    let changed: [UInt8]
    switch self {
    case .lamp(let share): changed = samples.map { UInt8((Double($0) * share).rounded()) }
    case .lens(let deviation):
      let once = Self.blurred(
        samples.map(Double.init), count: image.width, step: image.channels, of: image, deviation)
      changed = Self.blurred(once, count: image.height, step: image.width * image.channels, of: image, deviation)
        .map { UInt8(clamping: Int($0.rounded())) }
    }
    return Image(width: image.width, height: image.height, channels: image.channels, samples: .uint8(changed))
  }

  /// Along one axis, whose neighbours lie `step` samples apart.
  private static func blurred(
    _ values: [Double], count: Int, step: Int, of image: Image, _ deviation: Double
  ) -> [Double] {
    let radius = Int(4 * deviation + 0.5)
    let kernel = (-radius...radius).map { exp(-0.5 * Double($0 * $0) / (deviation * deviation)) }
    let total = kernel.reduce(0, +)
    return values.indices.map { index in
      let place = index / step % count
      var sum = 0.0
      for (position, weight) in kernel.enumerated() {
        let other = min(max(place + position - radius, 0), count - 1)
        sum += weight * values[index + (other - place) * step]
      }
      return sum / total
    }
  }
}
