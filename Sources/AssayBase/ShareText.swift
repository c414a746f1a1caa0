import Foundation

/// A share for people.
public enum ShareText {
  /// `99.4 %`. What is less than all or more than nothing is never shown as all or nothing: `>99.9 %`, `<0.1 %`.
  /// - Parameters:
  ///   - digits: decimals of the percentage.
  public static func percent(_ share: Double, digits: Int = 1) -> String {
    let smallest = pow(10, -Double(digits))
    let text = String(format: "%.\(digits)f %%", share * 100)
    if share < 1, share * 100 > 100 - smallest / 2 || text == String(format: "%.\(digits)f %%", 100.0) {
      return ">" + String(format: "%.\(digits)f %%", 100 - smallest)
    }
    if share > 0, text == String(format: "%.\(digits)f %%", 0.0) {
      return "<" + String(format: "%.\(digits)f %%", smallest)
    }
    return text
  }

  /// A rate that somebody asked for, with the digits that it has: `0.5 %`, `12.5 %`.
  package static func rate(_ rate: Double) -> String { String(format: "%.4g", rate * 100) + " %" }
}
