import HTTPTypes

/// What the JSON of an Open Inference request says, before it is known whether it fits together. Data is passed over, not
/// read.
struct InferenceDraft {
  struct Parameters {
    var isBinaryOutput: Bool?
    var isBinary: Bool?
    var binarySize: Int?
    var serial: String?
    var hasClassification = false
    var hasSharedMemory = false
  }

  /// An input, or the choice of an output.
  struct Tensor {
    var name: String?
    var datatype: String?
    var shape: [Int]?
    /// Where its data lies.
    var data: Range<Int>?
    var parameters = Parameters()
  }

  private(set) var id: String?
  private(set) var parameters = Parameters()
  private(set) var inputs: [Tensor] = []
  /// nil for all.
  private(set) var outputs: [Tensor]?

  /// Inputs, and outputs that may be chosen; no model has as many.
  static let mostTensors = 64

  /// - Throws: ``HTTPFailure`` 400.
  init(_ json: ArraySlice<UInt8>) throws {
    var reader = JSONReader(json)
    do {
      guard try reader.kind() == .object else { throw HTTPFailure(.badRequest, "the request is not a JSON object") }
      try reader.object { reader, name in try read(name, &reader) }
      try reader.end()
    } catch let fault as JSONReader.Fault {
      throw HTTPFailure(
        .badRequest, "the request is not a JSON object: \(fault.cause) at byte \(fault.position)")
    }
    // An empty choice is none.
    if outputs?.isEmpty ?? false { outputs = nil }
  }

  private mutating func read(_ name: String, _ reader: inout JSONReader) throws {
    switch name {
    case "id":
      guard try reader.kind() == .string else { throw HTTPFailure(.badRequest, "id is not a string") }
      id = try reader.text(limit: 4096)
    case "parameters": parameters = try Self.parameters(&reader, "parameters")
    case "inputs":
      guard try reader.kind() == .array else { throw HTTPFailure(.badRequest, "the request has no inputs") }
      inputs = try Self.tensors(&reader, "input")
    case "outputs":
      guard try reader.kind() == .array else { throw HTTPFailure(.badRequest, "outputs is not an array") }
      outputs = try Self.tensors(&reader, "output")
    default: try reader.skip()
    }
  }

  private static func tensors(_ reader: inout JSONReader, _ what: String) throws -> [Tensor] {
    var tensors: [Tensor] = []
    try reader.array { reader in
      guard tensors.count < mostTensors else {
        throw HTTPFailure(.badRequest, "the request has more than \(mostTensors) \(what)s")
      }
      guard try reader.kind() == .object else { throw HTTPFailure(.badRequest, "an \(what) has no name") }
      tensors.append(try tensor(&reader, what))
    }
    return tensors
  }

  private static func tensor(_ reader: inout JSONReader, _ what: String) throws -> Tensor {
    var tensor = Tensor()
    try reader.object { reader, name in
      switch name {
      case "name":
        guard try reader.kind() == .string else { throw HTTPFailure(.badRequest, "an \(what) has no name") }
        tensor.name = try reader.text(limit: 1024)
      case "datatype":
        guard try reader.kind() == .string else { throw HTTPFailure(.badRequest, "an \(what) has no datatype") }
        tensor.datatype = try reader.text(limit: 1024)
      case "shape": tensor.shape = try shape(&reader, tensor.name)
      case "parameters":
        tensor.parameters = try parameters(&reader, "parameters of an \(what)")
      case "data": tensor.data = try reader.skip()
      default: try reader.skip()
      }
    }
    return tensor
  }

  private static func shape(_ reader: inout JSONReader, _ name: String?) throws -> [Int] {
    let wrong = HTTPFailure(
      .badRequest, "the shape of input \(name ?? "") is not an array of at most 16 numbers from 0")
    guard try reader.kind() == .array else { throw wrong }
    var shape: [Int] = []
    try reader.array { reader in
      guard shape.count < 16, try reader.kind() == .number, let size = Int(exactly: try reader.number()) else {
        throw wrong
      }
      shape.append(size)
    }
    return shape
  }

  private static func parameters(_ reader: inout JSONReader, _ what: String) throws -> Parameters {
    var parameters = Parameters()
    switch try reader.kind() {
    case .null: try reader.skip()
    case .object:
      try reader.object { reader, name in
        switch (name, try reader.kind()) {
        case ("binary_data_output", .bool): parameters.isBinaryOutput = try reader.bool()
        case ("binary_data", .bool): parameters.isBinary = try reader.bool()
        case ("binary_data_size", .number): parameters.binarySize = Int(exactly: try reader.number()) ?? -1
        case ("serial", .string): parameters.serial = try reader.text(limit: 4096)
        case ("classification", _):
          parameters.hasClassification = true
          try reader.skip()
        case ("shared_memory_region", _):
          parameters.hasSharedMemory = true
          try reader.skip()
        // Taken for left out, it would give an answer in another form, or a part without its number.
        case ("binary_data_output", _), ("binary_data", _):
          throw HTTPFailure(.badRequest, "\(what): \(name) is true or false")
        case ("binary_data_size", _): throw HTTPFailure(.badRequest, "\(what): \(name) is a number of bytes")
        case ("serial", _): throw HTTPFailure(.badRequest, "\(what): \(name) is a text")
        default: try reader.skip()
        }
      }
    default: throw HTTPFailure(.badRequest, "\(what) is not an object")
    }
    return parameters
  }
}
