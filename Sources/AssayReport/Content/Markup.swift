import AssayBase
import AssayMetrics
import Foundation

/// Text made safe for HTML and SVG, and numbers as the report writes them.
enum Markup {
  /// What a name may hold that is not seen or turns the direction of writing is shown, as on terminals
  /// (``VisibleText``): a page has no second line of its own for `a\npart-1.png: GOOD.png`, but U+202E would turn what
  /// stands behind it. Line breaks and tabs stay, which HTML takes for spaces.
  static func escape(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      case "\n", "\t": result.unicodeScalars.append(scalar)
      default: result += VisibleText.escaped(String(scalar))
      }
    }
    return result
  }

  static func percent(_ value: Double, digits: Int = 1) -> String { escape(ShareText.percent(value, digits: digits)) }

  static func decimal(_ value: Double, digits: Int = 3) -> String { String(format: "%.\(digits)f", value) }

  /// Coordinates: two decimals, no trailing zeros.
  static func coordinate(_ value: Double) -> String {
    var text = String(format: "%.2f", value)
    while text.hasSuffix("0") { text.removeLast() }
    if text.hasSuffix(".") { text.removeLast() }
    return text == "-0" ? "0" : text
  }

  static func base64(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }
}
