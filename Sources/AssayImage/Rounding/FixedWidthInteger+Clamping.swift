extension FixedWidthInteger {
  /// The whole number between `value` and zero that is nearest to it, the type's largest or smallest where it holds no such,
  /// and 0 for NaN. `init(_:)` ends the program in the last two cases.
  package init<Number: BinaryFloatingPoint>(clamping value: Number) {
    if value.isNaN {
      self = 0
    } else if value >= Number(Self.max) {
      self = .max
    } else if value <= Number(Self.min) {
      self = .min
    } else {
      self = Self(value)
    }
  }
}
