/// The pixel formats that are read, with their numbers in GenICam's Pixel Format Naming Convention, 2.1.
package enum PixelFormat: UInt32, Sendable, CaseIterable {
  case mono8 = 0x0108_0001
  /// In two bytes, the lower one first.
  case mono10 = 0x0110_0003
  case mono12 = 0x0110_0005
  case mono14 = 0x0110_0025
  case mono16 = 0x0110_0007
  case bayerGR8 = 0x0108_0008
  case bayerRG8 = 0x0108_0009
  case bayerGB8 = 0x0108_000A
  case bayerBG8 = 0x0108_000B
  case rgb8 = 0x0218_0014
  case bgr8 = 0x0218_0015

  package var name: String {
    switch self {
    case .mono8: "Mono8"
    case .mono10: "Mono10"
    case .mono12: "Mono12"
    case .mono14: "Mono14"
    case .mono16: "Mono16"
    case .bayerGR8: "BayerGR8"
    case .bayerRG8: "BayerRG8"
    case .bayerGB8: "BayerGB8"
    case .bayerBG8: "BayerBG8"
    case .rgb8: "RGB8"
    case .bgr8: "BGR8"
    }
  }

  var bytesPerPixel: Int {
    switch self {
    case .mono8, .bayerGR8, .bayerRG8, .bayerGB8, .bayerBG8: 1
    case .mono10, .mono12, .mono14, .mono16: 2
    case .rgb8, .bgr8: 3
    }
  }

  /// Bits that count, of formats in two bytes.
  var depth: Int? {
    switch self {
    case .mono10: 10
    case .mono12: 12
    case .mono14: 14
    case .mono16: 16
    default: nil
    }
  }
}
