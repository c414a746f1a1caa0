import Foundation

/// The tensors of a PyTorch checkpoint (`.pth`, `.pt`), read without executing anything.
///
/// Both containers are understood: the zip archive of PyTorch 1.6 and later, and the older stream of pickles followed by
/// raw storages. The pickle inside is interpreted by ``PickleReader``, which knows only what a state dict needs.
public struct StateDict: Sendable {
  /// One tensor, contiguous, converted to 32-bit floats (integers and half precision included).
  public struct Tensor: Sendable, Equatable {
    public let shape: [Int]
    public let values: [Float]

    public init(shape: [Int], values: [Float]) {
      precondition(values.count == shape.reduce(1, *))
      self.shape = shape
      self.values = values
    }
  }

  /// For messages.
  public let source: String
  public private(set) var tensors: [String: Tensor]

  public init(source: String, tensors: [String: Tensor]) {
    self.source = source
    self.tensors = tensors
  }

  public init(path: String) throws(WeightsError) {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw WeightsError(file: path, cause: "there is no readable file", remedy: "check the path, or run `make setup`")
    }
    try self.init(bytes: [UInt8](data), source: path)
  }

  public init(bytes: [UInt8], source: String) throws(WeightsError) {
    self.source = source
    do throws(PickleError) {
      tensors = try bytes.starts(with: [0x50, 0x4B, 3, 4]) ? Self.readArchive(bytes) : Self.readStream(bytes)
    } catch {
      throw WeightsError(file: source, cause: error.cause, remedy: error.remedy)
    }
    guard !tensors.isEmpty else {
      throw WeightsError(file: source, cause: "it holds no tensors", remedy: "save the model's state_dict()")
    }
  }

  /// A tensor by name, checked against the shape that the architecture needs.
  public func tensor(_ name: String, shape: [Int]) throws(WeightsError) -> Tensor {
    guard let tensor = tensors[name] else {
      throw WeightsError(
        file: source, cause: "it has no tensor \(name)", remedy: "use the weights of the architecture that is asked for"
      )
    }
    guard tensor.shape == shape else {
      throw WeightsError(
        file: source, cause: "\(name) has shape \(tensor.shape), expected \(shape)",
        remedy: "use the weights of the architecture that is asked for")
    }
    return tensor
  }

  /// PyTorch 1.6 and later: `NAME/data.pkl` and `NAME/data/KEY` in a zip archive of stored entries.
  private static func readArchive(_ bytes: [UInt8]) throws(PickleError) -> [String: Tensor] {
    let archive = try ZipReader(bytes)
    guard let pickle = archive.entries.keys.first(where: { $0 == "data.pkl" || $0.hasSuffix("/data.pkl") }) else {
      throw PickleError("the archive has no data.pkl", remedy: "save the model's state_dict() with torch.save")
    }
    let root = pickle.dropLast("data.pkl".count)
    var reader = PickleReader(bytes, range: try archive.range(of: pickle))
    let value = try reader.read()
    return try collect(value) { (storage) throws(PickleError) in
      try archive.range(of: "\(root)data/\(storage.key)")
    }.mapTensors(bytes)
  }

  /// Before 1.6: magic number, protocol, system, object and storage keys as pickles, then each storage's length and bytes.
  private static func readStream(_ bytes: [UInt8]) throws(PickleError) -> [String: Tensor] {
    var reader = PickleReader(bytes, range: 0..<bytes.count)
    guard case .long(let magic) = try reader.read(),
      magic == [0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19]
    else {
      throw PickleError("it is not a PyTorch checkpoint", remedy: "name a .pth file that torch.save has written")
    }
    _ = try reader.read()
    _ = try reader.read()
    let value = try reader.read()
    guard case .list(let keys) = try reader.read() else {
      throw PickleError("its list of storages is missing", remedy: "download it again")
    }
    let requests = try collect(value) { (_) throws(PickleError) in 0..<0 }
    let sizes = Dictionary(requests.views.map { ($0.storage.key, $0.storage.type) }, uniquingKeysWith: { a, _ in a })
    var ranges: [String: Range<Int>] = [:]
    var at = reader.position
    for key in keys {
      guard case .string(let key) = key, at + 8 <= bytes.count else { throw .truncated(bytes.count) }
      let count = bytes[at..<at + 8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      let size = sizes[key]?.size ?? 4
      guard count <= UInt64((bytes.count - at - 8) / size) else { throw .truncated(bytes.count) }
      let end = at + 8 + Int(count) * size
      ranges[key] = at + 8..<end
      at = end
    }
    return try collect(value) { (storage) throws(PickleError) in
      guard let range = ranges[storage.key] else {
        throw PickleError("storage \(storage.key) is missing", remedy: "download it again")
      }
      return range
    }.mapTensors(bytes)
  }

  /// Walks the unpickled value: a dictionary of tensors, or one under `state_dict`, `model` or `model_state_dict`.
  private static func collect(
    _ value: PickleValue, isNested: Bool = false, range: (PickleStorage) throws(PickleError) -> Range<Int>
  ) throws(PickleError) -> TensorViews {
    guard case .dictionary(let box) = value else {
      throw PickleError("it holds no dictionary of tensors", remedy: "save the model's state_dict()")
    }
    // One level only: a malicious dictionary can contain itself.
    for name in ["state_dict", "model_state_dict", "model"] where !isNested {
      if let inner = box.value(name), case .dictionary = inner {
        return try collect(inner, isNested: true, range: range)
      }
    }
    var found = TensorViews()
    for (name, value) in box.items {
      guard case .string(let name) = name, case .tensor(let view) = value else { continue }
      found.names.append(name)
      found.views.append(view)
      found.ranges.append(try range(view.storage))
    }
    return found
  }

  private struct TensorViews {
    var names: [String] = []
    var views: [PickleTensor] = []
    var ranges: [Range<Int>] = []

    func mapTensors(_ bytes: [UInt8]) throws(PickleError) -> [String: Tensor] {
      var tensors: [String: Tensor] = [:]
      for index in names.indices {
        tensors[names[index]] = try views[index].contiguous(bytes, ranges[index])
      }
      return tensors
    }
  }
}

/// Why a file of weights cannot be used.
public struct WeightsError: Error, Sendable, Hashable, CustomStringConvertible {
  public let file: String
  public let cause: String
  public let remedy: String

  public init(file: String, cause: String, remedy: String) {
    self.file = file
    self.cause = cause
    self.remedy = remedy
  }

  public var description: String { "\(file): \(cause); \(remedy)" }
}
