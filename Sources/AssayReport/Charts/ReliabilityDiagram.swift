import AssayMetrics

/// Stated confidence against the share that was right.
struct ReliabilityDiagram {
  let bins: ReliabilityBins

  func svg() -> String {
    let area = PlotArea(x: 0...1, y: 0...1)
    let largest = Double(max(1, bins.bins.map(\.count).max() ?? 1))
    var content = "<path class=\"reference\" d=\"\(area.path([(0, 0), (1, 1)]))\"/>"
    for bin in bins.bins where bin.count > 0 {
      let place = area.point(bin.confidence, bin.accuracy)
      // The area of a dot tells how many images it stands for.
      let radius = 3 + 11 * (Double(bin.count) / largest).squareRoot()
      content +=
        "<circle class=\"bubble\" cx=\"\(Markup.coordinate(place.x))\" cy=\"\(Markup.coordinate(place.y))\" "
        + "r=\"\(Markup.coordinate(radius))\"><title>\(bin.count) images: stated \(Markup.percent(bin.confidence)), "
        + "right \(Markup.percent(bin.accuracy))</title></circle>"
    }
    return area.svg(
      title: "Reliability diagram",
      description: "Expected calibration error \(Markup.decimal(bins.expectedCalibrationError))",
      xLabel: "probability stated", yLabel: "share that was right", content: content)
  }
}
