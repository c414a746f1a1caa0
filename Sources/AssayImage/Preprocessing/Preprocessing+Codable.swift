extension Preprocessing {
  enum CodingKeys: String, CodingKey {
    case width, height, policy, filter, padding, whiteLevel, whiteLevelOrigin
  }

  /// Throws `DecodingError` for sizes outside 1...16384, a padding outside 0...1 and a white level outside 255...65535: a
  /// stored model is not trusted.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    func side(_ key: CodingKeys) throws -> Int {
      let value = try values.decode(Int.self, forKey: key)
      guard (1...16_384).contains(value) else {
        throw DecodingError.dataCorruptedError(
          forKey: key, in: values, debugDescription: "the input's \(key.rawValue) is \(value), not 1...16384 pixels")
      }
      return value
    }
    let padding = try values.decode(Float.self, forKey: .padding)
    guard (0...1).contains(padding) else {
      throw DecodingError.dataCorruptedError(
        forKey: .padding, in: values, debugDescription: "the padding is \(padding), not 0...1")
    }
    var level: WhiteLevel?
    if let value = try values.decodeIfPresent(Int.self, forKey: .whiteLevel) {
      guard WhiteLevel.range.contains(value) else {
        throw DecodingError.dataCorruptedError(
          forKey: .whiteLevel, in: values, debugDescription: "the white level is \(value), not 255...65535")
      }
      level = WhiteLevel(
        value, try values.decodeIfPresent(WhiteLevel.Origin.self, forKey: .whiteLevelOrigin) ?? .samples)
    }
    self.init(
      width: try side(.width), height: try side(.height),
      policy: try values.decode(FramingPolicy.self, forKey: .policy),
      filter: try values.decode(ResamplingFilter.self, forKey: .filter), padding: padding, whiteLevel: level)
  }

  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(width, forKey: .width)
    try values.encode(height, forKey: .height)
    try values.encode(policy, forKey: .policy)
    try values.encode(filter, forKey: .filter)
    try values.encode(padding, forKey: .padding)
    try values.encodeIfPresent(whiteLevel?.value, forKey: .whiteLevel)
    try values.encodeIfPresent(whiteLevel?.origin, forKey: .whiteLevelOrigin)
  }
}
