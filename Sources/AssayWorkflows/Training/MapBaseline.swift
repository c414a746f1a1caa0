import AssayImage
import AssayModel
import AssayRuntime

/// The mean map of good parts: what a map always shows at a place, whatever the part.
enum MapBaseline {
  private static let sampled = 32

  /// - Parameter network: the inspector's graph without a baseline.
  /// - Returns: `[K, h, w]` with a spatial mean of zero, from training images of the good class, or of all classes where
  ///   none is good.
  static func measure(_ network: Network, _ data: ExtractedDataset, rows: [Int], maximumPixels: Int) throws -> [Float] {
    let rule = data.preprocessing
    let request = try network.makeRequest()
    let resampler = Resampler()
    let good = data.goodIndex
    let candidates = rows.filter { good == nil || data.labels[$0] == good }
    let step = max(1, candidates.count / sampled)
    var sum = [Float](repeating: 0, count: (request.shape("map") ?? []).reduce(1, *))
    var count: Float = 0
    for position in stride(from: 0, to: candidates.count, by: step) {
      let path = data.samples[candidates[position]].path
      guard let image = try? ImageFile.read(path: path, options: rule.decodingOptions(maximumPixels: maximumPixels))
      else {
        continue
      }
      request.withInput { rule.apply(to: image, into: $0, using: resampler) }
      try request.run()
      try request.withOutput("map") { map in
        for index in sum.indices { sum[index] += map[index] }
      }
      count += 1
    }
    let plane = (request.shape("map") ?? []).dropFirst(2).reduce(1, *)
    for start in stride(from: 0, to: sum.count, by: plane) {
      let mean = sum[start..<start + plane].reduce(0, +) / Float(plane)
      for index in start..<start + plane { sum[index] = (sum[index] - mean) / max(count, 1) }
    }
    return sum
  }
}
