import AssayModel
import AssayRuntime
import Foundation

/// Brings a user's own network into the catalogue.
public enum BackboneImport {
  public struct Options: Sendable {
    /// Name in the catalogue; nil for the file's.
    public var name: String?
    /// Side of the square input in pixels.
    public var inputSize: Int
    public var normalisation: ImportedBackbone.Normalisation
    public var licence: String

    public init(
      name: String? = nil, inputSize: Int = 224, normalisation: ImportedBackbone.Normalisation = .imageNet,
      licence: String = "unknown"
    ) {
      self.name = name
      self.inputSize = inputSize
      self.normalisation = normalisation
      self.licence = licence
    }
  }

  private static var folder: String { FeatureCache.defaultFolder + "/weights/imported" }
  private static let graphName = "model.onnx"
  private static let cardName = "backbone.json"

  static var entries: [BackboneCatalogue.Entry] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.filter { !$0.contains(".partial-") }.sorted().compactMap { name in
      guard let card = try? card(name) else { return nil }
      return BackboneCatalogue.Entry(
        name: name, kind: .imported, path: "\(folder)/\(name)/\(graphName)", sha256: card.sha256,
        inputSize: card.description.nativeSize)
    }
  }

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

  /// Reads a network, finds its stages, and keeps a copy.
  public static func run(_ path: String, _ options: Options) throws(WorkflowError) -> ImportedBackbone.Card {
    do {
      guard FileManager.default.fileExists(atPath: path) else {
        throw WorkflowError(.noInput, "\(path): there is no such file; check the path")
      }
      guard let data = FileManager.default.contents(atPath: path) else {
        throw WorkflowError(.inputOutput, "\(path): it cannot be read; check its permissions")
      }
      let bytes = [UInt8](data)
      let model = try ONNXModel(bytes: bytes, source: path)
      let name = options.name ?? ((path as NSString).lastPathComponent as NSString).deletingPathExtension.lowercased()
      guard !name.isEmpty, !name.hasPrefix("."), !name.contains("/") else {
        throw WorkflowError(.usage, "\(name): not a name for a backbone; choose another with --name")
      }
      if BackboneCatalogue.entries.contains(where: { $0.name == name && $0.kind != .imported }) {
        throw WorkflowError(.usage, "\(name) is the name of a built-in backbone; choose another with --name")
      }
      let input = try imageInput(of: model, path)
      let taps = try stages(of: model, size: options.inputSize, path)
      let card = ImportedBackbone.Card(
        description: BackboneDescription(
          name: name, nativeSize: options.inputSize, licence: options.licence,
          source: "imported from \((path as NSString).lastPathComponent)"),
        sha256: SHA256Digest(of: bytes).hex, input: input, taps: taps,
        defaultTaps: defaults(taps, strides: [4, 8, 16, 32]),
        patchTaps: defaults(taps, strides: [8, 16]), normalisation: options.normalisation)
      try keep(card, data)
      return card
    } catch {
      throw WorkflowError(error)
    }
  }

  private static func imageInput(of model: ONNXModel, _ path: String) throws -> String {
    guard GraphBuilder.opsets.contains(model.opset) else {
      throw WorkflowError(
        .badData,
        "\(path): its operator set is \(model.opset), \(GraphBuilder.opsets.lowerBound) to "
          + "\(GraphBuilder.opsets.upperBound) can be read; export it again with one of them")
    }
    let images = model.inputs.filter { $0.shape.count == 4 && ($0.shape[1] == 3 || $0.shape[1] == -1) }
    guard model.inputs.count == 1, let input = images.first else {
      let found = model.inputs.map { "\($0.name) \($0.shape)" }.joined(separator: ", ")
      throw WorkflowError(
        .badData,
        "\(path): one image input [N, 3, H, W] is expected, it has \(found.isEmpty ? "none" : found); export "
          + "the network without pre- and post-processing")
    }
    return input.name
  }

  /// One tap for each resolution: of the widest values there, the last, activations before others.
  private static func stages(of model: ONNXModel, size: Int, _ path: String) throws -> [Tap] {
    let candidates = ImportedBackbone.candidates(in: model)
    guard !candidates.isEmpty else {
      throw WorkflowError(.badData, "\(path): no layers of a convolutional network were found in it; import another")
    }
    let exposed = ImportedBackbone.exposing(candidates.map(\.name), in: model)
    let shapes = try Network.shapes(onnx: try exposed.serialized(), inputShape: [1, 3, size, size])
    let activations: Set<String> = ["Relu", "Clip", "LeakyRelu", "HardSwish", "Mul", "Sigmoid", "PRelu", "Elu"]
    var best: [Int: (name: String, channels: Int, rank: Int)] = [:]
    for (name, operation) in candidates {
      guard let shape = shapes[name], shape.count == 4, shape[2] == shape[3], shape[2] > 1, shape[2] < size,
        size % shape[2] == 0
      else { continue }
      let stride = size / shape[2]
      let rank = activations.contains(operation) ? 1 : 0
      if let known = best[stride], known.channels > shape[1] || (known.channels == shape[1] && known.rank > rank) {
        continue
      }
      best[stride] = (name, shape[1], rank)
    }
    guard !best.isEmpty else {
      throw WorkflowError(
        .badData, "\(path): no value of it is a map whose side divides the input of \(size) pixels; try --input-size")
    }
    return best.sorted { $0.key < $1.key }.map { Tap(name: $0.value.name, channels: $0.value.channels, stride: $0.key) }
  }

  private static func defaults(_ taps: [Tap], strides: [Int]) -> [String] {
    let chosen = taps.filter { strides.contains($0.stride) }
    return (chosen.isEmpty ? taps : chosen).map(\.name)
  }

  private static func keep(_ card: ImportedBackbone.Card, _ graph: Data) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    let target = "\(folder)/\(card.description.name)"
    let staging = target + ".partial-\(getpid())"
    let files = FileManager.default
    do {
      try files.createDirectory(atPath: staging, withIntermediateDirectories: true)
      try graph.write(to: URL(fileURLWithPath: staging + "/" + graphName))
      try encoder.encode(card).write(to: URL(fileURLWithPath: staging + "/" + cardName))
      if files.fileExists(atPath: target) { try files.removeItem(atPath: target) }
      try files.moveItem(atPath: staging, toPath: target)
    } catch {
      try? files.removeItem(atPath: staging)
      throw WorkflowError(.inputOutput, "\(target): it cannot be written; check space and permissions")
    }
  }
}
