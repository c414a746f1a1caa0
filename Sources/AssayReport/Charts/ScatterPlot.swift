/// What was stated against the truth, on equal axes; on the dashed diagonal it is right.
struct ScatterPlot {
  let values: [(actual: Double, stated: Double)]
  /// Lines at this distance from the diagonal.
  let halfWidth: Double?
  let name: String

  /// More points cannot be told apart and make the file large.
  private static let shown = 1500

  func svg() -> String {
    let all = values.flatMap { [$0.actual, $0.stated] }
    let (low, high) = (all.min() ?? 0, all.max() ?? 1)
    let margin = max((high - low) * 0.04, 1e-9 * max(1, abs(high)))
    let range = (low - margin)...(high + margin)
    let area = PlotArea(x: range, y: range)
    func line(_ shift: Double, _ kind: String) -> String {
      // Cut where it leaves the frame.
      let (from, to) = (
        max(range.lowerBound, range.lowerBound - shift), min(range.upperBound, range.upperBound - shift)
      )
      guard from < to else { return "" }
      return "<path class=\"\(kind)\" d=\"\(area.path([(from, from + shift), (to, to + shift)]))\"/>"
    }
    var content = line(0, "reference")
    if let halfWidth { content += line(halfWidth, "grid") + line(-halfWidth, "grid") }
    let step = max(1, (values.count + Self.shown - 1) / Self.shown)
    for index in stride(from: 0, to: values.count, by: step) {
      let place = area.point(values[index].actual, values[index].stated)
      content +=
        "<circle class=\"bubble\" cx=\"\(Markup.coordinate(place.x))\" cy=\"\(Markup.coordinate(place.y))\" r=\"2.5\"/>"
    }
    return area.svg(
      title: "\(name): stated against true", description: "\(values.count) parts", xLabel: "true \(name)",
      yLabel: "stated \(name)", content: content)
  }
}
