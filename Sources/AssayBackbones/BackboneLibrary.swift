package import AssayBase
package import AssayGraph
import AssayRuntime
import Foundation

/// The folder of imported networks: for each its file and a card, `backbone.json`.
package enum BackboneLibrary {
  package static var folder: String { FeatureCache.defaultFolder + "/weights/imported" }
  package static let graphName = "model.onnx"
  package static let weightsName = "weights"
  private static let cardName = "backbone.json"
  private static let summaryName = "summary.json"

  package static var entries: [BackboneCatalogue.Entry] {
    // No folder: nothing was imported yet.
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.filter { !$0.contains(".partial-") }.sorted().compactMap { name in
      let graph = "\(folder)/\(name)/\(graphName)"
      do throws(WorkflowError) {
        let own = try card(name)
        return BackboneCatalogue.Entry(
          name: name, kind: .imported, path: graph, sha256: own.sha256, inputSize: own.description.nativeSize)
      } catch  where error.kind == .badData {
        // It stays listed, and whoever loads it is told what is the matter.
        return BackboneCatalogue.Entry(name: name, kind: .imported, path: graph, sha256: "", inputSize: 224)
      } catch {
        // Weights without a graph have no card.
      }
      guard let summary = summary(name) else { return nil }
      return BackboneCatalogue.Entry(
        name: name, kind: .pretrained, path: "\(folder)/\(name)/\(weightsName)", sha256: summary.sha256,
        inputSize: summary.description.nativeSize)
    }
  }

  /// Of a graph.
  package static func card(_ name: String) throws(WorkflowError) -> ImportedBackbone.Card {
    let path = "\(folder)/\(name)/\(cardName)"
    let data: [UInt8]
    do throws(PlainFile.Refusal) {
      data = try PlainFile.contents(path)
    } catch {
      guard !error.isMissing else {
        throw WorkflowError(.unavailable, "\(path): it is missing; import the network again")
      }
      throw WorkflowError(.badData, "\(error); import the network again")
    }
    do {
      return try JSONDecoder().decode(ImportedBackbone.Card.self, from: Data(data))
    } catch {
      throw WorkflowError(.badData, "\(path): it is unreadable; import the network again")
    }
  }

  /// Of any imported network; nil for one of an earlier version.
  package static func summary(_ name: String) -> ImportedNetwork? {
    guard let data = try? PlainFile.contents("\(folder)/\(name)/\(summaryName)") else { return nil }
    return try? JSONDecoder().decode(ImportedNetwork.self, from: Data(data))
  }

  /// Writes a network beside its final name and moves it into place.
  /// - Parameter card: of a graph; nil for weights.
  package static func keep(_ network: ImportedNetwork, file: [UInt8], card: ImportedBackbone.Card?) throws {
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
      // What is left of it is passed over by name.
      try? files.removeItem(atPath: staging)
      throw WorkflowError(.inputOutput, "\(target): it cannot be written; check space and permissions")
    }
  }
}
