import AssayBase

/// A line for people. What the program says itself is kept as it stands; whatever is put into it, a file's name, a class, a
/// serial number, an error, is escaped by ``VisibleText``, so that it can neither break the line nor command the terminal.
///
/// ```swift
/// Console.say("warning: \(file): \(note)")   // the two names are escaped, here and nowhere else
/// ```
struct ShownLine: ExpressibleByStringInterpolation, Sendable {
  let text: String

  init(stringLiteral text: String) { self.text = text }
  init(stringInterpolation: Interpolation) { text = stringInterpolation.text }

  /// A text that was put together elsewhere: all of it is escaped.
  init(_ text: String) { self.text = VisibleText.escaped(text) }

  /// A table or several lines, whose breaks are meant. Names in it were escaped by whoever made the lines, since their line
  /// breaks cannot be told any more.
  init(lines text: String) { self.text = VisibleText.escapedLines(text) }

  /// A text in a colour of the terminal; it is escaped as well.
  /// - Parameter rendition: parameters of ECMA-48's Select Graphic Rendition, e.g. `32` for green.
  init(_ text: String, rendition: StaticString) {
    self.text = "\u{1B}[\(rendition)m\(VisibleText.escaped(text))\u{1B}[0m"
  }

  static func + (a: ShownLine, b: ShownLine) -> ShownLine { ShownLine(shown: a.text + b.text) }

  private init(shown text: String) { self.text = text }

  struct Interpolation: StringInterpolationProtocol {
    fileprivate var text = ""

    init(literalCapacity: Int, interpolationCount: Int) { text.reserveCapacity(literalCapacity) }

    mutating func appendLiteral(_ literal: String) { text += literal }
    mutating func appendInterpolation<Value>(_ value: Value) { text += VisibleText.escaped(String(describing: value)) }
    mutating func appendInterpolation(_ line: ShownLine) { text += line.text }
  }
}
