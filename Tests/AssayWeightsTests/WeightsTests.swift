import AssayWeights
import Testing

/// Bytes of hand-made pickles.
struct PickleWriter {
  var bytes: [UInt8] = [0x80, 2]

  mutating func op(_ values: UInt8...) { bytes += values }

  mutating func text(_ text: String) {
    bytes += [0x58] + withUnsafeBytes(of: UInt32(text.utf8.count).littleEndian) { Array($0) } + Array(text.utf8)
  }

  mutating func global(_ module: String, _ name: String) { bytes += Array("c\(module)\n\(name)\n".utf8) }

  /// A tensor `name` over storage "7" of `count` floats.
  mutating func tensor(_ name: String, shape: [UInt8], strides: [UInt8], offset: UInt8, count: UInt8) {
    text(name)
    global("torch._utils", "_rebuild_tensor_v2")
    op(0x28, 0x28)
    text("storage")
    global("torch", "FloatStorage")
    text("7")
    text("cpu")
    op(0x4B, count, 0x4E, 0x74, 0x51, 0x4B, offset)
    for numbers in [shape, strides] {
      op(0x28)
      for number in numbers { op(0x4B, number) }
      op(0x74)
    }
    op(0x89, 0x7D, 0x74, 0x52)
  }
}

/// A checkpoint in the format before PyTorch 1.6.
func legacyCheckpoint(_ body: (inout PickleWriter) -> Void, values: [Float]) -> [UInt8] {
  var magic = PickleWriter()
  magic.bytes += [0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, 0x2E]
  var version = PickleWriter()
  version.op(0x4D, 0xE9, 3, 0x2E)
  var system = PickleWriter()
  system.op(0x7D, 0x2E)
  var state = PickleWriter()
  body(&state)
  var keys = PickleWriter()
  keys.op(0x5D, 0x28)
  keys.text("7")
  keys.op(0x65, 0x2E)
  let count = withUnsafeBytes(of: UInt64(values.count).littleEndian) { Array($0) }
  return magic.bytes + version.bytes + system.bytes + state.bytes + keys.bytes + count
    + values.withUnsafeBytes { Array($0) }
}

@Suite struct WeightsTests {
  private let good = legacyCheckpoint(
    {
      $0.op(0x7D, 0x28)
      $0.tensor("weight", shape: [3, 2], strides: [1, 3], offset: 0, count: 8)
      $0.tensor("bias", shape: [2], strides: [1], offset: 6, count: 8)
      $0.op(0x75, 0x2E)
    }, values: [0, 1, 2, 3, 4, 5, 6, 7])

  /// A transposed view is gathered row by row.
  @Test func stridedTensors() throws {
    let state = try StateDict(bytes: good, source: "x.pth")
    #expect(state.tensors["weight"] == .init(shape: [3, 2], values: [0, 3, 1, 4, 2, 5]))
    #expect(state.tensors["bias"] == .init(shape: [2], values: [6, 7]))
    #expect(throws: WeightsError.self) { try state.tensor("bias", shape: [3]) }
    #expect(throws: WeightsError.self) { try state.tensor("gamma", shape: [3]) }
  }

  /// The classic attack: a pickle that names os.system.
  @Test func codeIsRefusedByName() {
    let attack = legacyCheckpoint(
      {
        $0.global("os", "system")
        $0.text("touch /tmp/owned")
        $0.op(0x85, 0x52, 0x2E)
      }, values: [])
    do {
      _ = try StateDict(bytes: attack, source: "evil.pth")
      Issue.record("an attack was read")
    } catch {
      #expect(error.cause.contains("os.system"))
      #expect(error.description.hasPrefix("evil.pth: "))
    }
  }

  @Test func viewsBeyondTheStorageAreRefused() {
    for (shape, strides, offset) in [([9], [1], 0), ([2, 2], [7, 1], 0), ([2], [1], 7), ([200, 200], [0, 0], 0)]
      as [([UInt8], [UInt8], UInt8)]
    {
      let bytes = legacyCheckpoint(
        {
          $0.op(0x7D, 0x28)
          $0.tensor("w", shape: shape, strides: strides, offset: offset, count: 8)
          $0.op(0x75, 0x2E)
        }, values: [Float](repeating: 1, count: 8))
      #expect(throws: WeightsError.self) { try StateDict(bytes: bytes, source: "x") }
    }
  }

  /// Whatever is cut off or changed: an answer or an error, never a crash.
  @Test func damagedFilesNeverCrash() {
    for length in 0..<good.count { _ = try? StateDict(bytes: Array(good.prefix(length)), source: "x") }
    var state: UInt64 = 1
    for _ in 0..<4000 {
      var bytes = good
      for _ in 0..<3 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        bytes[Int(state >> 33) % bytes.count] = UInt8(truncatingIfNeeded: state >> 20)
      }
      _ = try? StateDict(bytes: bytes, source: "x")
    }
    #expect(throws: WeightsError.self) { try StateDict(bytes: Array("hello".utf8), source: "x") }
    #expect(throws: WeightsError.self) { try StateDict(bytes: [0x50, 0x4B, 3, 4, 0, 0], source: "x") }
  }

  @Test func halfPrecision() {
    #expect(Float(halfBits: 0x3C00) == 1 && Float(halfBits: 0xC000) == -2)
    #expect(Float(halfBits: 0x0001) == 0x1p-24 && Float(halfBits: 0x7C00) == .infinity)
    #expect(Float(halfBits: 0x7E00).isNaN && Float(halfBits: 0x3555) == 0.33325195)
  }
}
