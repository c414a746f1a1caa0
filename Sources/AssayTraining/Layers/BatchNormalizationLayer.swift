import CKernels

/// Batch normalisation (Ioffe and Szegedy 2015) with what follows it: the addition of a residual branch and ReLU or
/// ReLU6, in one pass forward and two backward.
///
/// y = activation(keep (x - mean) / sqrt(variance + epsilon) scale + shift + residual)
final class BatchNormalizationLayer: Layer {
  /// How the batch is normalised.
  enum Statistics {
    /// By its own mean and variance; running ones follow with this momentum.
    case batch(momentum: Float)
    /// By the running ones, which stay as they are.
    case frozen
  }

  struct Parameters {
    let scale: Parameter
    let shift: Parameter
    let mean: Parameter
    let variance: Parameter
    let epsilon: Float
  }

  private let x: Value
  private let residual: Value?
  private let y: Value
  private let own: Parameters
  private let activation: Int32
  private let statistics: Statistics
  private let oneDNN: OneDNN
  /// Of each image: what stochastic depth multiplies the branch by; nil without it.
  private let keep: UnsafePointer<Float>?

  private let images: Int
  private let blocks: Int
  private let plane: Int
  private let block: Int
  private let mean: BlockVectors
  private let inverse: BlockVectors
  /// y = x a + b
  private let a: BlockVectors
  private let b: BlockVectors
  private let gain: BlockVectors
  private let slope: BlockVectors
  private let offset: BlockVectors
  /// Two sums for each plane: `[blocks, images, 2, block]`.
  private let partial: BlockVectors

  init(
    _ oneDNN: OneDNN, x: Value, residual: Value?, y: Value, _ parameters: Parameters, activation: Int32,
    statistics: Statistics, keep: UnsafePointer<Float>?
  ) {
    self.oneDNN = oneDNN
    self.x = x
    self.residual = residual
    self.y = y
    own = parameters
    self.activation = activation
    self.statistics = statistics
    self.keep = keep
    images = x.shape[0]
    plane = x.plane
    block = oneDNN.block
    blocks = oneDNN.blocks(x.channels)
    let count = blocks * block
    (mean, inverse, a, b) = (.init(count: count), .init(count: count), .init(count: count), .init(count: count))
    (gain, slope, offset) = (.init(count: count), .init(count: count), .init(count: count))
    partial = .init(count: blocks * images * 2 * block)
  }

  private func at(_ base: UnsafeMutablePointer<Float>, _ index: Int, _ image: Int) -> UnsafeMutablePointer<Float> {
    base + (image * blocks + index) * plane * block
  }

  private func sums(_ index: Int, _ image: Int) -> UnsafeMutablePointer<Float> {
    partial.pointer + (index * images + image) * 2 * block
  }

  /// Whether a thread takes whole blocks of channels, so that their second pass finds them in its cache; with few blocks
  /// the work would be divided too unevenly.
  private var takesWholeBlocks: Bool {
    let threads = oneDNN.team.threads
    return Double((blocks + threads - 1) / threads * threads) <= 1.15 * Double(blocks)
  }

  /// Runs `first` on all planes of a block, `between` once, `second` on all its planes.
  private func passes(first: ((Int, Int) -> Void)?, between: (Int) -> Void, second: ((Int, Int) -> Void)?) {
    let team = oneDNN.team
    if takesWholeBlocks {
      team.divide(blocks) { range in
        for index in range {
          if let first { for image in 0..<images { first(index, image) } }
          between(index)
          if let second { for image in 0..<images { second(index, image) } }
        }
      }
    } else {
      func planes(_ work: (Int, Int) -> Void) {
        team.divide(blocks * images) { range in for plane in range { work(plane / images, plane % images) } }
      }
      if let first { planes(first) }
      for index in 0..<blocks { between(index) }
      if let second { planes(second) }
    }
  }

  func forward(_ schedule: Schedule) {
    schedule.step([x.buffer, residual?.buffer, y.buffer]) { self.runForward() }
  }

  private func runForward() {
    let kernels = oneDNN.kernels
    let (x, y, residual) = (x.buffer.pointer, y.buffer.pointer, residual?.buffer.pointer)
    var first: ((Int, Int) -> Void)?
    if case .batch = statistics {
      first = { [self] index, image in
        let sums = sums(index, image)
        kernels.sums(at(x, index, image), plane, at(x, index, 0), sums, sums + block)
      }
    }
    passes(
      first: first,
      between: { [self] index in setCoefficients(index, shift: at(x, index, 0)) },
      second: { [self] index, image in
        withScaled(index, image, a, b) { a, b in
          kernels.normalise(
            at(x, index, image), residual.map { at($0, index, image) }, at(y, index, image), plane, a, b, activation)
        }
      })
  }

  /// Coefficients of a block for one image, times what stochastic depth keeps of it.
  private func withScaled(
    _ index: Int, _ image: Int, _ a: BlockVectors, _ b: BlockVectors,
    _ work: (UnsafePointer<Float>, UnsafePointer<Float>) -> Void
  ) {
    let start = index * block
    guard let keep, keep[image] != 1 else { return work(a.pointer + start, b.pointer + start) }
    withUnsafeTemporaryAllocation(of: Float.self, capacity: 2 * block) { scaled in
      guard let base = scaled.baseAddress else { return }
      for lane in 0..<block {
        base[lane] = a[start + lane] * keep[image]
        base[block + lane] = b[start + lane] * keep[image]
      }
      work(base, base + block)
    }
  }

  private func setCoefficients(_ index: Int, shift first: UnsafePointer<Float>) {
    let count = Double(images * plane)
    for lane in 0..<block {
      let channel = index * block + lane
      guard channel < x.channels else { continue }
      var mean = Double(own.mean.values[channel])
      var variance = Double(own.variance.values[channel])
      if case .batch(let momentum) = statistics {
        var (sum, squares) = (0.0, 0.0)
        for image in 0..<images {
          sum += Double(sums(index, image)[lane])
          squares += Double(sums(index, image)[block + lane])
        }
        mean = Double(first[lane]) + sum / count
        variance = max(0, squares / count - sum / count * (sum / count))
        let unbiased = variance * count / max(1, count - 1)
        own.mean.values[channel] += momentum * (Float(mean) - own.mean.values[channel])
        own.variance.values[channel] += momentum * (Float(unbiased) - own.variance.values[channel])
      }
      let inverse = 1 / (variance + Double(own.epsilon)).squareRoot()
      let a = Double(own.scale.values[channel]) * inverse
      self.mean[channel] = Float(mean)
      self.inverse[channel] = Float(inverse)
      self.a[channel] = Float(a)
      b[channel] = Float(Double(own.shift.values[channel]) - mean * a)
    }
  }

  func backward(_ schedule: Schedule) {
    guard let (dy, other) = y.takeGradient(schedule) else { return }
    let residualNeeds = residual?.needsGradient ?? false
    // The masked gradient is written back when somebody reads it again.
    let stores = other != nil || (residual != nil && activation != 0)
    let mask = residual == nil ? nil : y.buffer
    let dx = x.needsGradient ? (residualNeeds ? schedule.makeBuffer(x.buffer.count) : dy) : nil
    schedule.step([x.buffer, activation == 0 ? nil : mask, dy, other, dx]) {
      self.runBackward(dy: dy, other: other, mask: self.activation == 0 ? nil : mask, dx: dx, stores: stores)
    }
    if let dx { x.give(dx) }
    if residualNeeds { residual?.give(dy) }
  }

  private func runBackward(dy: Buffer, other: Buffer?, mask: Buffer?, dx: Buffer?, stores: Bool) {
    let kernels = oneDNN.kernels
    let x = x.buffer.pointer
    let (dy, other, mask, dx) = (dy.pointer, other?.pointer, mask?.pointer, dx?.pointer)
    let isBatch = if case .batch = statistics { true } else { false }
    let needsSums = isBatch || own.scale.isTrained || own.shift.isTrained || stores
    let rest: Int32 = stores ? 0 : activation
    var first: ((Int, Int) -> Void)?
    if needsSums {
      first = { [self] index, image in
        let sums = sums(index, image)
        kernels.normalise_sums(
          at(dy, index, image), other.map { at($0, index, image) }, at(x, index, image),
          mask.map { at($0, index, image) }, plane, a.pointer + index * block, b.pointer + index * block,
          mean.pointer + index * block, activation, stores ? 1 : 0, sums, sums + block)
      }
    }
    var second: ((Int, Int) -> Void)?
    if let dx {
      second = { [self] index, image in
        withScaledGain(index, image) { gain in
          kernels.normalise_gradient(
            at(dy, index, image), at(x, index, image), at(dx, index, image), plane, a.pointer + index * block,
            b.pointer + index * block, rest, gain, slope.pointer + index * block, offset.pointer + index * block)
        }
      }
    }
    passes(first: first, between: { [self] in setGradients($0, hasSums: needsSums, isBatch: isBatch) }, second: second)
  }

  private func withScaledGain(_ index: Int, _ image: Int, _ work: (UnsafePointer<Float>) -> Void) {
    withScaled(index, image, gain, gain) { scaled, _ in work(scaled) }
  }

  private func setGradients(_ index: Int, hasSums: Bool, isBatch: Bool) {
    let count = Double(images * plane)
    for lane in 0..<block {
      let channel = index * block + lane
      guard channel < x.channels else { continue }
      var (sum, products) = (0.0, 0.0)
      if hasSums {
        for image in 0..<images {
          let kept = Double(keep?[image] ?? 1)
          sum += kept * Double(sums(index, image)[lane])
          products += kept * Double(sums(index, image)[block + lane])
        }
      }
      let inverse = Double(inverse[channel])
      if own.scale.isTrained { own.scale.gradient[channel] = Float(products * inverse) }
      if own.shift.isTrained { own.shift.gradient[channel] = Float(sum) }
      let a = Double(self.a[channel])
      gain[channel] = Float(a)
      guard isBatch else { continue }
      // dx = a (g - mean(g) - x^ mean(g x^)), x^ = (x - mean) inverse
      let along = a * inverse * inverse * products / count
      slope[channel] = Float(-along)
      offset[channel] = Float(-a * sum / count + along * Double(mean[channel]))
    }
  }
}
