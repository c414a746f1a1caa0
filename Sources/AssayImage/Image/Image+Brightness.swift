extension Image {
  /// Rows that are looked at: of a higher image every so many.
  private static let mostRows = 512

  /// Mean luma of the pixels, 0 (black) ... 1 (white): 0.299 R + 0.587 G + 0.114 B of the stored values (ITU-R BT.601), or of
  /// the only channel. Of an image of more than 512 rows, of rows at equal steps.
  ///
  /// It is of what the camera gave, before any normalisation, and so tells a darker lamp or a shorter exposure from parts
  /// that look otherwise.
  public var brightness: Double {
    let step = (height + Self.mostRows - 1) / Self.mostRows
    var sums = [UInt64](repeating: 0, count: channels)
    var rows = 0
    for row in stride(from: 0, to: height, by: step) {
      switch samples {
      case .uint8(let values): values.withUnsafeBufferPointer { add(row, of: $0, to: &sums) }
      case .uint16(let values): values.withUnsafeBufferPointer { add(row, of: $0, to: &sums) }
      }
      rows += 1
    }
    let white = bitsPerSample == 8 ? 255.0 : 65_535
    let means = sums.map { Double($0) / (Double(rows) * Double(width) * white) }
    return channels == 1 ? means[0] : 0.299 * means[0] + 0.587 * means[1] + 0.114 * means[2]
  }

  private func add<Sample: FixedWidthInteger>(
    _ row: Int, of values: UnsafeBufferPointer<Sample>, to sums: inout [UInt64]
  ) {
    let start = row * width * channels
    if channels == 1 {
      var sum: UInt64 = 0
      for at in start..<start + width { sum &+= UInt64(truncatingIfNeeded: values[at]) }
      sums[0] &+= sum
    } else {
      var (red, green, blue): (UInt64, UInt64, UInt64) = (0, 0, 0)
      for pixel in 0..<width {
        let at = start + 3 * pixel
        red &+= UInt64(truncatingIfNeeded: values[at])
        green &+= UInt64(truncatingIfNeeded: values[at + 1])
        blue &+= UInt64(truncatingIfNeeded: values[at + 2])
      }
      sums[0] &+= red
      sums[1] &+= green
      sums[2] &+= blue
    }
  }
}
