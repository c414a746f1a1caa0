import AssayGraph
import AssayWeights
import Synchronization
import Testing

/// Notes what a network asks for: the state dict that it would have.
private final class Shapes: WeightSource {
  private let found = Mutex<[String: [Int]]>([:])

  func tensor(_ name: String, shape: [Int]) -> StateDict.Tensor {
    found.withLock { $0[name] = shape }
    return StateDict.Tensor(shape: shape, values: [Float](repeating: 0, count: shape.reduce(1, *)))
  }

  /// - Parameter extra: what else the file has.
  static func state(of network: some Architecture, extra: [String: [Int]] = [:]) throws -> StateDict {
    let shapes = Shapes()
    var builder = GraphBuilder(name: "g")
    let image = builder.input("image", shape: [3, 112, 112])
    _ = try network.write(to: &builder, image: image, weights: shapes)
    let all = shapes.found.withLock { $0 }.merging(extra) { $1 }
    let tensors = all.mapValues { shape in
      StateDict.Tensor(shape: shape, values: [Float](repeating: 0, count: shape.reduce(1, *)))
    }
    return StateDict(source: "download.pth", tensors: tensors)
  }
}

@Suite struct RecognitionTests {
  /// With what classifiers of the publishers are called.
  static let networks: [(network: any Architecture, classifier: String)] =
    [
      (ResNet(.resnet18), "fc.weight"), (ResNet(.resnet34), "fc.weight"), (ResNet(.resnet50), "fc.weight"),
      (ResNet(.wideResNet50), "fc.weight"), (ResNetV2(.fifty, .batch), "head.fc.weight"),
      (ResNetV2(.fifty, .groups), "head.fc.weight"),
      (VGG(.sixteen, hasBatchNormalisation: false), "classifier.0.weight"),
      (VGG(.nineteen, hasBatchNormalisation: true), "pre_logits.fc1.weight"),
      (InceptionV3(), "AuxLogits.conv0.conv.weight"), (ConvNeXt(.tiny, naming: .torchvision), "classifier.2.weight"),
      (ConvNeXt(.tiny, naming: .timm), "head.norm.weight"), (ConvNeXt(.tiny, naming: .original), "norm.weight"),
      (VisionTransformer(.init(width: 384, patch: 16, gridSide: 14), naming: .timm), "head.weight"),
      (
        VisionTransformer(.init(width: 384, patch: 14, gridSide: 37, hasLayerScale: true), naming: .dinov2),
        "mask_token"
      ),
      (
        VisionTransformer(
          .init(width: 384, patch: 14, gridSide: 37, registers: 4, hasLayerScale: true), naming: .dinov2),
        "mask_token"
      ),
      (
        VisionTransformer(
          .init(width: 384, patch: 14, gridSide: 37, registers: 4, hasLayerScale: true, hasClassPosition: false),
          naming: .timm), "head.weight"
      ),
      (VisionTransformer(.init(width: 384, patch: 16, gridSide: 14), naming: .earlyTorchvision), "heads.head.weight"),
    ]
    + InvertedResidualNetwork.Variant.allCases.flatMap { variant in
      InvertedResidualNetwork.Naming.allCases.filter { $0 != .original || variant.rawValue.hasPrefix("eff") }.filter {
        // torchvision has no EfficientNet-Lite, and other networks have no names of their own there.
        $0 != .torchvision || !variant.rawValue.contains("lite")
      }.map { (InvertedResidualNetwork(variant, naming: $0), $0 == .original ? "_fc.weight" : "classifier.weight") }
    }

  @Test(arguments: networks.indices)
  func byContent(index: Int) throws {
    let (network, classifier) = Self.networks[index]
    let state = try Shapes.state(of: network, extra: [classifier: [10, 4], "any.bn.num_batches_tracked": []])
    let found = try NetworkRecognition.network(of: state)
    #expect(found.name == network.name)
    #expect(String(describing: found) == String(describing: network), "naming and sizes too")
  }

  private func cause(_ state: StateDict) -> String {
    do {
      return "taken for " + (try NetworkRecognition.network(of: state).name)
    } catch {
      return error.description
    }
  }

  @Test func whatIsNotKnownIsListed() throws {
    let unknown = StateDict(
      source: "mine.pth",
      tensors: ["encoder.0.weight": .init(shape: [2, 3], values: [Float](repeating: 0, count: 6))])
    let message = cause(unknown)
    #expect(
      message.contains("mine.pth: its network is not known; seen were 1 tensors in encoder: encoder.0.weight [2, 3]"))
    #expect(message.contains("DINOv2"))
  }

  /// Tensors of no dimension in the places that networks are told by: a file of weights may hold anything.
  @Test func scalarsInTheirPlaces() {
    var state: [String: StateDict.Tensor] = [
      "conv1.weight": .init(shape: [64, 3, 7, 7], values: [Float](repeating: 0, count: 64 * 3 * 49))
    ]
    for (layer, blocks) in [3, 4, 6, 3].enumerated() {
      for block in 0..<blocks {
        for part in ["conv1", "conv3"] {
          state["layer\(layer + 1).\(block).\(part).weight"] = .init(shape: [], values: [0])
        }
      }
    }
    let residual = StateDict(source: "odd.pth", tensors: state)
    #expect(throws: WeightsError.self) { try NetworkRecognition.network(of: residual) }
    let scalar = StateDict.Tensor(shape: [], values: [0])
    let scalars = ["stem.0.weight": scalar, "stages.0.blocks.0.mlp.fc1.weight": scalar]
    #expect(throws: WeightsError.self) {
      try NetworkRecognition.network(of: StateDict(source: "odd.pth", tensors: scalars))
    }
  }

  /// Networks that contain a known one, or differ from it in a shape: never taken for it.
  @Test func relativesAreNotMistaken() throws {
    let excited = try Shapes.state(of: ResNet(.resnet18), extra: ["layer1.0.se.fc1.weight": [4, 64, 1, 1]])
    #expect(cause(excited).contains("looks like resnet18, but 1 of its tensors"))
    var tensors = try Shapes.state(of: ResNet(.resnet50)).tensors
    tensors["layer1.0.conv2.weight"] = .init(shape: [64, 2, 3, 3], values: [Float](repeating: 0, count: 64 * 18))
    #expect(cause(StateDict(source: "x", tensors: tensors)).contains("layer1.0.conv2.weight has shape [64, 2, 3, 3]"))
    var cut = try Shapes.state(of: ResNet(.resnet34)).tensors
    for name in cut.keys where name.hasPrefix("layer3.5") { cut[name] = nil }
    #expect(cause(StateDict(source: "x", tensors: cut)).contains("is not known"))
  }

  @Test func paddingIsOnlyAskedOfNetworksThatHaveAChoice() throws {
    let state = try Shapes.state(of: ResNet(.resnet18))
    #expect(throws: WeightsError.self) { try NetworkRecognition.network(of: state, convention: .same) }
    let mobile = try Shapes.state(of: InvertedResidualNetwork(.mobileNetV3Small, naming: .timm))
    let same = try NetworkRecognition.network(of: mobile, convention: .same) as? InvertedResidualNetwork
    #expect(same?.convention == .same)
  }

  @Test func hashesInNames() {
    #expect(PublishedWeights.hashPrefix(inName: "/a/resnet50-0676ba61.pth") == "0676ba61")
    #expect(PublishedWeights.hashPrefix(inName: "resnet50-20240131.pth") == nil, "a date")
    #expect(PublishedWeights.hashPrefix(inName: "resnet50-20249931.pth") == "20249931")
    #expect(PublishedWeights.hashPrefix(inName: "vit-small.pth") == nil)
    #expect(PublishedWeights.hashPrefix(inName: "dinov2_vits14_pretrain.pth") == nil)
    #expect(PublishedWeights.file(withHash: "0676ba61" + String(repeating: "0", count: 56))?.network == "resnet50")
    #expect(PublishedWeights.file(withHash: String(repeating: "0", count: 64)) == nil)
    for published in PublishedWeights.all where published.file.contains("-") && !published.file.contains("/") {
      #expect(published.hashPrefix != nil, "\(published.file)")
    }
  }
}
