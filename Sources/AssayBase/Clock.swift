import Dispatch

package enum Clock {
  /// Monotonic.
  package static var milliseconds: Double { Double(DispatchTime.now().uptimeNanoseconds) / 1e6 }
}
