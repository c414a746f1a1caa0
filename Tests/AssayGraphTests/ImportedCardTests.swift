import AssayGraph
import Foundation
import Testing

/// Cards of imported networks lie in a folder and can be changed by hand: one that makes no sense is refused when it is read.
@Suite struct ImportedCardTests {
  private static func card(_ change: (inout [String: Any]) -> Void) throws -> ImportedBackbone.Card {
    let good = ImportedBackbone.Card(
      description: BackboneDescription(name: "tiny", nativeSize: 64, licence: "unknown", source: "imported"),
      sha256: "",
      input: "image",
      taps: [Tap(name: "a", channels: 8, stride: 2), Tap(name: "b", channels: 8, stride: Tap.wholeImage)],
      defaultTaps: ["a"], patchTaps: ["a"], normalisation: .imageNet)
    var tree = try #require(
      try JSONSerialization.jsonObject(with: JSONEncoder().encode(good)) as? [String: Any])
    change(&tree)
    return try JSONDecoder().decode(ImportedBackbone.Card.self, from: JSONSerialization.data(withJSONObject: tree))
  }

  @Test func asItWasWritten() throws {
    let card = try Self.card { _ in }
    #expect(card.taps.count == 2 && card.normalisation == .imageNet)
  }

  @Test(arguments: [
    ["mean": [0.5, 0.5]], ["mean": [Double]()], ["deviation": [0.5, 0.5, 0.5, 0.5]], ["deviation": [0.5, 0, 0.5]],
  ])
  func normalisationsOfOtherThanThreeChannels(_ change: [String: [Double]]) {
    #expect(throws: DecodingError.self) {
      try Self.card { tree in
        var values = tree["normalisation"] as? [String: Any] ?? [:]
        values.merge(change) { $1 }
        tree["normalisation"] = values
      }
    }
  }

  @Test(arguments: [("stride", 0), ("stride", -1), ("stride", Int.max), ("channels", 0)])
  func depthsThatNoNetworkHas(_ key: String, _ value: Int) {
    #expect(throws: DecodingError.self) {
      try Self.card { tree in
        var taps = tree["taps"] as? [[String: Any]] ?? []
        taps[0][key] = value
        tree["taps"] = taps
      }
    }
  }

  @Test func twoDepthsOfOneName() {
    #expect(throws: DecodingError.self) {
      try Self.card { tree in
        let taps = tree["taps"] as? [[String: Any]] ?? []
        tree["taps"] = [taps[0], taps[0]]
      }
    }
  }
}
