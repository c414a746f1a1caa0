/// One way in which a photograph of the same part may differ, in the order in which they are applied.
///
/// The order is a camera's: where the part lies, then light, lens, sensor and file; the cut-out comes last. The raw
/// values name operations in reports and in stored policies.
public enum AugmentationOperation: String, CaseIterable, Sendable, Codable {
  /// Left and right exchanged.
  case horizontalFlip = "horizontal-flip"
  /// Top and bottom exchanged.
  case verticalFlip = "vertical-flip"
  /// A turn by 90, 180 or 270 degrees, each as likely; by 180 only where the network's input is not square.
  case quarterTurn = "quarter-turn"
  /// A rotation about the centre, in degrees, counter-clockwise.
  case rotation
  /// An enlargement about the centre, as a ratio.
  case scale
  /// The ratio of horizontal to vertical enlargement, the area kept.
  case aspect
  /// A displacement in each direction, as a share of the side.
  case shift
  /// A window at a random place is enlarged to the whole; its sides as a share of the image's.
  case crop
  /// The factor of all values.
  case brightness
  /// The factor of differences from the image's mean.
  case contrast
  /// The exponent of values 0...1.
  case gamma
  /// A Gaussian blur's standard deviation, in pixels of the network's input.
  case blur
  /// Gaussian noise's standard deviation, in values 0...1.
  case noise
  /// The quality of a JPEG file, 1...100, that the image is written to and read from.
  case jpeg
  /// A rectangle filled with the image's mean (DeVries and Taylor 2017); its area as a share of the image's.
  case cutOut = "cut-out"

  /// The magnitudes that mean something; nil for operations that have none.
  public var magnitudeLimits: ClosedRange<Double>? {
    switch self {
    case .horizontalFlip, .verticalFlip, .quarterTurn: nil
    case .rotation: -45...45
    case .scale, .aspect: 0.5...2
    case .shift: -0.5...0.5
    case .crop: 0.5...1
    case .brightness, .contrast, .gamma: 0.1...10
    case .blur: 0.1...8
    case .noise: 0...0.5
    case .jpeg: 1...100
    case .cutOut: 0...0.5
    }
  }

  /// Ratios are drawn uniformly in their logarithm: half is as likely as double.
  var isRatio: Bool {
    switch self {
    case .scale, .aspect, .brightness, .contrast, .gamma: true
    default: false
    }
  }

  /// Tells the operations' random numbers apart, by name: a new operation leaves the draws of all others as they are
  /// (FNV-1a, Fowler, Noll and Vo).
  var stream: UInt64 {
    rawValue.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
  }
}
