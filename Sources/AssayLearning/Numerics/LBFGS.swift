/// Limited-memory BFGS (Nocedal and Wright 2006, algorithm 7.5) turned inside out: the caller evaluates objective and
/// gradient at ``trial`` and hands them to ``advance(value:gradient:)``. That way many minimisations take their steps
/// together and share one expensive evaluation.
public struct LBFGS: Sendable {
  /// Where objective and gradient are wanted next.
  public private(set) var trial: [Float]
  /// The best point so far; the solution once ``isFinished``.
  public private(set) var point: [Float]
  public private(set) var value = Double.infinity
  public private(set) var isFinished = false
  /// Whether the gradient fell below the tolerance (rather than the iterations running out).
  public private(set) var hasConverged = false
  public private(set) var iterations = 0

  private let tolerance: Double
  private let maximumIterations: Int
  private let memory: Int
  private var gradient: [Float] = []
  private var direction: [Float] = []
  private var slope = 0.0
  private var step = 1.0
  private var halvings = 0
  private var steps: [[Float]] = []
  private var changes: [[Float]] = []
  private var curvatures: [Double] = []

  /// - Parameters:
  ///   - tolerance: stop when no component of the gradient is larger.
  public init(start: [Float], tolerance: Double = 1e-4, maximumIterations: Int = 500, memory: Int = 10) {
    trial = start
    point = start
    self.tolerance = tolerance
    self.maximumIterations = maximumIterations
    self.memory = memory
  }

  /// - Parameters:
  ///   - value, gradient: at ``trial``.
  public mutating func advance(value newValue: Double, gradient newGradient: [Float]) {
    guard !isFinished else { return }
    if gradient.isEmpty {
      accept(newValue, newGradient, isFirst: true)
      return
    }
    // Armijo's condition, with slack for rounding in single-precision gradients near the optimum.
    let slack = 1e-7 * abs(value)
    guard newValue.isFinite, newValue <= value + 1e-4 * step * slope + slack else {
      shrink(newValue)
      return
    }
    accept(newValue, newGradient, isFirst: false)
  }

  private mutating func shrink(_ newValue: Double) {
    halvings += 1
    guard halvings <= 25 else {
      finish(converged: false)
      return
    }
    // The minimum of the parabola through the two values and the slope, kept within a tenth and a half.
    let parabola = -slope * step * step / (2 * (newValue - value - slope * step))
    step = parabola.isFinite ? min(max(parabola, 0.1 * step), 0.5 * step) : 0.5 * step
    setTrial()
  }

  private mutating func accept(_ newValue: Double, _ newGradient: [Float], isFirst: Bool) {
    if !isFirst {
      var s = trial
      VectorOperations.add(-1, point, to: &s)
      var y = newGradient
      VectorOperations.add(-1, gradient, to: &y)
      let curvature = VectorOperations.dot(s, y)
      // A pair without positive curvature would spoil the approximation.
      if curvature > 1e-12 * VectorOperations.dot(y, y) {
        if steps.count == memory {
          steps.removeFirst()
          changes.removeFirst()
          curvatures.removeFirst()
        }
        steps.append(s)
        changes.append(y)
        curvatures.append(curvature)
      }
    }
    point = trial
    value = newValue
    gradient = newGradient
    iterations += 1
    let steepest = newGradient.reduce(0) { max($0, abs(Double($1))) }
    if steepest <= tolerance { return finish(converged: true) }
    if iterations > maximumIterations { return finish(converged: false) }
    direction = descent()
    slope = VectorOperations.dot(direction, gradient)
    if slope >= 0 {
      steps = []
      changes = []
      curvatures = []
      direction = gradient.map { -$0 }
      slope = -VectorOperations.dot(gradient, gradient)
    }
    step = steps.isEmpty ? min(1, 1 / (-slope).squareRoot()) : 1
    halvings = 0
    setTrial()
  }

  private mutating func setTrial() {
    trial = point
    VectorOperations.add(Float(step), direction, to: &trial)
  }

  private mutating func finish(converged: Bool) {
    isFinished = true
    hasConverged = converged
    steps = []
    changes = []
    direction = []
  }

  /// The two-loop recursion: minus the inverse Hessian's approximation times the gradient.
  private func descent() -> [Float] {
    var q = gradient.map { -$0 }
    var alphas = [Double](repeating: 0, count: steps.count)
    for index in steps.indices.reversed() {
      alphas[index] = VectorOperations.dot(steps[index], q) / curvatures[index]
      VectorOperations.add(Float(-alphas[index]), changes[index], to: &q)
    }
    if let s = curvatures.last, let y = changes.last {
      let gamma = Float(s / VectorOperations.dot(y, y))
      for index in q.indices { q[index] *= gamma }
    }
    for index in steps.indices {
      let beta = VectorOperations.dot(changes[index], q) / curvatures[index]
      VectorOperations.add(Float(alphas[index] - beta), steps[index], to: &q)
    }
    return q
  }
}
