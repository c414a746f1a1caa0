public import AssayBase
import Foundation

/// The tensors of a checkpoint (`.pth`, `.pt`, `.safetensors`), read without executing anything.
///
/// Three containers are told apart by their first bytes: PyTorch's zip archive (1.6 and later), its older stream of pickles
/// followed by raw storages, and safetensors. Pickles are interpreted by ``PickleReader``, which knows only what a state dict
/// needs. Memory is bounded by the file's size: tensors that share bytes, or claim more than there are, are refused.
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
      tensors = Self.withoutCommonPrefixes(
        try Self.isArchive(bytes)
          ? PyTorchCheckpoint.readArchive(bytes)
          : Self.isSafetensors(bytes)
            ? SafetensorsReader(bytes).views.tensors(bytes) : PyTorchCheckpoint.readStream(bytes))
    } catch {
      throw WeightsError(file: source, cause: error.cause, remedy: error.remedy)
    }
    guard !tensors.isEmpty else {
      throw WeightsError(file: source, cause: "it holds no tensors", remedy: "save the model's state_dict()")
    }
  }

  package static func isArchive(_ bytes: [UInt8]) -> Bool { bytes.starts(with: [0x50, 0x4B, 3, 4]) }

  /// A header's length in eight bytes, then its first brace; a pickle's first bytes, read so, would be a length beyond any.
  package static func isSafetensors(_ bytes: [UInt8]) -> Bool { bytes.count > 8 && bytes[8] == UInt8(ascii: "{") }

  /// Whether the bytes begin as one of the containers does. A brace may stand at that place of any file: of safetensors, the
  /// header's length is below 2^40.
  public static func isRecognised(_ bytes: [UInt8]) -> Bool {
    isArchive(bytes) || (isSafetensors(bytes) && bytes[5..<8].allSatisfy { $0 == 0 })
      || bytes.starts(with: PyTorchCheckpoint.streamStart)
  }

  /// What wrappers put before every name: data parallelism, compilation, and models that hold the network as a part.
  private static func withoutCommonPrefixes(_ tensors: [String: Tensor]) -> [String: Tensor] {
    var tensors = tensors
    let wrappers = ["module.", "_orig_mod.", "model.", "backbone."]
    // Each wrapper once or twice; a name may repeat one hundreds of times.
    for _ in 0..<2 * wrappers.count {
      guard
        let prefix = wrappers.first(where: { wrapper in
          !tensors.isEmpty && tensors.keys.allSatisfy { $0.hasPrefix(wrapper) }
        })
      else { break }
      tensors = Dictionary(uniqueKeysWithValues: tensors.map { (String($0.key.dropFirst(prefix.count)), $0.value) })
    }
    return tensors
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

extension WeightsError: WorkflowFailure {
  public var workflowError: WorkflowError { WorkflowError(.unavailable, description) }
}
