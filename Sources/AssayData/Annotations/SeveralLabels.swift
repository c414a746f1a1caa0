import Foundation

/// How several classes of one image are written in a field of a CSV manifest.
enum SeveralLabels {
  /// Classes of defect, separated by `;`. Names of good parts are none.
  static func parse(_ text: String) -> Set<String> {
    let names = text.split(separator: ";").map { $0.trimmingCharacters(in: .whitespaces) }
    return Set(names.filter { !$0.isEmpty && !GoodClass.isGood($0) })
  }

  static func text(_ labels: Set<String>) -> String {
    labels.isEmpty ? GoodClass.standard : labels.sorted().joined(separator: ";")
  }

  /// The single label that stands for them.
  static func joined(_ labels: Set<String>) -> String {
    labels.isEmpty ? GoodClass.standard : labels.sorted().joined(separator: "+")
  }

  /// The class whose masks a column `mask:CLASS` names.
  static func maskClass(_ title: String) -> String? {
    let title = title.trimmingCharacters(in: .whitespaces)
    guard title.lowercased().hasPrefix("mask:") else { return nil }
    let name = title.dropFirst("mask:".count).trimmingCharacters(in: .whitespaces)
    return name.isEmpty ? nil : name
  }
}
