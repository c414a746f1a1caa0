/// max |a - b| over max |b|: the largest error in units of the largest expected value.
/// - Parameters:
///   - values: what was computed.
///   - expected: what it should be.
///   - floor: the least that max |b| counts as. Gradients that vanish by symmetry (of a bias before a batch
///     normalisation in training, of the keys' bias in attention) hold nothing but rounding errors and need one.
/// - Returns: infinity when the two differ in length or a value is not a number.
func relativeError<Values: Collection, Expected: Collection>(
  of values: Values, against expected: Expected, floor: Double = 1e-30
) -> Double
where Values.Element: BinaryFloatingPoint, Expected.Element: BinaryFloatingPoint {
  guard values.count == expected.count else { return .infinity }
  var error = 0.0
  var scale = 0.0
  for (value, expected) in zip(values, expected) {
    let difference = abs(Double(value) - Double(expected))
    guard difference.isFinite else { return .infinity }
    error = max(error, difference)
    scale = max(scale, abs(Double(expected)))
  }
  return error / max(scale, floor)
}
