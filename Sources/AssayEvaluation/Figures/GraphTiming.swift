import AssayBase
import AssayInspection
package import AssayRuntime
import Foundation

/// How long a graph takes for one image at a time, on all cores.
package struct GraphTiming {
  /// Milliseconds.
  package let median: Double
  package let p99: Double

  /// - Parameters:
  ///   - seconds: how long is measured; at least 30 runs are.
  package init(onnx: [UInt8], inputShape: [Int], seconds: Double, engines: Engines) throws {
    let request = try Network(onnx: onnx, inputShape: inputShape, mode: .latency, engines: engines).makeRequest()
    for _ in 0..<10 { try request.run() }
    var times: [Double] = []
    let end = Clock.milliseconds + seconds * 1000
    while Clock.milliseconds < end || times.count < 30 {
      let start = Clock.milliseconds
      try request.run()
      times.append(Clock.milliseconds - start)
    }
    median = Self.percentile(times, 0.5)
    p99 = Self.percentile(times, 0.99)
  }

  /// - Parameter values: at least one.
  package static func percentile(_ values: [Double], _ share: Double) -> Double {
    let sorted = values.sorted()
    return sorted[min(sorted.count - 1, Int(share * Double(sorted.count)))]
  }
}
