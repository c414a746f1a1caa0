/// How good and defective parts scored, side by side, with the threshold. Counts are on a square-root scale, so that a
/// single escaped part can still be seen beside a thousand good ones.
struct ScoreHistogram {
  private static let binCount = 25
  let goodScores: [Double]
  let defectScores: [Double]
  let threshold: Double
  var name = "probability of being defective"
  /// Scores are drawn from 0 to here.
  var limit = 1.0

  static func bins(_ scores: [Double], limit: Double = 1) -> [Int] {
    var counts = [Int](repeating: 0, count: binCount)
    for score in scores {
      let place = min(max(score / limit, 0), 1)
      // What is no number has no place.
      if !place.isNaN { counts[min(binCount - 1, Int(place * Double(binCount)))] += 1 }
    }
    return counts
  }

  func svg() -> String {
    let good = Self.bins(goodScores, limit: limit)
    let defect = Self.bins(defectScores, limit: limit)
    let top = Double((good + defect).max() ?? 1).squareRoot()
    let area = PlotArea(x: 0...limit, y: 0...max(1, top) * 1.05)
    let binWidth = area.plotWidth / Double(Self.binCount)
    var content = ""
    for bin in 0..<Self.binCount {
      for (count, kind, shift) in [(good[bin], "good", 0.0), (defect[bin], "bad", 0.46)] where count > 0 {
        let place = area.point(0, Double(count).squareRoot())
        content +=
          "<rect class=\"\(kind)\" x=\"\(Markup.coordinate(area.left + (Double(bin) + 0.04 + shift) * binWidth))\" "
          + "y=\"\(Markup.coordinate(place.y))\" width=\"\(Markup.coordinate(binWidth * 0.44))\" "
          + "height=\"\(Markup.coordinate(area.top + area.plotHeight - place.y))\"><title>\(count)</title></rect>"
      }
    }
    let line = area.point(threshold, 0).x
    content +=
      "<line class=\"threshold\" x1=\"\(Markup.coordinate(line))\" x2=\"\(Markup.coordinate(line))\" "
      + "y1=\"\(Markup.coordinate(area.top))\" y2=\"\(Markup.coordinate(area.top + area.plotHeight))\"/>"
    return area.svg(
      title: "Scores of good and defective parts",
      description: "\(goodScores.count) good and \(defectScores.count) defective parts; threshold \(threshold)",
      xLabel: name, yLabel: "√ number of parts", content: content)
      + "<ul class=\"legend\"><li><span class=\"key good\"></span>good parts</li><li><span class=\"key bad\"></span>"
      + "defective parts</li><li><span class=\"key line\"></span>threshold</li></ul>"
  }
}
