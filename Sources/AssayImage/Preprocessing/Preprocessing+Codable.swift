extension Preprocessing {
  enum CodingKeys: String, CodingKey {
    case width, height, policy, filter, padding
  }

  /// Throws `DecodingError` for sizes outside 1...16384 and a padding outside 0...1: a stored model is not trusted.
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
    self.init(
      width: try side(.width), height: try side(.height),
      policy: try values.decode(FramingPolicy.self, forKey: .policy),
      filter: try values.decode(ResamplingFilter.self, forKey: .filter), padding: padding)
  }
}
