/// PyTorch's two containers of a pickled state dict.
package enum PyTorchCheckpoint {
  /// PyTorch 1.6 and later: `NAME/data.pkl` and `NAME/data/KEY` in a zip archive of stored entries.
  package static func readArchive(_ bytes: [UInt8]) throws(PickleError) -> [String: StateDict.Tensor] {
    let archive = try ZipReader(bytes)
    if archive.entries.keys.contains(where: { $0.hasSuffix("/constants.pkl") }) {
      throw PickleError("it is a TorchScript program", remedy: "save the model's state_dict() with torch.save")
    }
    let pickles = archive.entries.keys.filter { $0 == "data.pkl" || $0.hasSuffix("/data.pkl") }
    guard let pickle = pickles.first, pickles.count == 1 else {
      throw PickleError(
        pickles.isEmpty ? "the archive has no data.pkl" : "the archive has \(pickles.count) files data.pkl",
        remedy: "save the model's state_dict() with torch.save")
    }
    let root = pickle.dropLast("data.pkl".count)
    if archive.entries["\(root)byteorder"] != nil {
      let order = String(decoding: bytes[try archive.range(of: "\(root)byteorder")], as: UTF8.self)
      guard order == "little" else {
        throw PickleError("its byte order is \(order.readable(20))", remedy: "save it again on a little-endian machine")
      }
    }
    let reader = PickleReader(bytes, range: try archive.range(of: pickle))
    defer { reader.release() }
    var ranges: [String: Range<Int>] = [:]
    return try views(of: try tensors(in: try reader.read())) { (storage) throws(PickleError) in
      if let known = ranges[storage.key] { return known }
      let range = try archive.range(of: "\(root)data/\(storage.key)")
      ranges[storage.key] = range
      return range
    }.tensors(bytes)
  }

  /// How the older format begins: protocol 2 and a number of ten bytes.
  package static let streamStart: [UInt8] = [0x80, 2, 0x8A, 10]
  private static let magic: [UInt8] = [0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19]

  /// Before 1.6: magic number, protocol, system, object and storage keys as pickles, then each storage's length and bytes.
  package static func readStream(_ bytes: [UInt8]) throws(PickleError) -> [String: StateDict.Tensor] {
    guard bytes.first == 0x80 else {
      throw PickleError(
        "it is neither a PyTorch checkpoint nor safetensors",
        remedy: "name a file that torch.save or safetensors has written")
    }
    let reader = PickleReader(bytes, range: 0..<bytes.count)
    defer { reader.release() }
    guard case .long(magic) = try reader.read() else {
      throw PickleError("it is a pickle, but no PyTorch checkpoint", remedy: "name a file that torch.save has written")
    }
    _ = try reader.read()
    _ = try reader.read()
    let value = try reader.read()
    guard case .list(let keys) = try reader.read() else {
      throw PickleError("its list of storages is missing", remedy: "download it again")
    }
    let found = try tensors(in: value)
    var elements: [String: ElementType] = [:]
    for (_, tensor) in found {
      let storage = tensor.storage
      guard elements.updateValue(storage.element, forKey: storage.key) ?? storage.element == storage.element else {
        throw PickleError("storage \(storage.key.readable()) has two types", remedy: "do not use this file")
      }
    }
    var ranges: [String: Range<Int>] = [:]
    var at = reader.position
    for key in keys.items {
      guard case .string(let key) = key, at + 8 <= bytes.count else { throw .truncated(bytes.count) }
      let count = bytes[at..<at + 8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      let size = elements[key]?.size ?? 4
      guard count <= UInt64((bytes.count - at - 8) / size) else {
        throw PickleError(
          "storage \(key.readable()) claims \(count) elements, the file has \(bytes.count) bytes",
          remedy: "download it again, or do not use this file")
      }
      let end = at + 8 + Int(count) * size
      guard ranges.updateValue(at + 8..<end, forKey: key) == nil else {
        throw PickleError("storage \(key.readable()) is there twice", remedy: "do not use this file")
      }
      at = end
    }
    return try views(of: found) { (storage) throws(PickleError) in
      guard let range = ranges[storage.key] else {
        throw PickleError("storage \(storage.key.readable()) is missing", remedy: "download it again")
      }
      return range
    }.tensors(bytes)
  }

  /// Walks the unpickled value: a dictionary of tensors, or one under a name that training scripts use.
  private static func tensors(
    in value: PickleValue, isNested: Bool = false
  ) throws(PickleError) -> [(name: String, tensor: PickleTensor)] {
    guard case .dictionary(let node) = value else {
      throw PickleError("it holds no dictionary of tensors", remedy: "save the model's state_dict()")
    }
    // One level only: a malicious dictionary can contain itself.
    for name in ["state_dict", "model_state_dict", "model", "teacher"] where !isNested {
      if let inner = node.value(name), case .dictionary = inner { return try tensors(in: inner, isNested: true) }
    }
    return stride(from: 0, to: node.items.count - 1, by: 2).compactMap { index in
      guard case .string(let name) = node.items[index], case .tensor(let tensor) = node.items[index + 1] else {
        return nil
      }
      return (name, tensor)
    }
  }

  private static func views(
    of tensors: [(name: String, tensor: PickleTensor)], range: (PickleStorage) throws(PickleError) -> Range<Int>
  ) throws(PickleError) -> StridedViews {
    var views = StridedViews()
    for (name, tensor) in tensors {
      let storage = tensor.storage
      let bytes = try range(storage)
      let (needed, overflow) = storage.count.multipliedReportingOverflow(by: storage.element.size)
      guard !overflow, needed <= bytes.count else {
        throw PickleError(
          "storage \(storage.key.readable()) of \(name.readable()) claims \(storage.count) elements and has "
            + "\(bytes.count) bytes", remedy: "download it again, or do not use this file")
      }
      try views.append(
        name,
        StridedView(
          element: storage.element, storage: bytes, offset: tensor.offset, shape: tensor.shape, strides: tensor.strides)
      )
    }
    return views
  }
}
