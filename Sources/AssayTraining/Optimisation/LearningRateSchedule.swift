import Foundation

/// The learning rate of each step.
public enum LearningRateSchedule: Sendable, Hashable, Codable {
  case constant(Double)
  /// Linear warm-up (Goyal et al. 2017), then half a cosine down to a floor (Loshchilov and Hutter 2017, equation 5,
  /// without restarts).
  ///
  /// With W warm-up steps and T in all, step s has the rate
  /// - peak (s + 1) / (W + 1) for s < W, so that the first step moves something,
  /// - floor + (peak - floor) (1 + cos(π (s - W) / (T - W))) / 2 from W on: the peak in step W, the floor in step T, which
  ///   is no longer taken.
  case cosine(peak: Double, floor: Double, warmUpSteps: Int)

  /// - Parameters:
  ///   - step: 0 for the first.
  ///   - total: steps of the whole training.
  public func rate(step: Int, total: Int) -> Double {
    switch self {
    case .constant(let rate): return rate
    case .cosine(let peak, let floor, let warmUp):
      if step < warmUp { return peak * Double(step + 1) / Double(warmUp + 1) }
      guard step < total else { return floor }
      let share = Double(step - warmUp) / Double(total - warmUp)
      return floor + (peak - floor) * (1 + cos(.pi * share)) / 2
    }
  }
}
