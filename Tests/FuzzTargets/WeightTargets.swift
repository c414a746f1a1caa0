import AssayGraph
import AssayWeights

/// Files of weights: PyTorch's zip archives, the pickles in them, the older streams, safetensors, and what network they are.
enum WeightTargets {
  static let all = [
    FuzzTarget(
      "torch-archive", longest: 4096, throwing: WeightsError.self, seeds: [Checkpoints.archive()], body: read),
    // The pickle inside of an archive that is right, so that no checksum keeps it out.
    FuzzTarget("pickle", longest: 2048, throwing: WeightsError.self, seeds: [Checkpoints.pickle]) {
      try read(Checkpoints.archive($0))
    },
    FuzzTarget("torch-stream", longest: 4096, throwing: WeightsError.self, seeds: [Checkpoints.stream], body: read),
    FuzzTarget(
      "safetensors", longest: 4096, throwing: WeightsError.self, seeds: Checkpoints.safetensors, body: read),
    FuzzTarget(
      "safetensors-header", longest: 2048, throwing: WeightsError.self,
      seeds: Checkpoints.headers.map(\.utf8).map(Array.init)
    ) { header in
      try read(Checkpoints.safetensors(header))
    },
    FuzzTarget(
      "network-shapes", longest: 1 << 16, throwing: WeightsError.self, seeds: try NetworkShapes.seeds(),
      body: NetworkShapes.recognise),
  ]

  @Sendable private static func read(_ bytes: [UInt8]) throws {
    _ = StateDict.isRecognised(bytes)
    let state = try StateDict(bytes: bytes, source: "weights")
    _ = try NetworkRecognition.network(of: state)
  }
}

/// Small checkpoints, written by hand.
enum Checkpoints {
  /// Two tensors over one storage of 8 floats, as `torch.save` of protocol 2 writes them.
  static let pickle: [UInt8] = {
    var bytes: [UInt8] = [0x80, 2]
    func text(_ text: String) { bytes += [0x58] + little(UInt32(text.utf8.count)) + Array(text.utf8) }
    func global(_ module: String, _ name: String) { bytes += Array("c\(module)\n\(name)\n".utf8) }
    global("collections", "OrderedDict")
    bytes += [0x29, 0x52, 0x71, 0, 0x28]
    for (name, shape, strides, offset) in [("conv1.weight", [3, 2], [1, 3], 0), ("fc.bias", [2], [1], 6)] {
      text(name)
      global("torch._utils", "_rebuild_tensor_v2")
      bytes += [0x28, 0x28]
      text("storage")
      global("torch", "FloatStorage")
      text("7")
      text("cpu")
      bytes += [0x4B, 8, 0x74, 0x51, 0x4B, UInt8(offset)]
      for numbers in [shape, strides] { bytes += [0x28] + numbers.flatMap { [0x4B, UInt8($0)] } + [0x74] }
      bytes += [0x89, 0x7D, 0x74, 0x52]
    }
    return bytes + [0x75, 0x2E]
  }()

  private static let values: [UInt8] = (0..<8).flatMap { little(Float($0).bitPattern) }

  /// A zip archive of stored entries around a pickle.
  static func archive(_ pickle: [UInt8] = pickle) -> [UInt8] {
    var bytes: [UInt8] = []
    var directory: [UInt8] = []
    let entries: [(name: String, body: [UInt8])] = [
      ("a/data.pkl", pickle), ("a/byteorder", Array("little".utf8)), ("a/data/7", values),
    ]
    for (name, body) in entries {
      let sizes = little(CyclicRedundancy.of(body)) + little(UInt32(body.count)) + little(UInt32(body.count))
      let common: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0] + sizes + little(UInt16(name.utf8.count)) + [0, 0]
      directory +=
        [0x50, 0x4B, 1, 2, 0, 0, 0, 0] + common + [UInt8](repeating: 0, count: 10) + little(UInt32(bytes.count))
      directory += Array(name.utf8)
      bytes += [0x50, 0x4B, 3, 4, 0, 0] + common + Array(name.utf8) + body
    }
    let count = little(UInt16(entries.count))
    let end =
      [0x50, 0x4B, 5, 6, 0, 0, 0, 0] + count + count + little(UInt32(directory.count)) + little(UInt32(bytes.count))
    return bytes + directory + end + [0, 0]
  }

  /// The form before PyTorch 1.6.
  static let stream: [UInt8] =
    [0x80, 2, 0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, 0x2E]
    + [0x80, 2, 0x4D, 0xE9, 3, 0x2E] + [0x80, 2, 0x7D, 0x2E] + pickle
    + [0x80, 2, 0x5D, 0x28, 0x58, 1, 0, 0, 0, UInt8(ascii: "7"), 0x65, 0x2E] + little(UInt64(8)) + values

  static let headers = [
    #"{"conv1.weight":{"dtype":"F32","shape":[2,4],"data_offsets":[0,32]},"__metadata__":{"format":"pt"}}"#,
    #"{"a":{"dtype":"F16","shape":[2],"data_offsets":[0,4]},"b":{"dtype":"I64","shape":[],"data_offsets":[4,12]}}"#,
    #"{"\u0061\n":{"dtype":"BF16","shape":[0,3],"data_offsets":[0,0]},"c":{"dtype":"U8","shape":[32],"data_offsets":[0,32]}}"#,
  ]

  static let safetensors = headers.map { safetensors(Array($0.utf8)) }

  static func safetensors(_ header: [UInt8]) -> [UInt8] { little(UInt64(header.count)) + header + values }

  static func little(_ value: some FixedWidthInteger) -> [UInt8] { withUnsafeBytes(of: value.littleEndian, Array.init) }
}
