import AssayBase
import AssayStation

/// The station's clock and version, as several documents say them.
struct StationState: Encodable {
  private let time: StationTime
  private let version = Versions.assay

  init(_ station: Station) { time = station.time }

  private enum CodingKeys: String, CodingKey { case version }

  func encode(to encoder: any Encoder) throws {
    try time.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(version, forKey: .version)
  }
}
