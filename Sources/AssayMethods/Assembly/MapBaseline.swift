package import AssayImage
package import AssayRuntime

/// The mean map of good parts: what a map always shows at a place, whatever the part.
package enum MapBaseline {
  private static let sampled = 32

  /// - Parameter network: the inspector's graph without a baseline.
  /// - Returns: `[K, h, w]` with a spatial mean of zero, from training images of the good class, or of all classes where
  ///   none is good.
  package static func measure(_ network: Network, _ data: ExtractedDataset, rows: [Int], maximumPixels: Int) throws
    -> [Float]
  {
    let good = data.goodIndex
    let candidates = rows.filter { good == nil || data.labels[$0] == good }
    return try measure(
      network, data.pictures(candidates), data.preprocessing, maximumPixels: maximumPixels)
  }

  /// - Parameter candidates: images, of which some are taken.
  /// - Throws: also when one of them has gone or changed.
  package static func measure(
    _ network: Network, _ candidates: [KnownPicture], _ rule: Preprocessing, maximumPixels: Int
  ) throws -> [Float] {
    let request = try network.makeRequest()
    let resampler = Resampler()
    let step = max(1, candidates.count / sampled)
    var sum = [Float](repeating: 0, count: (request.shape("map") ?? []).reduce(1, *))
    var count: Float = 0
    for position in stride(from: 0, to: candidates.count, by: step) {
      let image = try candidates[position].read(rule.decodingOptions(maximumPixels: maximumPixels))
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
