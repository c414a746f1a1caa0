import AssayGraph
import AssayWeights
import Testing

/// Stands in for weights where only names and shapes matter.
private struct Blank: WeightSource {
  func tensor(_ name: String, shape: [Int]) -> StateDict.Tensor {
    StateDict.Tensor(shape: shape, values: [Float](repeating: 0, count: shape.reduce(1, *)))
  }
}

/// The tensors of a graph that a state dict has too.
private struct StoredState {
  let shapes: [String: [Int]]

  init(_ model: ONNXModel) {
    let endings = [".weight", ".bias", ".running_mean", ".running_var"]
    let tensors = model.proto.graph.initializer.filter { tensor in endings.contains { tensor.name.hasSuffix($0) } }
    shapes = Dictionary(uniqueKeysWithValues: tensors.map { ($0.name, $0.dims.map { Int($0) }) })
  }

  /// Elements of what is trained.
  var parameters: Int {
    shapes.filter { !$0.key.contains(".running_") }.reduce(0) { $0 + $1.value.reduce(1, *) }
  }

  /// FNV-1a, 64 bits, of the sorted lines `NAME [A, B, C, D]`.
  var fingerprint: UInt64 {
    shapes.map { "\($0.key) \($0.value)\n" }.sorted().joined().utf8
      .reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
  }
}

private func whole(_ network: some Architecture, side: Int) throws -> (model: ONNXModel, taps: [String: GraphValue]) {
  var builder = GraphBuilder(name: network.name)
  let image = builder.input("image", shape: [3, side, side])
  let taps = try network.write(to: &builder, image: image, weights: Blank())
  return (builder.model(), taps)
}

@Suite struct ArchitectureTests {
  // Parameters as published for torchvision's networks, less the classifier's and the auxiliary head's; fingerprints from
  // torchvision 0.29:
  //   state = {k: v for k, v in net.state_dict().items() if not k.endswith("num_batches_tracked")}
  //   fnv1a("".join(sorted(f"{k} {list(v.shape)}\n" for k, v in state.items())))
  static let published: [(network: any Architecture, parameters: Int, tensors: Int, fingerprint: UInt64)] = [
    (ResNet(.resnet18), 11_176_512, 100, 0x1FFD_66DC_98BF_80D7),
    (ResNet(.resnet34), 21_284_672, 180, 0x3830_31AC_CB74_6511),
    (ResNet(.resnet50), 23_508_032, 265, 0x5D01_5959_A523_89F2),
    (ResNet(.resnet101), 42_500_160, 520, 0x74D9_E333_B254_53B1),
    (ResNet(.resnet152), 58_143_808, 775, 0x91BF_F8D2_B143_3519),
    (ResNet(.wideResNet50), 66_834_240, 265, 0x9AE6_34F4_7C42_330E),
    (VGG(.sixteen, hasBatchNormalisation: false), 14_714_688, 26, 0xFF65_0258_BC7E_69D2),
    (VGG(.sixteen, hasBatchNormalisation: true), 14_723_136, 78, 0x46B3_EBE4_093D_CFFF),
    (VGG(.nineteen, hasBatchNormalisation: false), 20_024_384, 32, 0x8D86_FC2C_6C09_C6DA),
    (VGG(.nineteen, hasBatchNormalisation: true), 20_035_392, 96, 0x38BE_49A5_C131_2FF8),
    (InvertedResidualNetwork(.mobileNetV2), 2_223_872, 260, 0x7826_4A5C_0948_BA0F),
    (InceptionV3(), 21_785_568, 470, 0x94B2_BF77_AAB0_D656),
  ]

  @Test(arguments: published.indices)
  func parametersAreThoseOfTorchvision(index: Int) throws {
    let (network, parameters, tensors, fingerprint) = Self.published[index]
    let state = StoredState(try whole(network, side: 96).model)
    #expect(state.parameters == parameters, "\(network.name)")
    #expect(state.shapes.count == tensors, "\(network.name)")
    #expect(state.fingerprint == fingerprint, "\(network.name)")
  }

  /// Padded networks give image / stride positions.
  @Test(arguments: published.indices)
  func tapsAreAsDescribed(index: Int) throws {
    let network = Self.published[index].network
    #expect(network.taps.last?.name == "features")
    guard !(network is InceptionV3) else { return }
    let (_, values) = try whole(network, side: 96)
    #expect(values.count == network.taps.count)
    for tap in network.taps {
      #expect(
        values[tap.name]?.shape == [tap.channels, 96 / tap.stride, 96 / tap.stride], "\(network.name) \(tap.name)")
    }
  }

  /// Szegedy et al. 2016, table 1: 147, 71 (behind 3 x 3 on 73), 35, 17 and 8 positions of 299 pixels.
  @Test func inceptionWithoutPadding() throws {
    let network = InceptionV3()
    let (_, values) = try whole(network, side: 299)
    let expected = [
      "stage1": [64, 147, 147], "stage2": [192, 71, 71], "stage3": [288, 35, 35], "stage4": [768, 17, 17],
      "features": [2048, 8, 8],
    ]
    #expect(values.mapValues(\.shape) == expected)
    for tap in network.taps { #expect(expected[tap.name]?[0] == tap.channels) }
    #expect(try whole(network, side: network.smallestSide).taps["features"]?.shape == [2048, 1, 1])
  }

  @Test func nothingBehindTheLastWantedTapIsWritten() throws {
    for (network, _, _, _) in Self.published {
      var builder = GraphBuilder(name: network.name)
      let image = builder.input("image", shape: [3, 96, 96])
      let values = try network.write(to: &builder, image: image, weights: Blank(), taps: ["stage2"])
      #expect(Array(values.keys) == ["stage2"])
      #expect(builder.model().proto.graph.node.last?.output == values["stage2"].map { [$0.name] }, "\(network.name)")
    }
  }

  @Test func errorsNameWhatIsMissing() {
    var builder = GraphBuilder(name: "g")
    let image = builder.input("image", shape: [3, 64, 64])
    func cause(_ body: () throws(WeightsError) -> Void) -> String {
      do throws(WeightsError) {
        try body()
        return ""
      } catch {
        return error.description
      }
    }
    let network = ResNet(.resnet18)
    let unknown = cause { () throws(WeightsError) in
      _ = try network.write(to: &builder, image: image, weights: Blank(), taps: ["stage9"])
    }
    #expect(unknown.contains("stage9") && unknown.contains("stage3, features"))
    let missing = cause { () throws(WeightsError) in
      _ = try network.write(to: &builder, image: image, weights: StateDict(source: "a.pth", tensors: [:]))
    }
    #expect(missing.contains("a.pth") && missing.contains("conv1.weight"))
  }
}

@Suite struct TrainableEfficientNetLiteTests {
  // PyTorch: the network of ../AssayTrainingTests/Fixtures/networks.py, fingerprint as above.
  @Test func separateNormalisationsKeepTheStateDict() throws {
    func write(_ form: EfficientNetLite.BatchNormalisation) throws -> (ONNXModel, [String: GraphValue]) {
      let network = EfficientNetLite(.lite0, weights: Blank(), weightsHash: "", batchNormalisation: form)
      var builder = GraphBuilder(name: "g")
      let image = builder.input("image", shape: [3, 64, 64])
      let taps = try network.write(to: &builder, image: image, taps: Set(network.taps.map(\.name)))
      return (builder.model(), taps)
    }
    let (separate, separateTaps) = try write(.separate)
    let (folded, foldedTaps) = try write(.folded)
    let state = StoredState(separate)
    #expect(state.parameters == 3_371_008 && state.shapes.count == 245)
    #expect(state.fingerprint == 0xB275_BE3E_71EC_DC1F)
    #expect(separateTaps == foldedTaps, "names and shapes")
    func outputs(_ model: ONNXModel) -> [String] { model.proto.graph.node.flatMap(\.output) }
    let added = separate.proto.graph.node.filter { $0.opType == "Conv" }.flatMap(\.output)
    #expect(added.count == 49 && outputs(separate).filter { !added.contains($0) } == outputs(folded))
    let normalisations = separate.proto.graph.node.filter { $0.opType == "BatchNormalization" }
    #expect(normalisations.count == 49 && normalisations.allSatisfy { $0.attribute.map(\.f) == [1e-3] })
    func pads(_ model: ONNXModel) -> [[Int64]] {
      model.proto.graph.node.compactMap { $0.attribute.first { $0.name == "pads" }?.ints }
    }
    #expect(pads(separate) == pads(folded))
  }
}

@Suite struct SeededWeightsTests {
  // The formula in Python, tensor() of ../AssayTrainingTests/Fixtures/networks.py with seed 7, gain 1.25 and shift 0.5:
  //   elements 0, 1 and the last
  @Test(arguments: [
    ("layer1.0.conv1.weight", [64, 64, 3, 3], [-0.04261625, 0.06169061, 0.015127848] as [Float]),
    ("bn1.weight", [64], [1.1624591, 1.1487082, 1.1537049]), ("bn1.bias", [64], [0.5800767, 0.40084594, 0.4170011]),
    ("bn1.running_mean", [64], [0.07298392, 0.06578334, -0.060800336]),
    ("bn1.running_var", [64], [1.2619708, 1.1970913, 0.9853361]),
  ])
  func agreesWithPython(name: String, shape: [Int], expected: [Float]) throws {
    let tensor = try SeededWeights(seed: 7, gain: 1.25, shift: 0.5).tensor(name, shape: shape)
    #expect(tensor.shape == shape)
    #expect([tensor.values[0], tensor.values[1], tensor.values[tensor.values.count - 1]] == expected)
  }

  /// uniform() of the same file.
  @Test func uniformNumbersAgreeWithPython() {
    #expect(
      SeededWeights(seed: 1).uniform("input", count: 3) == [
        -0.5589770078659058, 0.8368268013000488, 0.44405341148376465,
      ])
    #expect(
      SeededWeights(seed: 2).uniform("input", count: 3) == [
        0.35550034046173096, 0.12249290943145752, 0.14381814002990723,
      ])
    #expect(SeededWeights(seed: 1).uniform("größe", count: 1) == [-0.1394500732421875], "UTF-8")
  }

  /// Half the outputs of a ReLU are zero: with gain √2 the mean square of pre-activations stays, so w has variance 2 / fan-in.
  @Test func convolutionsKeepTheMeanSquare() throws {
    let shape = [256, 64, 3, 3]
    let values = try SeededWeights().tensor("c.weight", shape: shape).values
    let square = values.reduce(0) { $0 + Double($1) * Double($1) } / Double(values.count)
    #expect(abs(square * 576 - 2) < 0.02)
    #expect(abs(values.reduce(0) { $0 + Double($1) }) / Double(values.count) < 0.001)
  }

  @Test func namesWithoutARuleAreRefused() {
    #expect(throws: WeightsError.self) { try SeededWeights().tensor("bn1.num_batches_tracked", shape: []) }
  }
}

@Suite struct SlidingWindowTests {
  private func convolution(_ extent: (Int, Int), _ window: SlidingWindow) throws -> (shape: [Int], pads: [Int64]) {
    var builder = GraphBuilder(name: "g")
    let x = builder.input("x", shape: [1, extent.0, extent.1])
    let y = try builder.convolution(x, outputs: 1, window: window, weights: Blank(), key: "c")
    let pads = builder.model().proto.graph.node[0].attribute.first { $0.name == "pads" }?.ints
    return (y.shape, try #require(pads))
  }

  /// ONNX's order is top, left, bottom, right; sizes by floor((extent + pads - kernel) / stride) + 1.
  @Test func geometry() throws {
    func check(_ extent: (Int, Int), _ window: SlidingWindow, _ shape: [Int], _ pads: [Int64]) throws {
      let own = try convolution(extent, window)
      #expect(own.shape == [1] + shape && own.pads == pads)
    }
    try check((224, 225), .square(7, stride: 2, padding: 3), [112, 113], [3, 3, 3, 3])
    try check((5, 6), .square(3, stride: 2), [2, 2], [0, 0, 0, 0])
    try check((9, 9), .centred(height: 1, width: 7), [9, 9], [0, 3, 0, 3])
    // TensorFlow: an even extent needs (n - 1) 2 + 3 - 2n = 1 position of padding, behind; an odd one 2.
    let same = SlidingWindow(height: 3, width: 3, stride: 2, padding: .same)
    try check((6, 7), same, [3, 4], [0, 1, 1, 1])
  }
}
