import AssayData
import AssayImage

/// A colour for each class: Okabe and Ito's (2008), which colour-blind people tell apart.
struct GalleryColours {
  let byClass: [String: Colour]

  private static let good = Colour(red: 0, green: 158, blue: 115)
  private static let others = [
    Colour(red: 213, green: 94, blue: 0), Colour(red: 86, green: 180, blue: 233),
    Colour(red: 240, green: 228, blue: 66),
    Colour(red: 204, green: 121, blue: 167), Colour(red: 230, green: 159, blue: 0),
    Colour(red: 0, green: 114, blue: 178),
  ]

  init(_ dataset: Dataset) {
    let marked = dataset.samples.flatMap {
      $0.regions.map(\.label) + Array($0.labels ?? []) + [$0.label].compactMap { $0 }
    }
    let names = Set(dataset.classes + marked).subtracting([dataset.goodClass].compactMap { $0 }).sorted()
    var colours = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, Self.others[$0 % Self.others.count]) })
    if let name = dataset.goodClass { colours[name] = Self.good }
    byClass = colours
  }

  /// As CSS has it.
  func css(_ label: String) -> String? {
    byClass[label].map { colour in
      "#" + [colour.red, colour.green, colour.blue].map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
  }
}
