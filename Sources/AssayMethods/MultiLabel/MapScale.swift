import AssayData
import AssayImage
import AssayInspection
import AssayLearning
import AssayReport
package import AssayRuntime
import Foundation

/// The evidence at one position that is drawn in the hottest colour.
package enum MapScale {
  private static let sampled = 32

  /// The median of the strongest evidence on training images with a defect, of its classes.
  package static func measure(
    _ network: Network, _ baseline: [Float], _ data: MultiLabelDataset, rows: [Int], maximumPixels: Int
  ) throws -> Double {
    let rule = data.extracted.preprocessing
    let request = try network.makeRequest()
    let resampler = Resampler()
    let isDefect = data.isDefect
    let candidates = rows.filter { isDefect[$0] }
    let plane = baseline.count / max(1, data.classes.count)
    var peaks: [Float] = []
    for position in stride(from: 0, to: candidates.count, by: max(1, candidates.count / sampled)) {
      let row = candidates[position]
      let image = try data.extracted.picture(row).read(rule.decodingOptions(maximumPixels: maximumPixels))
      request.withInput { rule.apply(to: image, into: $0, using: resampler) }
      try request.run()
      try request.withOutput("map") { map in
        for k in data.classes.indices where data.truth[row * data.classes.count + k] {
          let own = (k * plane..<(k + 1) * plane).map { map[$0] - baseline[$0] }
          if let peak = own.max() { peaks.append(peak) }
        }
      }
    }
    let sorted = peaks.sorted()
    return sorted.isEmpty ? 1 : Double(max(1e-3, sorted[sorted.count / 2]))
  }
}
