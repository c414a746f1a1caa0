/// Random numbers that follow from a seed, an iteration and a place alone, so that an interrupted training goes on with
/// the same ones.
final class IterationNoise {
  var seed: UInt64
  var iteration = 0

  init(seed: UInt64) { self.seed = seed }

  /// Uniform in 0..<1 (splitmix64, Steele et al. 2014).
  func uniform(place: Int, index: Int) -> Float {
    var z =
      seed &+ UInt64(bitPattern: Int64(iteration)) &* 0x9E37_79B9_7F4A_7C15
      &+ UInt64(bitPattern: Int64(place)) &* 0xD1B5_4A32_D192_ED03 &+ UInt64(bitPattern: Int64(index))
      &* 0x8CB9_2BA7_2F3D_8DD7
    z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
    z ^= z >> 31
    return Float(z >> 40) * 0x1p-24
  }
}

/// Sets a share of the numbers to zero and enlarges the others (Srivastava et al. 2014).
final class DropoutLayer: Layer {
  private let x: Value
  private let y: Value
  private let ratio: Float
  private let place: Int
  private let noise: IterationNoise
  private var mask: Buffer?

  /// What the last forward run multiplied by, in the layout of the value; before the backward run only.
  var factors: (name: String, values: [Float])? {
    mask.map { (y.name, Array(UnsafeBufferPointer(start: $0.pointer, count: $0.count))) }
  }

  init(x: Value, y: Value, ratio: Float, place: Int, noise: IterationNoise) {
    self.x = x
    self.y = y
    self.ratio = ratio
    self.place = place
    self.noise = noise
  }

  func forward(_ schedule: Schedule) {
    let mask = schedule.makeBuffer(x.buffer.count)
    self.mask = mask
    let team = schedule.oneDNN.team
    schedule.step([x.buffer, y.buffer, mask]) { [self] in
      let (a, out, m) = (x.buffer.pointer, y.buffer.pointer, mask.pointer)
      let kept = 1 / (1 - ratio)
      team.divide(mask.count) { range in
        for index in range {
          m[index] = noise.uniform(place: place, index: index) < ratio ? 0 : kept
          out[index] = a[index] * m[index]
        }
      }
    }
  }

  func backward(_ schedule: Schedule) {
    guard let mask, let dy = y.takeWholeGradient(schedule), x.needsGradient else { return }
    let team = schedule.oneDNN.team
    schedule.step([dy, mask]) {
      let (g, m) = (dy.pointer, mask.pointer)
      team.divide(mask.count) { range in for index in range { g[index] *= m[index] } }
    }
    x.give(dy)
  }
}

/// Which residual branches of which images take part in an iteration (stochastic depth, Huang et al. 2016).
final class BranchSelection {
  /// Probability of leaving the branch out.
  let rate: Float
  /// Of each image: 0, or 1 / (1 - rate).
  let keep: UnsafeMutablePointer<Float>
  private let images: Int
  private let place: Int

  init(rate: Float, images: Int, place: Int) {
    self.rate = rate
    self.images = images
    self.place = place
    keep = .allocate(capacity: images)
    keep.initialize(repeating: 1, count: images)
  }

  deinit { keep.deallocate() }

  func draw(_ noise: IterationNoise) {
    for image in 0..<images { keep[image] = noise.uniform(place: place, index: image) < rate ? 0 : 1 / (1 - rate) }
  }
}
