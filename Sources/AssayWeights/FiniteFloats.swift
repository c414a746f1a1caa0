extension UnsafeBufferPointer<Float> {
  /// Whether none is infinite or NaN: the largest exponent tells, in a loop without branches.
  package var areFinite: Bool {
    var largest: UInt32 = 0
    for value in self { largest = Swift.max(largest, value.bitPattern & 0x7FFF_FFFF) }
    return largest < 0x7F80_0000
  }
}
