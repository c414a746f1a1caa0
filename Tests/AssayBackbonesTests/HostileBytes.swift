import AssayGraph
import Foundation

func littleEndian<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
  withUnsafeBytes(of: value.littleEndian) { Array($0) }
}

/// Bytes of a hand-made pickle of protocol 2.
struct Pickle {
  var bytes: [UInt8] = [0x80, 2]

  /// Ends with STOP.
  init(_ body: (inout Pickle) -> Void) {
    body(&self)
    op(0x2E)
  }

  mutating func op(_ values: UInt8...) { bytes += values }

  mutating func text(_ text: String) { bytes += [0x58] + littleEndian(UInt32(text.utf8.count)) + Array(text.utf8) }

  mutating func global(_ module: String, _ name: String) { bytes += Array("c\(module)\n\(name)\n".utf8) }

  mutating func integer(_ value: Int64) { bytes += [0x8A, 8] + littleEndian(value) }

  /// A key and a tensor over a storage of floats.
  mutating func tensor(
    _ name: String, shape: [Int64], strides: [Int64], offset: Int64 = 0, storage: String = "0", count: Int64 = 8
  ) {
    text(name)
    global("torch._utils", "_rebuild_tensor_v2")
    op(0x28, 0x28)
    text("storage")
    global("torch", "FloatStorage")
    text(storage)
    text("cpu")
    integer(count)
    op(0x74, 0x51)
    integer(offset)
    for numbers in [shape, strides] {
      op(0x28)
      for number in numbers { integer(number) }
      op(0x74)
    }
    op(0x89, 0x7D, 0x74, 0x52)
  }

  /// A dictionary of what `body` writes.
  static func dictionary(_ body: (inout Pickle) -> Void) -> Pickle {
    Pickle {
      $0.op(0x7D, 0x28)
      body(&$0)
      $0.op(0x75)
    }
  }
}

/// A zip archive, entry by entry, of which everything can be wrong.
struct Archive {
  struct Entry {
    var name: String
    var bytes: [UInt8]
    /// In the directory, unless they are what they should be.
    var size: UInt32?
    var checksum: UInt32?
    var method: UInt16 = 0
    var extra: [UInt8] = []
    var nameInDirectory: String?
    /// More bytes of the file that the entry claims, behind its own.
    var reach = 0
  }

  var entries: [Entry]
  var entryCount: UInt16?
  var directoryOffset: UInt32?
  var hasLostZip64 = false

  /// What torch.save writes for one storage of eight floats.
  init(_ pickle: Pickle, others: [Entry] = []) {
    entries =
      [
        Entry(name: "a/data.pkl", bytes: pickle.bytes),
        Entry(name: "a/data/0", bytes: [UInt8](repeating: 0, count: 32)),
      ] + others
  }

  var bytes: [UInt8] {
    var file: [UInt8] = []
    var directory: [UInt8] = []
    for entry in entries {
      let place = UInt32(file.count)
      let checksum = entry.checksum ?? Self.checksum(entry.bytes)
      let size = littleEndian(entry.size ?? UInt32(entry.bytes.count + entry.reach))
      let fields = littleEndian(entry.method) + [0, 0, 0, 0] + littleEndian(checksum) + size + size
      let name = Array(entry.name.utf8)
      file +=
        [0x50, 0x4B, 3, 4, 20, 0, 0, 0] + fields + littleEndian(UInt16(name.count)) + [0, 0] + name + entry.bytes
      let listed = Array((entry.nameInDirectory ?? entry.name).utf8)
      directory += [0x50, 0x4B, 1, 2, 20, 0, 20, 0, 0, 0] + fields
      directory += littleEndian(UInt16(listed.count)) + littleEndian(UInt16(entry.extra.count))
      directory += [UInt8](repeating: 0, count: 10) + littleEndian(place) + listed + entry.extra
    }
    let start = UInt32(file.count)
    file += directory
    if hasLostZip64 { file += [0x50, 0x4B, 6, 7, 0, 0, 0, 0] + littleEndian(UInt64.max) + [1, 0, 0, 0] }
    let count = littleEndian(entryCount ?? UInt16(entries.count))
    file += [0x50, 0x4B, 5, 6, 0, 0, 0, 0] + count + count
    return file + littleEndian(UInt32(directory.count)) + littleEndian(directoryOffset ?? start) + [0, 0]
  }

  /// Bit by bit, from the definition.
  private static func checksum(_ bytes: [UInt8]) -> UInt32 {
    var crc = UInt32.max
    for byte in bytes {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
    }
    return ~crc
  }
}

/// The format before PyTorch 1.6.
func legacyFile(_ state: Pickle, keys: [String] = ["0"], count: UInt64 = 8) -> [UInt8] {
  let magic: [UInt8] = [0x80, 2, 0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, 0x2E]
  let list = Pickle { pickle in
    pickle.op(0x5D, 0x28)
    for key in keys { pickle.text(key) }
    pickle.op(0x65)
  }
  let storages = keys.flatMap { _ in littleEndian(count) + [UInt8](repeating: 0, count: 32) }
  return magic + [0x80, 2, 0x4D, 0xE9, 3, 0x2E] + [0x80, 2, 0x7D, 0x2E] + state.bytes + list.bytes + storages
}

/// - Parameter length: claimed for the header, unless it is what it should be.
func safetensors(_ header: String, data: Int = 0, length: UInt64? = nil) -> [UInt8] {
  littleEndian(length ?? UInt64(header.utf8.count)) + Array(header.utf8) + [UInt8](repeating: 0, count: data)
}

/// A small graph, an image of three channels through a convolution and a ReLU, with what is to be wrong about it.
func graph(_ change: (inout Assay_Onnx_Graph) -> Void) throws -> [UInt8] {
  var model = Assay_Onnx_Model()
  model.irVersion = 8
  var operators = Assay_Onnx_OperatorSet()
  operators.version = 17
  model.opsetImport = [operators]
  model.graph.input = [port("image", [-1, 3, -1, -1])]
  model.graph.output = [port("y", [])]
  model.graph.initializer = [constant("w", [4, 3, 2, 2])]
  model.graph.node = [
    node("Conv", ["image", "w"], "x", ints: [("kernel_shape", [2, 2]), ("strides", [2, 2])]), node("Relu", ["x"], "y"),
  ]
  change(&model.graph)
  return try ONNXModel(proto: model).serialized()
}

func port(_ name: String, _ shape: [Int]) -> Assay_Onnx_ValueInfo {
  var info = Assay_Onnx_ValueInfo()
  info.name = name
  info.type.tensorType.elemType = 1
  for extent in shape {
    var dimension = Assay_Onnx_Dimension()
    if extent < 0 {
      dimension.dimParam = "n\(info.type.tensorType.shape.dim.count)"
    } else {
      dimension.dimValue = Int64(extent)
    }
    info.type.tensorType.shape.dim.append(dimension)
  }
  return info
}

func node(
  _ operation: String, _ inputs: [String], _ output: String, ints: [(String, [Int64])] = []
) -> Assay_Onnx_Node {
  var node = Assay_Onnx_Node()
  node.opType = operation
  node.name = output
  node.input = inputs
  node.output = [output]
  node.attribute = ints.map { name, values in
    var attribute = Assay_Onnx_Attribute()
    attribute.name = name
    attribute.type = .ints
    attribute.ints = values
    return attribute
  }
  return node
}

/// Floats, all a tenth.
func constant(_ name: String, _ shape: [Int64]) -> Assay_Onnx_Tensor {
  var tensor = Assay_Onnx_Tensor()
  tensor.name = name
  tensor.dataType = 1
  tensor.dims = shape
  tensor.rawData = [Float](repeating: 0.1, count: Int(shape.reduce(1, *))).withUnsafeBytes { Data($0) }
  return tensor
}

func integers(_ name: String, _ values: [Int64]) -> Assay_Onnx_Tensor {
  var tensor = Assay_Onnx_Tensor()
  tensor.name = name
  tensor.dataType = 7
  tensor.dims = [Int64(values.count)]
  tensor.rawData = values.withUnsafeBytes { Data($0) }
  return tensor
}

/// A constant whose data is said to lie in another file.
func external(_ name: String, _ shape: [Int64], _ location: String, offset: String = "0") -> Assay_Onnx_Tensor {
  var tensor = constant(name, shape)
  tensor.externalData = [("location", location), ("offset", offset)].map { key, value in
    var pair = Assay_Onnx_StringPair()
    pair.key = key
    pair.value = value
    return pair
  }
  tensor.dataLocation = 1
  tensor.clearRawData()
  return tensor
}
