public import AssayBase
public import AssayGraph
public import AssayRuntime
import AssayWeights
import Foundation

/// Brings a network into the catalogue: published weights, or a graph of the user's own.
public enum BackboneImport {
  public struct Options: Sendable {
    /// Name in the catalogue; nil for the network's, or a graph's file's.
    public var name: String?
    /// Side of the square input in pixels; nil for the network's own, or 224.
    public var inputSize: Int?
    /// nil for what the weights want, or ImageNet's for a graph.
    public var normalisation: ImportedBackbone.Normalisation?
    /// nil for the publisher's where the file is known, else "unknown".
    public var licence: String?
    /// Of EfficientNet and MobileNet, where it is not the publisher's.
    public var convention: InvertedResidualNetwork.Convention?
    /// Whether the network is timed.
    public var isTimed: Bool
    /// What runs networks.
    public var engines: Engines

    public init(
      name: String? = nil, inputSize: Int? = nil, normalisation: ImportedBackbone.Normalisation? = nil,
      licence: String? = nil, convention: InvertedResidualNetwork.Convention? = nil, isTimed: Bool = true,
      engines: Engines = .automatic
    ) {
      self.name = name
      self.inputSize = inputSize
      self.normalisation = normalisation
      self.licence = licence
      self.convention = convention
      self.isTimed = isTimed
      self.engines = engines
    }
  }

  package static let unknownLicence = "unknown"

  /// Reads a network, finds out what it is, and keeps a copy. Nothing in the file is run.
  /// - Parameter askLicence: called when neither the options nor the publisher's list say it; nil leaves it unknown.
  public static func run(
    _ path: String, _ options: Options, askLicence: () -> String? = { nil }
  ) throws(WorkflowError) -> ImportedNetwork {
    do {
      let bytes = try read(path)
      let hash = SHA256Digest(of: bytes).hex
      try checkName(path, hash)
      if StateDict.isRecognised(bytes) || isNamedAsWeights(path) {
        return try importWeights(path, bytes, hash, options, askLicence)
      }
      return try importGraph(path, bytes, options, askLicence)
    } catch let error as WeightsError {
      throw WorkflowError(.badData, error.description)
    } catch {
      throw WorkflowError(error)
    }
  }

  private static func read(_ path: String) throws -> [UInt8] {
    let files = FileManager.default
    var isFolder: ObjCBool = false
    guard files.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw WorkflowError(.noInput, "\(path): there is no such file; check the path")
    }
    let kind = try? files.attributesOfItem(atPath: (path as NSString).resolvingSymlinksInPath)[.type]
    guard !isFolder.boolValue, kind as? FileAttributeType == .typeRegular else {
      throw WorkflowError(.noInput, "\(path): it is not a file; name the file of weights itself")
    }
    guard let data = files.contents(atPath: path) else {
      throw WorkflowError(.inputOutput, "\(path): it cannot be read; check its permissions")
    }
    return [UInt8](data)
  }

  private static func isNamedAsWeights(_ path: String) -> Bool {
    ["pth", "pt", "bin", "safetensors", "tar"].contains(path.pathExtension.lowercased())
  }

  /// Publishers put the beginning of the file's SHA-256 into its name.
  private static func checkName(_ path: String, _ hash: String) throws {
    guard let prefix = PublishedWeights.hashPrefix(inName: path), !hash.hasPrefix(prefix) else { return }
    throw WorkflowError(
      .badData,
      "\(path): its SHA-256 begins with \(hash.prefix(prefix.count)), its name says \(prefix); download it again, or rename "
        + "it if the digits are something else")
  }

  private static func importWeights(
    _ path: String, _ bytes: [UInt8], _ hash: String, _ options: Options, _ askLicence: () -> String?
  ) throws -> ImportedNetwork {
    let state = try StateDict(bytes: bytes, source: path)
    let published = PublishedWeights.file(withHash: hash)
    let convention = options.convention ?? published?.convention
    let network = try NetworkRecognition.network(of: state, convention: convention)
    if options.convention != nil, !(network is InvertedResidualNetwork) {
      throw WorkflowError(
        .usage, "--padding is for EfficientNet and MobileNet, and \(path) is \(network.name); leave it out")
    }
    let size = options.inputSize ?? published?.inputSize ?? network.nativeSize
    let description = BackboneDescription(
      name: try checked(options.name ?? network.name), nativeSize: size,
      licence: options.licence ?? published?.licence ?? askLicence() ?? unknownLicence,
      source: published.map { "\($0.publisher), \($0.file)" } ?? "imported from \(path.lastPathComponent)"
    )
    let normalisation = options.normalisation ?? published?.normalisation ?? network.normalisation
    let backbone = PretrainedBackbone(
      network, weights: state, description: description, weightsHash: hash, normalisation: normalisation)
    _ = try FeatureSpecification(taps: backbone.defaultTaps, width: backbone.inputSize, height: backbone.inputSize)
      .validated(for: backbone)
    let imported = ImportedNetwork(
      description: description, sha256: hash, architecture: network.name,
      parameters: try ParameterInventory(of: network, in: state).parameters, taps: backbone.taps,
      defaultTaps: backbone.defaultTaps, patchTaps: backbone.patchTaps, normalisation: normalisation,
      convention: (network as? InvertedResidualNetwork)?.convention.rawValue,
      evaluation: published.map {
        "shorter side to \($0.resizedTo) pixels, the middle \($0.inputSize) x \($0.inputSize) of it"
      }, milliseconds: options.isTimed ? try time(backbone, options.engines) : nil)
    try BackboneLibrary.keep(imported, file: bytes, card: nil)
    return imported
  }

  private static func importGraph(
    _ path: String, _ bytes: [UInt8], _ options: Options, _ askLicence: () -> String?
  ) throws -> ImportedNetwork {
    guard options.convention == nil else {
      throw WorkflowError(.usage, "--padding is for weights, and \(path) is a graph, which says itself how it pads")
    }
    let (model, stored) = try readGraph(bytes, path: path)
    let file = path.lastPathComponent.deletingPathExtension.lowercased()
    let name = try checked(options.name ?? file)
    let input = try GraphStages.imageInput(of: model, path)
    let size = options.inputSize ?? GraphStages.fixedSide(of: model) ?? 224
    let taps = try GraphStages.taps(of: model, size: size, path, options.engines)
    let card = ImportedBackbone.Card(
      description: BackboneDescription(
        name: name, nativeSize: size, licence: options.licence ?? askLicence() ?? unknownLicence,
        source: "imported from \(path.lastPathComponent)"),
      sha256: SHA256Digest(of: stored).hex, input: input, taps: taps,
      defaultTaps: GraphStages.defaults(taps, strides: [4, 8, 16, 32]),
      patchTaps: GraphStages.defaults(taps, strides: [8, 16]), normalisation: options.normalisation ?? .imageNet)
    let constants = model.proto.graph.initializer.filter { $0.dataType == 1 }
    let imported = ImportedNetwork(
      description: card.description, sha256: card.sha256,
      parameters: constants.reduce(0) { $0 + $1.dims.reduce(1) { $0 * Int($1) } }, taps: taps,
      defaultTaps: card.defaultTaps, patchTaps: card.patchTaps, normalisation: card.normalisation,
      milliseconds: options.isTimed ? try time(ImportedBackbone(card, model: model), options.engines) : nil)
    try BackboneLibrary.keep(imported, file: stored, card: card)
    return imported
  }

  /// A foreign graph as the rest of the program takes it: whole, checked, its weights finite, in the operator set that
  /// everything is written in.
  /// - Returns: and the bytes to keep: the file's own, or with the data of its constants in them.
  package static func readGraph(_ bytes: [UInt8], path: String) throws -> (model: ONNXModel, stored: [UInt8]) {
    var model = try ONNXModel(bytes: bytes, source: path)
    var stored = bytes
    if model.hasExternalData {
      model = try model.readingExternalData(in: path.deletingLastPathComponent, source: path)
      stored = try model.serialized()
    }
    try ONNXInspection.check(model, source: path)
    try model.checkFiniteWeights(source: path)
    return (try model.upgraded(source: path), stored)
  }

  private static func checked(_ name: String) throws -> String {
    guard !name.isEmpty, !name.hasPrefix("."), !name.contains("/"), !name.contains(".partial-") else {
      throw WorkflowError(.usage, "\(name): not a name for a backbone; choose another with --name")
    }
    let isOwn = BackboneCatalogue.entries.contains { entry in
      if case .efficientNetLite = entry.kind { entry.name == name } else { false }
    }
    guard !isOwn else {
      throw WorkflowError(.usage, "\(name) is the name of a built-in backbone; choose another with --name")
    }
    return name
  }

  /// Median of some runs of one image on all cores, in milliseconds.
  private static func time(_ backbone: any Backbone, _ engines: Engines) throws -> Double {
    let size = backbone.inputSize
    let graph = try FeatureGraph.build(
      backbone, FeatureSpecification(taps: backbone.defaultTaps, width: size, height: size))
    let network = try Network(
      onnx: try graph.serialized(), inputShape: [1, 3, size, size], mode: .latency, engines: engines)
    let request = try network.makeRequest()
    for _ in 0..<2 { try request.run() }
    var times: [Double] = []
    let begin = Clock.milliseconds
    while times.count < 5 || (Clock.milliseconds - begin < 1000 && times.count < 50) {
      let start = Clock.milliseconds
      try request.run()
      times.append(Clock.milliseconds - start)
    }
    return times.sorted()[times.count / 2]
  }
}
