public import AssayWeights

/// Vision transformers (Dosovitskiy et al. 2021): ViT-S/16 and ViT-B/16 of timm and torchvision, and DINOv2 (Oquab et al.
/// 2024), with registers (Darcet et al. 2024) or without.
///
/// Taps: `stage1` to `stage3` and `features`, the patches' tokens as a map after a quarter, half, three quarters and all of
/// the blocks, each behind the network's last normalisation (DINOv2's `get_intermediate_layers`); and `token`, the class
/// token at the end, one position. Position embeddings are resampled to the input, so that any multiple of the patch does.
public struct VisionTransformer: Architecture {
  /// Whose names the parameters have.
  public enum Naming: String, Sendable, CaseIterable {
    case timm
    /// torchvision.
    case torchvision
    /// torchvision before 0.13: the perceptron's layers have names instead of numbers. Published files are still so.
    case earlyTorchvision
    /// Facebook Research's DINOv2.
    case dinov2
  }

  /// Sizes, read from the state dict.
  public struct Shape: Sendable, Hashable {
    public var width: Int
    public var depth: Int
    public var patch: Int
    /// Positions along a side of the learned embeddings.
    public var gridSide: Int
    public var registers: Int
    /// Whether attention and perceptron are multiplied by learned numbers (Touvron et al. 2021).
    public var hasLayerScale: Bool
    /// Whether the class token has a position of its own among the embeddings.
    public var hasClassPosition: Bool

    public init(
      width: Int, depth: Int = 12, patch: Int, gridSide: Int, registers: Int = 0, hasLayerScale: Bool = false,
      hasClassPosition: Bool = true
    ) {
      self.width = width
      self.depth = depth
      self.patch = patch
      self.gridSide = gridSide
      self.registers = registers
      self.hasLayerScale = hasLayerScale
      self.hasClassPosition = hasClassPosition
    }

    /// Heads of 64 channels, as in all published sizes.
    package var heads: Int { width / 64 }
    package var sizeName: String { [192: "ti", 384: "s", 768: "b", 1024: "l"][width] ?? "\(width)" }
  }

  public let shape: Shape
  public let naming: Naming
  private static let epsilon: Float = 1e-6

  public init(_ shape: Shape, naming: Naming) {
    self.shape = shape
    self.naming = naming
  }

  public var isDINOv2: Bool { shape.patch == 14 && shape.hasLayerScale }

  /// For example `vit-s16`, `dinov2-b14` or `dinov2-s14-registers`.
  public var name: String {
    (isDINOv2 ? "dinov2-" : "vit-") + "\(shape.sizeName)\(shape.patch)" + (shape.registers > 0 ? "-registers" : "")
  }

  public var smallestSide: Int { shape.patch }
  public var sideStep: Int { shape.patch }
  public var nativeSize: Int { isDINOv2 ? 224 : shape.gridSide * shape.patch }

  /// timm's ViT-S/16 was trained by Google with -1...1; the others as usual.
  public var normalisation: ImportedBackbone.Normalisation { naming == .timm && !isDINOv2 ? .half : .imageNet }

  public var resampling: PositionResampling {
    switch naming {
    case .timm: .antialiased
    case .torchvision, .earlyTorchvision: .alignedCorners
    case .dinov2: shape.registers > 0 ? .antialiased : .offset
    }
  }

  public var taps: [Tap] {
    ["stage1", "stage2", "stage3"].map { Tap(name: $0, channels: shape.width, stride: shape.patch) } + [
      Tap(name: "token", channels: shape.width, stride: Tap.wholeImage),
      Tap(name: "features", channels: shape.width, stride: shape.patch),
    ]
  }

  public var defaultTaps: [String] { ["stage2", "stage3", "token", "features"] }
  public var patchTaps: [String] { ["stage2", "stage3"] }

  public func write(
    to builder: inout GraphBuilder, image: GraphValue, weights: some WeightSource, taps wanted: Set<String>
  ) throws(WeightsError) -> [String: GraphValue] {
    var found = try TapCollection(wanted, of: self)
    let patches = try builder.convolution(
      image, outputs: shape.width, window: .square(shape.patch, stride: shape.patch), hasBias: true, weights: weights,
      key: naming.patches)
    let (height, width) = (patches.height, patches.width)
    var x = try tokens(&builder, patches, weights)
    for index in 0..<shape.depth {
      x = try block(&builder, x, weights, index)
      guard (index + 1) * 4 % shape.depth == 0 else { continue }
      let quarter = (index + 1) * 4 / shape.depth
      let name = quarter == 4 ? "features" : "stage\(quarter)"
      guard wanted.contains(name) || (quarter == 4 && wanted.contains("token")) else { continue }
      let y = try builder.layerNormalisation(
        x, epsilon: Self.epsilon, weights: weights, key: naming.norm, name: "block\(index + 1).norm")
      if quarter == 4, wanted.contains("token") { found.offer("token", token(&builder, y)) }
      if wanted.contains(name) {
        found.offer(name, map(&builder, y, height: height, width: width, name: "block\(index + 1).map"))
      }
      if found.isComplete { break }
    }
    return found.values
  }

  /// Class token, registers and patches, `[N, T, C]`, with their positions.
  private func tokens(
    _ builder: inout GraphBuilder, _ patches: GraphValue, _ weights: some WeightSource
  ) throws(WeightsError) -> GraphValue {
    let channels = shape.width
    let (own, extra) = (shape.gridSide * shape.gridSide, shape.hasClassPosition ? 1 : 0)
    let positions = try weights.tensor(naming.positions, shape: [1, own + extra, channels]).values
    var first = try weights.tensor(naming.classToken, shape: [1, 1, channels]).values
    if extra > 0 { for c in 0..<channels { first[c] += positions[c] } }
    if shape.registers > 0 {
      first += try weights.tensor(naming.registers, shape: [1, shape.registers, channels]).values
    }
    let grid = resampling.resample(
      Array(positions[(extra * channels)...]), side: shape.gridSide, channels: channels, height: patches.height,
      width: patches.width)
    let count = patches.height * patches.width
    let flat = builder.reshape(patches, [channels, count], name: "tokens.flat")
    let rows = builder.transpose(flat, [1, 0], name: "tokens.patches")
    // Empty rows in front, to which the class token and the registers are added with everybody's position.
    let special = 1 + shape.registers
    let pads = builder.integers([0, special, 0, 0, 0, 0], name: "tokens.pads")
    let padded = builder.node("Pad", [rows.name, pads], name: "tokens.padded", shape: [special + count, channels])
    return builder.binary(
      "Add", padded, constant: first + grid, shape: [1, special + count, channels], name: "tokens")
  }

  /// Dosovitskiy et al. 2021, equations 2 and 3.
  private func block(
    _ builder: inout GraphBuilder, _ x: GraphValue, _ weights: some WeightSource, _ index: Int
  ) throws(WeightsError) -> GraphValue {
    let names = naming.block(index)
    var y = try builder.layerNormalisation(x, epsilon: Self.epsilon, weights: weights, key: names.norm1)
    y = try attention(&builder, y, weights, names)
    y = try projection(&builder, y, weights, key: names.projection, scale: names.scale1)
    let middle = builder.binary("Add", x, y, name: "block\(index + 1).attended")
    y = try builder.layerNormalisation(middle, epsilon: Self.epsilon, weights: weights, key: names.norm2)
    y = try builder.linear(y, outputs: 4 * shape.width, weights: weights, key: names.first)
    y = builder.gelu(y, name: "block\(index + 1).gelu")
    y = try projection(&builder, y, weights, key: names.second, scale: names.scale2)
    return builder.binary("Add", middle, y, name: "block\(index + 1)")
  }

  private func projection(
    _ builder: inout GraphBuilder, _ x: GraphValue, _ weights: some WeightSource, key: String, scale: String
  ) throws(WeightsError) -> GraphValue {
    guard shape.hasLayerScale else { return try builder.linear(x, outputs: shape.width, weights: weights, key: key) }
    return try builder.scaledLinear(
      x, outputs: shape.width, weights: weights, key: key,
      scale: try weights.tensor(scale, shape: [shape.width]).values)
  }

  /// Multi-head self-attention (Vaswani et al. 2017, equation 1) before its projection.
  private func attention(
    _ builder: inout GraphBuilder, _ x: GraphValue, _ weights: some WeightSource, _ names: Naming.Block
  ) throws(WeightsError) -> GraphValue {
    let (tokens, channels, heads) = (x.shape[0], shape.width, shape.heads)
    let size = channels / heads
    let matrix = try weights.tensor(names.attentionWeight, shape: [3 * channels, channels]).values
    let bias = try weights.tensor(names.attentionBias, shape: [3 * channels]).values
    func part(_ place: Int, _ letter: String, scale: Float, order: [Int]) -> GraphValue {
      let (from, to) = (place * channels, (place + 1) * channels)
      let all = builder.linear(
        x, weights: matrix[from * channels..<to * channels].map { $0 * scale },
        bias: bias[from..<to].map { $0 * scale },
        name: "\(names.key).\(letter)")
      let split = builder.reshape(all, [tokens, heads, size], name: "\(names.key).\(letter).heads")
      return builder.transpose(split, order, name: "\(names.key).\(letter).turned")
    }
    // The scale 1 / √size belongs to the product; a power of two for the usual size, it changes no digit of the query.
    let query = part(0, "query", scale: 1 / Float(size).squareRoot(), order: [1, 0, 2])
    let key = part(1, "key", scale: 1, order: [1, 2, 0])
    let value = part(2, "value", scale: 1, order: [1, 0, 2])
    let likeness = builder.node(
      "MatMul", [query.name, key.name], name: names.key + ".likeness", shape: [heads, tokens, tokens])
    let shares = builder.softmax(likeness, name: names.key + ".shares")
    let mixed = builder.node(
      "MatMul", [shares.name, value.name], name: names.key + ".mixed", shape: [heads, tokens, size])
    let turned = builder.transpose(mixed, [1, 0, 2], name: names.key + ".turned")
    return builder.reshape(turned, [tokens, channels], name: names.key)
  }

  private func map(
    _ builder: inout GraphBuilder, _ x: GraphValue, height: Int, width: Int, name: String
  ) -> GraphValue {
    let patches = slice(&builder, x, from: 1 + shape.registers, count: height * width, name: name + ".patches")
    let turned = builder.transpose(patches, [1, 0], name: name + ".turned")
    return builder.reshape(turned, [shape.width, height, width], name: name)
  }

  private func token(_ builder: inout GraphBuilder, _ x: GraphValue) -> GraphValue {
    let row = slice(&builder, x, from: 0, count: 1, name: "token.row")
    return builder.reshape(row, [shape.width, 1, 1], name: "token")
  }

  private func slice(
    _ builder: inout GraphBuilder, _ x: GraphValue, from: Int, count: Int, name: String
  ) -> GraphValue {
    let bounds = [("start", from), ("end", from + count), ("axis", 1)].map { part, value in
      builder.integers([value], name: "\(name).\(part)")
    }
    return builder.node("Slice", [x.name] + bounds, name: name, shape: [count, shape.width])
  }
}

extension VisionTransformer.Naming {
  package struct Block {
    package let norm1: String
    /// For values' names.
    package let key: String
    package let attentionWeight: String
    package let attentionBias: String
    package let projection: String
    package let scale1: String
    package let norm2: String
    package let first: String
    package let second: String
    package let scale2: String
  }

  private var isTorchvision: Bool { self == .torchvision || self == .earlyTorchvision }

  package var patches: String { isTorchvision ? "conv_proj" : "patch_embed.proj" }
  package var classToken: String { isTorchvision ? "class_token" : "cls_token" }
  package var positions: String { isTorchvision ? "encoder.pos_embedding" : "pos_embed" }
  package var registers: String { self == .dinov2 ? "register_tokens" : "reg_token" }
  package var norm: String { isTorchvision ? "encoder.ln" : "norm" }

  package func block(_ index: Int) -> Block {
    if isTorchvision {
      let key = "encoder.layers.encoder_layer_\(index)."
      let layers = self == .torchvision ? ["mlp.0", "mlp.3"] : ["mlp.linear_1", "mlp.linear_2"]
      return Block(
        norm1: key + "ln_1", key: key + "self_attention", attentionWeight: key + "self_attention.in_proj_weight",
        attentionBias: key + "self_attention.in_proj_bias", projection: key + "self_attention.out_proj", scale1: "",
        norm2: key + "ln_2", first: key + layers[0], second: key + layers[1], scale2: "")
    }
    let key = "blocks.\(index)."
    return Block(
      norm1: key + "norm1", key: key + "attn", attentionWeight: key + "attn.qkv.weight",
      attentionBias: key + "attn.qkv.bias", projection: key + "attn.proj", scale1: key + "ls1.gamma",
      norm2: key + "norm2", first: key + "mlp.fc1", second: key + "mlp.fc2", scale2: key + "ls2.gamma")
  }
}
