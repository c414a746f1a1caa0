extension Image {
  /// A PGM or PPM file (binary, 8 or 16 bits): written and read in no time, and nothing is lost: a camera's 10 or 12 bits
  /// say in it that they are so many.
  public var portableAnymap: [UInt8] {
    var file: [UInt8] = []
    file.reserveCapacity(samples.count * bitsPerSample / 8 + 32)
    portableAnymap { file.append(contentsOf: $0) }
    return file
  }

  /// The same file piece by piece, for those who need no copy of it.
  package func portableAnymap(_ write: (UnsafeRawBufferPointer) -> Void) {
    let head = "P\(channels == 1 ? 5 : 6)\n\(width) \(height)\n\(bitsPerSample == 8 ? 255 : depth.full)\n"
    Array(head.utf8).withUnsafeBytes(write)
    switch samples {
    case .uint8(let values): values.withUnsafeBytes(write)
    case .uint16(let values):
      // In the file's own values, high byte first.
      var row = [UInt8](repeating: 0, count: 2 * width * channels)
      for start in stride(from: 0, to: values.count, by: width * channels) {
        for index in 0..<width * channels {
          let value = (Int(values[start + index]) * depth.full + 32_767) / 65_535
          row[2 * index] = UInt8(truncatingIfNeeded: value >> 8)
          row[2 * index + 1] = UInt8(truncatingIfNeeded: value)
        }
        row.withUnsafeBytes(write)
      }
    }
  }
}
