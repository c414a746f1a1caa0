import AssayBase
import AssayGraph
import AssayLearning
import AssayRuntime
import Testing

@Suite struct BundleBackboneTests {
  private static let specification = FeatureSpecification(
    taps: ["stage2", "stage3.expanded"], width: 64, height: 64)

  private func noise(_ count: Int, seed: UInt64, gain: Float = 1, offset: Float = 0) -> [Float] {
    var generator = SplitMix64(seed: seed)
    return (0..<count).map { _ in Float.random(in: 0...1, using: &generator) * gain + offset }
  }

  /// The network cut out of an inspector's graph, as `--backbone part.assay` does.
  private func cut(_ model: ONNXModel, _ original: any Backbone) throws -> BundleBackbone {
    let values = BundleBackbone.readValues(of: Self.specification.taps, in: model)
    #expect(Set(values.keys) == Set(Self.specification.taps))
    return BundleBackbone(
      try BundleBackbone.trunk(of: model, to: values.values.sorted()), values: values,
      taps: original.taps.filter { values[$0.name] != nil }, defaultTaps: Self.specification.taps,
      patchTaps: ["stage2"],
      sideStep: 32, description: original.description, weightsHash: "")
  }

  private func features(_ backbone: any Backbone, _ input: [Float]) throws -> [Float] {
    let graph = try FeatureGraph.build(backbone, Self.specification).serialized()
    return try #require(
      Network(onnx: graph, inputShape: [1, 3, 64, 64], mode: .latency, engines: .automatic).run(input)["features"]
    ).values
  }

  @Test func givesTheBundlesFeatures() throws {
    let original = try Weights.load(.lite0)
    let dimension = Self.specification.dimension(of: original)
    let head = LinearHead(
      weights: [Float](repeating: 0.01, count: 2 * dimension), bias: [0, 0],
      center: [Float](repeating: 0, count: dimension))
    let inspector = try InspectorGraph.build(original, Self.specification, head: head)
    let once = try cut(inspector, original)
    #expect(once.model.proto.graph.node.count < inspector.proto.graph.node.count)
    let input = noise(3 * 64 * 64, seed: 1)
    let expected = try features(original, input)
    #expect(try features(once, input) == expected)
    // And out of a bundle that was made of a bundle.
    let again = try cut(try InspectorGraph.build(once, Self.specification, head: head), original)
    #expect(try features(again, input) == expected)
    #expect(again.model.constant("no such constant") == nil)
  }

  /// With full trust the adapted network's channels have the source's means and variances on the very images that it was
  /// adapted to, whichever layer they lie behind: what batch normalisation does in training.
  @Test(arguments: [false, true])
  func channelsBecomeTheSources(isSeparate: Bool) throws {
    let loaded = try Weights.load(.lite0)
    let original: any Backbone = isSeparate ? loaded.trainable : loaded
    var builder = GraphBuilder(name: "trunk")
    let image = builder.input("image", shape: [3, 64, 64])
    let taps = try original.write(to: &builder, image: image, taps: ["stage2"])
    builder.declareOutput(try #require(taps["stage2"]))
    let model = builder.model()
    let candidates = ChannelStatistics.candidates(in: model)
    let shapes = try Network.shapes(
      onnx: ImportedBackbone.exposing(candidates, in: model).serialized(), inputShape: [1, 3, 64, 64],
      engines: .automatic)
    let places = ChannelStatistics.places(in: model, shapes: shapes)
    #expect(places.count == 9, "stem, 2 of the first block, 3 of each of the next two")
    func measured(_ graph: ONNXModel, _ input: [Float]) throws -> ChannelStatistics {
      let output = try Network(
        onnx: graph.serialized(), inputShape: [4, 3, 64, 64], mode: .latency, engines: .automatic
      ).run(input)
      return ChannelStatistics(
        mean: try #require(output[ChannelStatistics.meanOutput]).values,
        variance: try #require(output[ChannelStatistics.varianceOutput]).values)
    }
    let plain = ChannelStatistics.measuring(model, places)
    let source = try measured(plain, noise(4 * 3 * 64 * 64, seed: 2))
    let target = noise(4 * 3 * 64 * 64, seed: 3, gain: 0.5, offset: 0.3)
    let before = try measured(plain, target)
    let own = try measured(ChannelStatistics.measuring(model, places, bringingTo: source), target)
    let folded = try own.folded(into: model, places, source: source, trust: 1)
    let after = try measured(ChannelStatistics.measuring(folded, places), target)
    var (far, near) = (0.0, 0.0)
    for channel in source.mean.indices {
      far += Double(abs(before.mean[channel] - source.mean[channel]))
      near += Double(abs(after.mean[channel] - source.mean[channel]))
    }
    #expect(near < 0.02 * far, "\(near) of \(far)")
    // No trust changes nothing.
    let untouched = try own.folded(into: model, places, source: source, trust: 0)
    let same = try measured(ChannelStatistics.measuring(untouched, places), target)
    for channel in source.mean.indices { #expect(abs(same.mean[channel] - before.mean[channel]) < 1e-3) }
  }
}
