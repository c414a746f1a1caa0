import AssayBase
import AssayMetrics
import Foundation

/// What each row is worth against what it costs in time: points with their 95 % intervals over milliseconds on a logarithmic
/// axis, the Pareto front as a staircase, the recommended row ringed. The upright axis is logarithmic in what is missing to
/// 100 %, so that 98 and 99 are as far apart as 80 and 90.
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

  private static let letterWidth = 7.0
  private static let lineHeight = 14.0
  /// Where the upright axis may be marked.
  private static let percents: [Double] = [
    0, 20, 40, 50, 60, 70, 80, 85, 90, 93, 95, 97, 98, 99, 99.5, 99.8, 99.9, 99.95, 99.98, 99.99,
  ]

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

  /// Height of a share on the axis.
  private func height(_ value: Double) -> Double { -log10(max(1 - value, least)) }

  /// What counts as missing where nothing is: half of the least that any row misses.
  private var least: Double {
    let missing = rows.flatMap { [1 - $0.value, 1 - ($0.interval?.low ?? 0), 1 - ($0.interval?.high ?? 0)] }
    return max((missing.filter { $0 > 1e-9 }.min() ?? 0.01) / 2, 1e-5)
  }

  /// With room at the edges.
  private var ranges: (x: ClosedRange<Double>, y: ClosedRange<Double>) {
    let times = rows.map { max($0.milliseconds, 1e-3) }
    let low = rows.map { height(min($0.value, $0.interval?.low ?? $0.value)) }.min() ?? 0
    let high = rows.map { height(max($0.value, $0.interval?.high ?? $0.value)) }.max() ?? 1
    let margin = max((high - low) * 0.06, 0.05)
    return ((times.min() ?? 1) / 1.4...(times.max() ?? 1) * 1.4, (low - margin)...(high + margin))
  }

  private func marks(_ range: ClosedRange<Double>) -> [(value: Double, label: String)] {
    let gap = (range.upperBound - range.lowerBound) / 18
    var marks: [(value: Double, label: String)] = []
    for percent in Self.percents {
      let place = -log10(1 - percent / 100)
      guard range.contains(place), marks.last.map({ place - $0.value > gap }) ?? true else { continue }
      marks.append((value: place, label: PlotArea.label(percent)))
    }
    return marks
  }

  func svg(_ size: Size) -> String {
    let (x, y) = ranges
    var area = PlotArea(x: x, y: y, isLogarithmic: true, width: size.width, height: size.height)
    area.yMarks = marks(y)
    let places = rows.map { area.point($0.milliseconds, height($0.value)) }
    let bars = rows.map { row in
      row.interval.map { span in
        (area.point(row.milliseconds, height(span.high)).y, area.point(row.milliseconds, height(span.low)).y)
      }
    }
    let stairs = staircase(area)
    var content = stairs.isEmpty ? "" : "<path class=\"front\" d=\"\(area.path(stairs))\"/>"
    for (index, row) in rows.enumerated() {
      content += mark(row, at: places[index], bar: bars[index])
    }
    content += labels(size, area, places, bars, stairs.map { area.point($0.x, $0.y) })
    return area.svg(
      title: "\(valueName) against milliseconds a part",
      description: rows.enumerated().map { index, row in
        "\(index + 1): \(row.backbone), \(row.method), \(ShareText.percent(row.value, digits: 2)), "
          + "\(Markup.decimal(row.milliseconds, digits: 1)) ms\(row.isOnFront ? ", on the Pareto front" : "")"
      }.joined(separator: "; "),
      xLabel: "milliseconds a part (logarithmic; left is faster)", yLabel: "\(valueName), %", content: content,
      kind: size.kind)
  }

  /// What can be had for so much time: level until the next point of the front.
  private func staircase(_ area: PlotArea) -> [(x: Double, y: Double)] {
    let front = rows.filter(\.isOnFront).sorted { ($0.milliseconds, $0.value) < ($1.milliseconds, $1.value) }
    guard let first = front.first, let last = front.last else { return [] }
    var points = [(x: first.milliseconds, y: area.y.lowerBound)]
    for row in front {
      if let before = points.last { points.append((row.milliseconds, before.y)) }
      points.append((row.milliseconds, height(row.value)))
    }
    points.append((area.x.upperBound, height(last.value)))
    return points
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
      "\(row.backbone), \(row.method): \(ShareText.percent(row.value, digits: 2)), "
      + "\(Markup.decimal(row.milliseconds, digits: 1)) ms"
    return text + "<circle class=\"dot \(kind)\(row.isOnFront ? " full" : "")\" cx=\"\(x)\" "
      + "cy=\"\(Markup.coordinate(place.y))\" r=\"5\"><title>\(Markup.escape(detail))</title></circle>"
  }

  // MARK: Labels

  private func labels(
    _ size: Size, _ area: PlotArea, _ places: [(x: Double, y: Double)], _ bars: [(Double, Double)?],
    _ stairs: [(x: Double, y: Double)]
  ) -> String {
    var taken = zip(stairs, stairs.dropFirst()).map { from, to in
      LabelPlacement.Box(
        x: min(from.x, to.x) - 1.5, y: min(from.y, to.y) - 1.5, width: abs(from.x - to.x) + 3,
        height: abs(from.y - to.y) + 3)
    }
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
