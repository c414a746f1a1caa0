public import AssayBase
public import AssayBundle
public import AssayGraph
import AssayImage
import AssayRuntime
import Foundation

/// Bundles as backbones: `--backbone other.assay`.
public enum BundleBackbones {
  /// Whether a backbone's name is the folder of a bundle.
  public static func isBundle(_ name: String) -> Bool {
    name.hasSuffix(".assay") || FileManager.default.fileExists(atPath: name + "/manifest.json")
  }

  /// What loads the backbone that a bundle was trained with: its name, or the bundle itself where the weights are nowhere
  /// else.
  public static func name(for bundle: ModelBundle) -> String {
    bundle.manifest.network.backbone.origin == nil ? bundle.manifest.network.backbone.name : bundle.path
  }

  /// A fine-tuned bundle's own network; of a bundle whose backbone was left as it was that backbone, from the catalogue
  /// where it is installed, else from the bundle.
  public static func load(_ path: String) throws(WorkflowError) -> any Backbone {
    let bundle: ModelBundle
    do throws(BundleError) { bundle = try ModelBundle(path: path) } catch { throw WorkflowError(error) }
    let network = bundle.manifest.network
    if !hasOwnWeights(bundle.manifest), network.backbone.origin == nil, let known = published(network) { return known }
    return try cut(bundle)
  }

  private static func hasOwnWeights(_ manifest: Manifest) -> Bool {
    !manifest.training.method.keepsBackbone || manifest.adaptation?.changesNetwork == true
  }

  /// The very weights that the bundle's training began with, when they are installed.
  private static func published(_ network: Manifest.Network) -> (any Backbone)? {
    // Where they cannot be loaded, the bundle's own will do.
    guard let entry = BackboneCatalogue.entries.first(where: { $0.name == network.backbone.name }), entry.isInstalled,
      let backbone = try? BackboneCatalogue.load(entry.name), backbone.weightsHash == network.weightsSHA256
    else { return nil }
    return backbone
  }

  /// What leads to the depths that the bundle reads, and to the backbone's other depths where they can be told.
  package static func cut(_ bundle: ModelBundle) throws(WorkflowError) -> BundleBackbone {
    do {
      let manifest = bundle.manifest
      let network = manifest.network
      let model = try bundle.graph().upgraded(source: bundle.path)
      let read = network.features?.taps ?? manifest.kind.spec.taps
      var values = BundleBackbone.readValues(of: read, in: model)
      guard !read.isEmpty, read.allSatisfy({ values[$0] != nil }) else {
        throw WorkflowError(
          .badData, "\(bundle.path): the depths of its backbone cannot be found in its graph; train it again")
      }
      // Whatever its weights: it tells the names of depths, and shapes are compared.
      let original = BackboneCatalogue.entries.first { $0.name == network.backbone.name && $0.isInstalled }
        .flatMap { try? BackboneCatalogue.load($0.name) }
      let side = manifest.preprocessing.width
      for (tap, value) in others(of: original, side: side, in: model) where values[tap] == nil { values[tap] = value }
      let trunk = try BundleBackbone.trunk(of: model, to: values.values.sorted())
      // Shapes are the same in every engine.
      let shapes = try Network.shapes(
        onnx: trunk.serialized(), inputShape: [1, 3, side, side], engines: .automatic)
      let taps = taps(values, shapes, original, side: side, in: model)
      let known = Set(taps.map(\.name))
      guard read.allSatisfy(known.contains) else {
        throw WorkflowError(.badData, "\(bundle.path): a depth of its backbone is no map of features; train it again")
      }
      let origin =
        hasOwnWeights(manifest) || network.backbone.origin == nil
        ? BackboneOrigin(
          bundle: URL(fileURLWithPath: bundle.path).lastPathComponent, sha256: bundle.identity,
          training: words(manifest))
        : network.backbone.origin
      let description = BackboneDescription(
        name: network.backbone.name, nativeSize: side, licence: network.backbone.licence,
        source: network.backbone.source, origin: origin)
      let patches = (original?.patchTaps ?? manifest.kind.spec.taps).filter(known.contains)
      return BundleBackbone(
        trunk, values: values, taps: taps, defaultTaps: read,
        patchTaps: patches.isEmpty
          ? (taps.filter { $0.stride <= 16 }.map(\.name) + [read[0]]).prefix(1).map { $0 } : patches,
        sideStep: original?.sideStep ?? 32, description: description,
        weightsHash: hasOwnWeights(manifest)
          ? manifest.files[ModelBundle.modelName]?.sha256 ?? "" : network.weightsSHA256)
    } catch {
      throw WorkflowError(error)
    }
  }

  private static func words(_ manifest: Manifest) -> String {
    let training = manifest.training
    let images = training.counts.values.reduce(0, +)
    let kinds = training.counts.isEmpty ? "measured parts" : training.counts.keys.sorted().joined(separator: ", ")
    return "\(images) images (\(kinds)), method \(training.method.rawValue)"
  }

  /// Depths that the bundle does not read but its graph has: under the names that the original network gives them, as it is
  /// or as it is trained.
  private static func others(
    of original: (any Backbone)?, side: Int, in model: ONNXModel
  ) -> [(tap: String, value: String)] {
    guard let original else { return [] }
    // A network that was cut out or trained further has prefixes before its names.
    var made: [String: String] = [:]
    for value in BundleBackbone.madeValues(in: model).sorted() {
      var name = Substring(value)
      while name.hasPrefix("trunk.") || name.hasPrefix("tuned.") { name = name.dropFirst(6) }
      made[String(name)] = value
    }
    var found: [(String, String)] = []
    for network in [original, original.trainable] {
      var builder = GraphBuilder(name: "names", opset: network.opset)
      let image = builder.input("image", shape: [3, side, side])
      let all = Set(network.taps.map(\.name))
      // A form of the network that cannot be written tells no names.
      guard let values = try? network.write(to: &builder, image: image, taps: all) else { continue }
      for (tap, value) in values.sorted(by: { $0.key < $1.key }) {
        if let name = made[value.name] { found.append((tap, name)) }
      }
    }
    return found
  }

  /// In the graph's order, with what the shapes tell.
  private static func taps(
    _ values: [String: String], _ shapes: [String: [Int]], _ original: (any Backbone)?, side: Int, in model: ONNXModel
  ) -> [Tap] {
    let order = Dictionary(
      model.proto.graph.node.enumerated().flatMap { index, node in node.output.map { ($0, index) } },
      uniquingKeysWith: { first, _ in first })
    let known = original?.taps ?? []
    return values.sorted { (order[$0.value] ?? 0, $0.key) < (order[$1.value] ?? 0, $1.key) }.compactMap { name, value in
      guard let shape = shapes[value], shape.count == 4, shape[2] > 0 else { return nil }
      let stride = shape[2] == 1 && side > 64 ? Tap.wholeImage : (side + shape[2] - 1) / shape[2]
      if let own = known.first(where: { $0.name == name }), own.channels == shape[1],
        (side + own.stride - 1) / own.stride == shape[2]
      {
        return own
      }
      return Tap(name: name, channels: shape[1], stride: stride)
    }
  }
}
