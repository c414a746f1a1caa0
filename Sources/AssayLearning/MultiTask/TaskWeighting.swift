/// How much each task counts where tasks share parameters.
public enum TaskWeighting: Sendable, Hashable {
  /// A weight for each task, in order, at least 0.
  case fixed([Double])
  /// Learned (Kendall, Gal and Cipolla 2018): the total is `sum_t exp(-s_t) L_t + s_t / 2` with a log-variance
  /// `s_t = log sigma_t^2` for each task, a parameter like any other. It is their equation for classes with temperature
  /// `sigma^2`, and with `L = 1/2 (y - f)^2` that for real values.
  case uncertainty

  public var name: String {
    switch self {
    case .fixed: "fixed"
    case .uncertainty: "learned"
    }
  }
}
