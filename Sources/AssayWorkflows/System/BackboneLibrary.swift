import AssayModel
import AssayRuntime
import Foundation

/// The folder of imported networks: for each its file and a card, `backbone.json`.
enum BackboneLibrary {
  static var folder: String { FeatureCache.defaultFolder + "/weights/imported" }
  static let graphName = "model.onnx"
  static let weightsName = "weights"
  private static let cardName = "backbone.json"
  private static let summaryName = "summary.json"

  static var entries: [BackboneCatalogue.Entry] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.filter { !$0.contains(".partial-") }.sorted().compactMap { name in
      let graph = "\(folder)/\(name)/\(graphName)"
      if let card = try? card(name) {
        return BackboneCatalogue.Entry(
          name: name, kind: .imported, path: graph, sha256: card.sha256, inputSize: card.description.nativeSize)
      }
      guard let summary = summary(name) else { return nil }
      return BackboneCatalogue.Entry(
        name: name, kind: .pretrained, path: "\(folder)/\(name)/\(weightsName)", sha256: summary.sha256,
        inputSize: summary.description.nativeSize)
    }
  }

  /// Of a graph.
  static func card(_ name: String) throws -> ImportedBackbone.Card {
    let path = "\(folder)/\(name)/\(cardName)"
    guard let data = FileManager.default.contents(atPath: path) else {
      throw WorkflowError(.unavailable, "\(path): it is missing; import the network again")
    }
    do {
      return try JSONDecoder().decode(ImportedBackbone.Card.self, from: data)
    } catch {
      throw WorkflowError(.badData, "\(path): it is unreadable; import the network again")
    }
  }

  /// Of any imported network; nil for one of an earlier version.
  static func summary(_ name: String) -> ImportedNetwork? {
    FileManager.default.contents(atPath: "\(folder)/\(name)/\(summaryName)")
      .flatMap { try? JSONDecoder().decode(ImportedNetwork.self, from: $0) }
  }

  /// Writes a network beside its final name and moves it into place.
  /// - Parameter card: of a graph; nil for weights.
  static func keep(_ network: ImportedNetwork, file: [UInt8], card: ImportedBackbone.Card?) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    let target = "\(folder)/\(network.description.name)"
    let staging = target + ".partial-\(getpid())"
    let files = FileManager.default
    do {
      try files.createDirectory(atPath: staging, withIntermediateDirectories: true)
      let name = card == nil ? weightsName : graphName
      try Data(file).write(to: URL(fileURLWithPath: "\(staging)/\(name)"))
      if let card { try encoder.encode(card).write(to: URL(fileURLWithPath: "\(staging)/\(cardName)")) }
      try encoder.encode(network).write(to: URL(fileURLWithPath: "\(staging)/\(summaryName)"))
      if files.fileExists(atPath: target) { try files.removeItem(atPath: target) }
      try files.moveItem(atPath: staging, toPath: target)
    } catch {
      try? files.removeItem(atPath: staging)
      throw WorkflowError(.inputOutput, "\(target): it cannot be written; check space and permissions")
    }
  }
}
