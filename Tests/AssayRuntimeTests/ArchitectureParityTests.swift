import AssayGraph
import AssayRuntime
import Foundation
import Testing

/// All published architectures against PyTorch in double precision: values at every tap, at two sizes, on weights that
/// follow from a formula. Fixtures/architectures.py says how the figures were made, from torchvision, timm and DINOv2.
@Suite(.serialized) struct ArchitectureParityTests {
  struct TapFigures: Decodable {
    let shape: [Int]
    let norm: Double
    let samples: [Double]
  }

  struct Run: Decodable {
    let height: Int
    let width: Int
    let taps: [String: TapFigures]
  }

  private static let fixtures: [String: [Run]] = {
    let url = Bundle.module.url(forResource: "Fixtures/architectures", withExtension: "json")!
    return try! JSONDecoder().decode([String: [Run]].self, from: Data(contentsOf: url))
  }()

  /// Of the norm, and of each value relative to the map's largest. PyTorch's own single precision is off by up to 1.6e-4 of
  /// the root mean square (ResNet v2 with group normalisation).
  private static let tolerance = 1e-4

  /// By the fixture's name: network, whose names, and a convention of padding where it is not the names' own.
  static func network(_ fixture: String) throws -> any Architecture {
    let words = fixture.split(separator: " ").map(String.init)
    let (name, naming) = (words[0], words[1])
    if let variant = ResNet.Variant(rawValue: name) { return ResNet(variant) }
    if let variant = InvertedResidualNetwork.Variant(rawValue: name) {
      let convention = words.dropFirst(2).first.flatMap { InvertedResidualNetwork.Convention(rawValue: String($0)) }
      #expect((convention != nil) == (words.count > 2))
      return InvertedResidualNetwork(
        variant, naming: try #require(.init(rawValue: naming)), convention: convention)
    }
    if let variant = ConvNeXt.Variant(rawValue: name) {
      return ConvNeXt(variant, naming: try #require(.init(rawValue: naming)))
    }
    switch name {
    case "resnetv2-50": return ResNetV2(.fifty, .batch)
    case "resnetv2-50-bit": return ResNetV2(.fifty, .groups)
    case "vgg16", "vgg16-bn": return VGG(.sixteen, hasBatchNormalisation: name.hasSuffix("bn"))
    case "vgg19", "vgg19-bn": return VGG(.nineteen, hasBatchNormalisation: name.hasSuffix("bn"))
    case "inception-v3": return InceptionV3()
    case "vit-s16": return VisionTransformer(.init(width: 384, patch: 16, gridSide: 14), naming: .timm)
    case "vit-b16": return VisionTransformer(.init(width: 768, patch: 16, gridSide: 14), naming: .torchvision)
    default:
      let registers = name.hasSuffix("registers") ? 4 : 0
      return VisionTransformer(
        .init(
          width: name.contains("-s14") ? 384 : 768, patch: 14, gridSide: 37, registers: registers, hasLayerScale: true,
          hasClassPosition: naming == "dinov2" || registers == 0), naming: try #require(.init(rawValue: naming)))
    }
  }

  @Test func everyNetworkThatIsKnownIsCompared() throws {
    let compared = Set(try Self.fixtures.keys.map { try Self.network($0).name })
    var known = Set(ResNet.Variant.allCases.map(\.rawValue) + InvertedResidualNetwork.Variant.allCases.map(\.rawValue))
    known.formUnion(["convnext-tiny", "inception-v3", "vgg16", "vgg16-bn", "vgg19", "vgg19-bn", "vit-s16", "vit-b16"])
    known.formUnion(["resnetv2-50", "resnetv2-50-bit"])
    known.formUnion(["s14", "b14", "s14-registers", "b14-registers"].map { "dinov2-" + $0 })
    #expect(known.subtracting(compared).isEmpty)
  }

  @Test(arguments: fixtures.keys.sorted(), EngineKind.allCases)
  func agreesWithPyTorch(_ name: String, _ kind: EngineKind) throws {
    let network = try Self.network(name)
    #expect(name.hasPrefix(network.name + " "))
    let weights = SeededWeights(seed: 1, gain: 1.25)
    let backbone = PretrainedBackbone(
      network, weights: weights,
      description: .init(name: network.name, nativeSize: network.nativeSize, licence: "none", source: "seeded"),
      weightsHash: "")
    for run in try #require(Self.fixtures[name]) {
      let (height, width) = (run.height, run.width)
      #expect(Set(run.taps.keys) == Set(network.taps.map(\.name)))
      var builder = GraphBuilder(name: name)
      let image = builder.input("image", shape: [3, height, width])
      let values = try backbone.write(to: &builder, image: image, taps: Set(network.taps.map(\.name)))
      for tap in network.taps { builder.output(try #require(values[tap.name]), as: "tap." + tap.name) }
      let compiled = try Network(
        onnx: try builder.model().serialized(), inputShape: [1, 3, height, width], mode: .latency,
        engines: Engines(kind))
      let pixels = SeededWeights(seed: 1).uniform("input", count: 3 * height * width).map { (1 + $0) / 2 }
      let outputs = try compiled.run(pixels)
      for (tap, expected) in run.taps {
        let own = try #require(outputs["tap." + tap])
        #expect(own.shape == [1] + expected.shape && values[tap]?.shape == expected.shape, "\(tap)")
        #expect(network.taps.first { $0.name == tap }?.channels == expected.shape[0])
        let norm = own.values.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
        #expect(abs(norm / expected.norm - 1) < Self.tolerance, "\(tap) at \(height) x \(width)")
        let scale = own.values.reduce(0) { max($0, abs(Double($1))) }
        for (index, sample) in expected.samples.enumerated() {
          let value = Double(own.values[index * own.values.count / expected.samples.count])
          #expect(
            abs(value - sample) < Self.tolerance * scale,
            "\(tap) at \(height) x \(width), sample \(index)")
        }
      }
    }
  }
}
