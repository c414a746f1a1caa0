extension Preprocessing {
  /// The decoded 16-bit sample that is white in an image, 0...65535 or above; samples beyond it are white too.
  ///
  /// What a file declares goes first, unless a person gave the level. Models of before levels were known take 65535.
  public func white(of image: Image) -> Float { white(image.depth) }

  /// For people: how a picture becomes the network's input.
  public var sentence: String {
    "\(width) x \(height) pixels, \(policy.rawValue), \(filter.rawValue)"
      + (whiteLevel.map { "; in pictures of more than 8 bits \($0.sentence)" } ?? "")
  }

  private func white(_ depth: SampleDepth) -> Float {
    guard let whiteLevel else { return 65_535 }
    let stored = whiteLevel.origin == .given ? whiteLevel.value : depth.white ?? whiteLevel.value
    return Float(Double(stored) * 65_535 / Double(depth.full))
  }

  /// What a person must know of how the samples of an image were read; nil when nothing.
  public func note(on image: Image) -> String? {
    image.largestStored.flatMap { note(largest: $0, image.depth) }
  }

  /// The same of a picture whose largest sample is known, in the file's own values.
  public func note(largest stored: Int, _ depth: SampleDepth) -> String? {
    guard let whiteLevel else {
      guard depth.white == nil, WhiteLevel.covering(stored) < 65_535 else { return nil }
      return
        "no sample of this 16-bit picture is above \(WhiteLevel.grouped(stored)), and the bundle takes 65,535 for white: it "
        + "is seen nearly black; train on such pictures, or save them with their whole range"
    }
    let white = Double(white(depth)) * Double(depth.full) / 65_535
    guard Double(stored) > white.rounded(.up) else { return nil }
    let level = WhiteLevel.grouped(Int(clamping: white.rounded()))
    return whiteLevel.origin != .given && depth.white != nil
      ? "samples up to \(WhiteLevel.grouped(stored)) are above the white level of \(level) that the file declares, and are "
        + "taken for white"
      : "samples up to \(WhiteLevel.grouped(stored)) are above the bundle's white level of \(level), and are taken for "
        + "white; if they should not, train again with such pictures in the data set"
  }
}
