/// Values 0...1 being augmented: planar `[planes, height, width]`, without gaps; 1 plane for gray, 3 for RGB.
struct PlaneBuffer {
  let values: UnsafeMutablePointer<Float>
  let width: Int
  let height: Int
  let planes: Int

  var planeCount: Int { width * height }
  var count: Int { planes * planeCount }

  func plane(_ index: Int) -> UnsafeMutablePointer<Float> { values + index * planeCount }

  /// The mean of `count` values from `start`. Sums of blocks are added in double precision, so that a large image's mean
  /// is as exact as a small one's.
  func mean(from start: Int, count: Int) -> Float {
    var total = 0.0
    var at = start
    let end = start + count
    while at < end {
      let stop = min(at + 256, end)
      var sums = SIMD8<Float>.zero
      while at + 8 <= stop {
        sums += UnsafeRawPointer(values + at).loadUnaligned(as: SIMD8<Float>.self)
        at += 8
      }
      total += Double(sums.sum())
      while at < stop {
        total += Double(values[at])
        at += 1
      }
    }
    return Float(total / Double(count))
  }
}

/// Values cut to 0...1. By comparison: `pointwiseMin` and `pointwiseMax` are calls, a lane at a time, and took most of the
/// time of a change of brightness.
@inline(__always)
func clampedToUnit(_ values: SIMD8<Float>) -> SIMD8<Float> {
  let above = values.replacing(with: 0, where: values .< 0)
  return above.replacing(with: 1, where: above .> 1)
}

/// Where a mirror at the border's edge shows place `index`: `c b a | a b c | c b a`.
func mirrored(_ index: Int, count: Int) -> Int {
  if index >= 0 && index < count { return index }
  let period = 2 * count
  let place = ((index % period) + period) % period
  return min(place, period - 1 - place)
}
