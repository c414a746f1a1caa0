import Foundation

/// A chart's axes: maps data to SVG coordinates and draws frame, grid, ticks and labels.
struct PlotArea {
  let width: Double
  let height: Double
  let left = 52.0
  let right = 12.0
  let top = 12.0
  let bottom = 46.0
  let x: ClosedRange<Double>
  let y: ClosedRange<Double>
  let isLogarithmic: Bool
  /// The level axis counts: no marks between whole numbers.
  var isWhole = false
  /// Marks of the upright axis; nil for round numbers.
  var yMarks: [(value: Double, label: String)]?

  /// - Parameters:
  ///   - width, height: of the whole drawing, in SVG units.
  init(
    x: ClosedRange<Double>, y: ClosedRange<Double>, isLogarithmic: Bool = false, width: Double = 420,
    height: Double = 320
  ) {
    self.width = width
    self.height = height
    self.x = x
    self.y = y
    self.isLogarithmic = isLogarithmic
  }

  var plotWidth: Double { width - left - right }
  var plotHeight: Double { height - top - bottom }

  func point(_ px: Double, _ py: Double) -> (x: Double, y: Double) {
    let low = isLogarithmic ? log10(x.lowerBound) : x.lowerBound
    let high = isLogarithmic ? log10(x.upperBound) : x.upperBound
    let position = ((isLogarithmic ? log10(max(px, x.lowerBound)) : px) - low) / max(high - low, 1e-12)
    let rise = (py - y.lowerBound) / max(y.upperBound - y.lowerBound, 1e-12)
    return (left + position * plotWidth, top + (1 - rise) * plotHeight)
  }

  /// An SVG path through data points.
  func path(_ points: [(x: Double, y: Double)]) -> String {
    points.enumerated().map { index, p in
      let place = point(p.x, p.y)
      return "\(index == 0 ? "M" : "L")\(Markup.coordinate(place.x)) \(Markup.coordinate(place.y))"
    }.joined(separator: " ")
  }

  private var xTicks: [Double] {
    guard isLogarithmic, x.lowerBound > 0, x.upperBound.isFinite else { return Self.ticks(x, isWhole: isWhole) }
    let low = Int(log10(x.lowerBound).rounded(.down))
    let high = Int(log10(x.upperBound).rounded(.up))
    // Over few powers of ten the steps between them are named, too.
    let steps: [Double] = log10(x.upperBound / x.lowerBound) <= 2.5 ? [1, 2, 5] : [1]
    return (min(low, high)...high).flatMap { power in steps.map { $0 * pow(10, Double(power)) } }
      .filter { (x.lowerBound * 0.999...x.upperBound * 1.001).contains($0) }
  }

  /// About five round numbers.
  /// - Parameter isWhole: none between whole numbers.
  static func ticks(_ range: ClosedRange<Double>, isWhole: Bool = false) -> [Double] {
    let span = range.upperBound - range.lowerBound
    guard span > 0 else { return [range.lowerBound] }
    let rough = span / 5
    let magnitude = pow(10, floor(log10(rough)))
    let steps = [1, 2, 2.5, 5, 10].map { $0 * magnitude }.filter { !isWhole || $0 == $0.rounded() }
    let step = max(isWhole ? 1 : 0, steps.first { $0 >= rough * 0.999 } ?? rough)
    let first = (range.lowerBound / step - 1e-9).rounded(.up)
    let last = (range.upperBound / step + 1e-9).rounded(.down)
    return first <= last ? stride(from: first, through: last, by: 1).map { $0 * step } : []
  }

  /// The whole SVG with `content` drawn inside the frame.
  ///
  /// - Parameter kind: the class of the element, for the style sheet.
  func svg(
    title: String, description: String, xLabel: String, yLabel: String, content: String, kind: String? = nil
  ) -> String {
    let kind = kind.map { " class=\"\($0)\"" } ?? ""
    var parts = [
      "<svg\(kind) viewBox=\"0 0 \(Int(width)) \(Int(height))\" role=\"img\"><title>\(Markup.escape(title))</title>"
        + "<desc>\(Markup.escape(description))</desc>"
    ]
    func line(_ a: (x: Double, y: Double), _ b: (x: Double, y: Double), _ kind: String) -> String {
      "<line class=\"\(kind)\" x1=\"\(Markup.coordinate(a.x))\" y1=\"\(Markup.coordinate(a.y))\" "
        + "x2=\"\(Markup.coordinate(b.x))\" y2=\"\(Markup.coordinate(b.y))\"/>"
    }
    for tick in xTicks {
      let place = point(tick, y.lowerBound)
      parts.append(line((place.x, top), (place.x, top + plotHeight), "grid"))
      parts.append(
        "<text class=\"tick\" x=\"\(Markup.coordinate(place.x))\" y=\"\(Markup.coordinate(top + plotHeight + 16))\" "
          + "text-anchor=\"middle\">\(Self.label(tick))</text>")
    }
    for mark in yMarks ?? Self.ticks(y).map({ (value: $0, label: Self.label($0)) }) {
      let place = point(x.lowerBound, mark.value)
      parts.append(line((left, place.y), (left + plotWidth, place.y), "grid"))
      parts.append(
        "<text class=\"tick\" x=\"\(Markup.coordinate(left - 6))\" y=\"\(Markup.coordinate(place.y + 4))\" "
          + "text-anchor=\"end\">\(mark.label)</text>")
    }
    parts.append(content)
    parts.append(line((left, top + plotHeight), (left + plotWidth, top + plotHeight), "axis"))
    parts.append(line((left, top), (left, top + plotHeight), "axis"))
    parts.append(
      "<text class=\"label\" x=\"\(Markup.coordinate(left + plotWidth / 2))\" y=\"\(Markup.coordinate(height - 8))\" "
        + "text-anchor=\"middle\">\(Markup.escape(xLabel))</text>")
    parts.append(
      "<text class=\"label\" transform=\"translate(13 \(Markup.coordinate(top + plotHeight / 2))) rotate(-90)\" "
        + "text-anchor=\"middle\">\(Markup.escape(yLabel))</text></svg>")
    return parts.joined()
  }

  /// `0.05`, `1000`, and below a thousandth `1.5e-4`.
  static func label(_ value: Double) -> String {
    guard value != 0, abs(value) < 0.001 else {
      let text = String(format: "%.4g", value)
      return text == "-0" ? "0" : text
    }
    // A step of floating point is no digit.
    let parts = String(format: "%.3e", value).split(separator: "e")
    guard parts.count == 2, let mantissa = Double(parts[0]), let power = Int(parts[1]) else { return "\(value)" }
    return String(format: "%.4g", mantissa) + "e\(power)"
  }
}
