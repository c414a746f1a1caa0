import AssayMetrics
import Foundation

/// What each row is worth against what it costs in time: points with their 95 % intervals over milliseconds on a logarithmic
/// axis, the Pareto front as a staircase, the recommended row ringed.
struct ParetoChart {
  struct Size {
    let width: Double
    let height: Double
    /// Points are named; else they bear their number in the table.
    let isNamed: Bool
    let kind: String

    static let wide = Size(width: 900, height: 430, isNamed: true, kind: "wide")
    static let narrow = Size(width: 420, height: 400, isNamed: false, kind: "narrow")
  }

  let rows: [ComparisonContent.Row]
  let valueName: String

  private static let letterWidth = 6.0
  private static let lineHeight = 14.0

  /// For a wide screen and for a phone; the style sheet shows one of them.
  func html() -> String {
    guard !rows.isEmpty else { return "" }
    let legend = methods.enumerated().map { index, name in
      "<li><span class=\"key round s\(index % 8)\"></span>\(Markup.escape(name))</li>"
    }.joined()
    return svg(.wide) + svg(.narrow)
      + "<ul class=\"legend\">\(legend)<li><span class=\"key line front\"></span>Pareto front</li>"
      + "<li><span class=\"key ring\"></span>recommended</li></ul>"
  }

  private var methods: [String] {
    rows.reduce(into: []) { if !$0.contains($1.method) { $0.append($1.method) } }
  }

  /// With room at the edges.
  private var ranges: (x: ClosedRange<Double>, y: ClosedRange<Double>) {
    let times = rows.map { max($0.milliseconds, 1e-3) }
    let lows = rows.map { min($0.value, $0.interval?.low ?? $0.value) }
    let highs = rows.map { max($0.value, $0.interval?.high ?? $0.value) }
    let (low, high) = (lows.min() ?? 0, highs.max() ?? 1)
    let margin = max((high - low) * 0.08, 0.002)
    return (
      (times.min() ?? 1) / 1.4...(times.max() ?? 1) * 1.4,
      (max(0, low - margin) * 100)...(min(1, high + margin) * 100)
    )
  }

  func svg(_ size: Size) -> String {
    let (x, y) = ranges
    let area = PlotArea(x: x, y: y, isLogarithmic: true, width: size.width, height: size.height)
    let places = rows.map { area.point($0.milliseconds, $0.value * 100) }
    let bars = rows.map { row in
      row.interval.map { (area.point(row.milliseconds, $0.high * 100).y, area.point(row.milliseconds, $0.low * 100).y) }
    }
    var content = staircase(area)
    for (index, row) in rows.enumerated() {
      content += mark(row, at: places[index], bar: bars[index])
    }
    content += labels(size, area, places, bars)
    return area.svg(
      title: "\(valueName) against milliseconds a part",
      description: rows.enumerated().map { index, row in
        "\(index + 1): \(row.backbone), \(row.method), \(Markup.percent(row.value, digits: 2)), "
          + "\(Markup.decimal(row.milliseconds, digits: 1)) ms\(row.isOnFront ? ", on the Pareto front" : "")"
      }.joined(separator: "; "),
      xLabel: "milliseconds a part (logarithmic; left is faster)", yLabel: "\(valueName), %", content: content,
      kind: size.kind)
  }

  /// What can be had for so much time: level until the next point of the front.
  private func staircase(_ area: PlotArea) -> String {
    let front = rows.filter(\.isOnFront).sorted { ($0.milliseconds, $0.value) < ($1.milliseconds, $1.value) }
    guard let first = front.first, let last = front.last else { return "" }
    var points = [(x: first.milliseconds, y: area.y.lowerBound)]
    for row in front {
      if let before = points.last, before.y != row.value * 100 { points.append((row.milliseconds, before.y)) }
      points.append((row.milliseconds, row.value * 100))
    }
    points.append((area.x.upperBound, last.value * 100))
    return "<path class=\"front\" d=\"\(area.path(points))\"/>"
  }

  private func mark(_ row: ComparisonContent.Row, at place: (x: Double, y: Double), bar: (Double, Double)?) -> String {
    let kind = "s\((methods.firstIndex(of: row.method) ?? 0) % 8)"
    let x = Markup.coordinate(place.x)
    var text = ""
    if let bar {
      let (top, bottom) = (Markup.coordinate(bar.0), Markup.coordinate(bar.1))
      let (left, right) = (Markup.coordinate(place.x - 3.5), Markup.coordinate(place.x + 3.5))
      text +=
        "<path class=\"whisker \(kind)\" "
        + "d=\"M\(x) \(top) V\(bottom) M\(left) \(top) H\(right) M\(left) \(bottom) H\(right)\"/>"
    }
    if row.isRecommended {
      text += "<circle class=\"ring\" cx=\"\(x)\" cy=\"\(Markup.coordinate(place.y))\" r=\"10\"/>"
    }
    let detail =
      "\(row.backbone), \(row.method): \(Markup.percent(row.value, digits: 2)), "
      + "\(Markup.decimal(row.milliseconds, digits: 1)) ms"
    return text + "<circle class=\"dot \(kind)\(row.isOnFront ? " full" : "")\" cx=\"\(x)\" "
      + "cy=\"\(Markup.coordinate(place.y))\" r=\"5\"><title>\(Markup.escape(detail))</title></circle>"
  }

  // MARK: Labels

  private func labels(
    _ size: Size, _ area: PlotArea, _ places: [(x: Double, y: Double)], _ bars: [(Double, Double)?]
  ) -> String {
    var taken: [LabelPlacement.Box] = []
    for (place, bar) in zip(places, bars) {
      taken.append(.init(x: place.x - 7, y: place.y - 7, width: 14, height: 14))
      if let bar { taken.append(.init(x: place.x - 4.5, y: bar.0 - 1, width: 9, height: bar.1 - bar.0 + 2)) }
    }
    var placement = LabelPlacement(
      frame: .init(
        x: area.left + 3, y: area.top + 1, width: area.plotWidth - 6, height: area.plotHeight - 3), taken: taken)
    // The most important first: they get the best places.
    func rank(_ index: Int) -> Int { rows[index].isRecommended ? 0 : rows[index].isOnFront ? 1 : 2 }
    let order = rows.indices.sorted { (rank($0), $0) < (rank($1), $1) }
    return order.map { index in
      let row = rows[index]
      let number = "\(index + 1)"
      for text in size.isNamed ? ["\(number)  \(row.backbone)", number] : [number] {
        let width = Double(text.count) * Self.letterWidth + 4
        guard let box = placement.place(at: places[index], width: width, height: Self.lineHeight) else { continue }
        return leader(box, to: places[index])
          + "<text class=\"name\(row.isOnFront ? " strong" : "")\" x=\"\(Markup.coordinate(box.x + 2))\" "
          + "y=\"\(Markup.coordinate(box.y + 11))\">\(Markup.escape(text))</text>"
      }
      return ""
    }.joined()
  }

  /// A line to a label that had to go far.
  private func leader(_ box: LabelPlacement.Box, to point: (x: Double, y: Double)) -> String {
    let end = (
      x: min(max(point.x, box.x), box.x + box.width), y: min(max(point.y, box.y + 2), box.y + box.height - 2)
    )
    let (dx, dy) = (end.x - point.x, end.y - point.y)
    let distance = (dx * dx + dy * dy).squareRoot()
    guard distance > 14 else { return "" }
    let start = (x: point.x + dx / distance * 7, y: point.y + dy / distance * 7)
    return
      "<path class=\"leader\" d=\"M\(Markup.coordinate(start.x)) \(Markup.coordinate(start.y)) "
      + "L\(Markup.coordinate(end.x)) \(Markup.coordinate(end.y))\"/>"
  }
}
