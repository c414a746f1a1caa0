/// Curves over common axes, with a legend when there are several.
struct LineChart {
  var title: String
  var description: String
  var xLabel: String
  var yLabel: String
  var series: [ReportContent.Series]
  var x: ClosedRange<Double>
  var y: ClosedRange<Double>
  var isLogarithmic = false
  var hasMarkers = false
  /// A dashed line from corner to corner: chance, or perfect calibration.
  var hasDiagonal = false
  var marked: (x: Double, y: Double)?

  func svg() -> String {
    var area = PlotArea(x: x, y: y, isLogarithmic: isLogarithmic)
    area.isWhole = hasMarkers && series.allSatisfy { $0.points.allSatisfy { $0.x == $0.x.rounded() } }
    var content = ""
    if hasDiagonal {
      content +=
        "<path class=\"reference\" d=\"\(area.path([(x.lowerBound, y.lowerBound), (x.upperBound, y.upperBound)]))\"/>"
    }
    for (index, one) in series.enumerated() {
      let kind = "s\(index % 8)"
      content += "<path class=\"curve \(kind)\" d=\"\(area.path(one.points))\"/>"
      guard hasMarkers else { continue }
      for point in one.points {
        let place = area.point(point.x, point.y)
        content +=
          "<circle class=\"dot \(kind)\" cx=\"\(Markup.coordinate(place.x))\" cy=\"\(Markup.coordinate(place.y))\" r=\"3.5\"/>"
      }
    }
    if let marked {
      let place = area.point(marked.x, marked.y)
      content +=
        "<circle class=\"mark\" cx=\"\(Markup.coordinate(place.x))\" cy=\"\(Markup.coordinate(place.y))\" r=\"6\"/>"
    }
    let chart = area.svg(
      title: title, description: description, xLabel: xLabel, yLabel: yLabel, content: content)
    guard series.count > 1 else { return chart }
    let legend = series.enumerated().map { index, one in
      "<li><span class=\"key s\(index % 8)\"></span>\(Markup.escape(one.name))</li>"
    }.joined()
    return chart + "<ul class=\"legend\">\(legend)</ul>"
  }
}
