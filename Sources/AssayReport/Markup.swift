import Foundation

/// Text made safe for HTML and SVG, and numbers as the report writes them.
enum Markup {
  static func escape(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      // Control characters are not allowed in HTML, whatever a file may be called.
      case "\u{0}"..<"\u{9}", "\u{B}"..<"\u{20}", "\u{7F}": result += "\u{FFFD}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  static func percent(_ value: Double, digits: Int = 1) -> String { String(format: "%.\(digits)f %%", value * 100) }

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
