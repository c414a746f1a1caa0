import AssayGraph
package import AssayStation
import Foundation
import HTTPTypes

/// A request of the Open Inference Protocol, version 2: JSON, or JSON followed by tensors in binary.
///
/// The body stays as it is, and images are taken out of it when their turn comes: a message takes little more memory than
/// its bytes, whatever they say.
package struct InferenceMessage: Sendable {
  package enum Content: Sendable {
    /// Values of the network's own input, one image after the other.
    case floats([Float])
    /// The same where they lie in the body, little-endian.
    case rawFloats(Range<Int>)
    /// Image files where they lie in the body.
    case files([Range<Int>])
    /// The same in Base64.
    case encodedFiles([Range<Int>])
  }

  package struct Input: Sendable {
    let name: String
    let datatype: String
    package let shape: [Int]
    package let content: Content
  }

  struct OutputChoice: Sendable {
    let name: String
    let isBinary: Bool
  }

  let body: [UInt8]
  let id: String?
  package let inputs: [Input]
  /// nil for all.
  let outputs: [OutputChoice]?
  /// Of outputs that are not chosen one by one.
  let isBinaryByDefault: Bool
  /// The request's own parameter of this name.
  let serial: String?

  /// Images in one request.
  static let largestBatch = 64

  /// - Parameters:
  ///   - headerLength: value of `Inference-Header-Content-Length`: bytes of JSON before the binary tensors; nil when all
  ///     is JSON.
  /// - Throws: ``HTTPFailure`` 400 that says what is wrong.
  package init(_ body: [UInt8], headerLength: Int?) throws {
    let length = headerLength ?? body.count
    guard length >= 0, length <= body.count else {
      throw HTTPFailure(
        .badRequest, "Inference-Header-Content-Length is \(length), but the body has \(body.count) bytes")
    }
    let draft = try InferenceDraft(body[..<length])
    self.body = body
    id = draft.id
    serial = draft.parameters.serial
    let isBinaryByDefault = draft.parameters.isBinaryOutput ?? false
    self.isBinaryByDefault = isBinaryByDefault
    guard !draft.inputs.isEmpty else { throw HTTPFailure(.badRequest, "the request has no inputs") }
    var binary = length..<body.count
    do {
      inputs = try draft.inputs.map { try Input($0, body, &binary) }
    } catch let fault as JSONReader.Fault {
      throw HTTPFailure(.badRequest, "the data of an input cannot be read: \(fault.cause)")
    }
    guard binary.isEmpty else {
      throw HTTPFailure(.badRequest, "\(binary.count) bytes follow that belong to no input; check binary_data_size")
    }
    outputs = try draft.outputs.map { outputs in
      try outputs.map { output in
        guard let name = output.name else { throw HTTPFailure(.badRequest, "an output has no name") }
        guard !output.parameters.hasClassification else {
          throw HTTPFailure(
            .badRequest, "the classification extension is not supported; read probabilities and class")
        }
        guard !output.parameters.hasSharedMemory else { throw Self.sharedMemory }
        return OutputChoice(name: name, isBinary: output.parameters.isBinary ?? isBinaryByDefault)
      }
    }
  }

  /// A body that is the one input itself (`Inference-Header-Content-Length: 0`).
  package init(raw body: [UInt8], inputShape: [Int]) {
    self.body = body
    id = nil
    outputs = nil
    isBinaryByDefault = true
    serial = nil
    let isTensor = body.count == 4 * inputShape.reduce(1, *)
    inputs = [
      Input(
        name: "image", datatype: isTensor ? "FP32" : "BYTES", shape: isTensor ? [1] + inputShape : [1],
        content: isTensor ? .rawFloats(0..<body.count) : .files([0..<body.count]))
    ]
  }

  /// - Parameter count: values of one image.
  package func image(_ index: Int, of input: Input, count: Int) -> PartInput {
    switch input.content {
    case .floats(let values): .tensor(Array(values[index * count..<(index + 1) * count]))
    case .rawFloats(let range):
      .tensor(body[(range.lowerBound + 4 * index * count)...].prefix(4 * count).withUnsafeBytes(FloatBytes.decode))
    case .files(let ranges): .file(ranges[index] == 0..<body.count ? body : Array(body[ranges[index]]))
    case .encodedFiles(let ranges): .file(Base64.decode(body[ranges[index]]))
    }
  }

  static let sharedMemory = HTTPFailure(
    .badRequest, "the shared-memory extension is not supported; send tensors in the body")
}

extension InferenceMessage.Input {
  /// - Parameter binary: what is left of the body behind the JSON.
  fileprivate init(_ draft: InferenceDraft.Tensor, _ body: [UInt8], _ binary: inout Range<Int>) throws {
    guard let name = draft.name else { throw HTTPFailure(.badRequest, "an input has no name") }
    guard let datatype = draft.datatype else { throw HTTPFailure(.badRequest, "input \(name) has no datatype") }
    guard let shape = draft.shape else { throw HTTPFailure(.badRequest, "input \(name) has no shape") }
    let count = try Self.count(shape, name)
    (self.name, self.datatype, self.shape) = (name, datatype, shape)
    if let size = draft.parameters.binarySize {
      guard size >= 0, size <= binary.count else {
        throw HTTPFailure(
          .badRequest, "input \(name) has a binary_data_size of \(size), but \(binary.count) bytes are left")
      }
      let own = binary.lowerBound..<binary.lowerBound + size
      binary = own.upperBound..<binary.upperBound
      content = try Self.binaryContent(body, own, datatype, count, name)
      return
    }
    guard !draft.parameters.hasSharedMemory else { throw InferenceMessage.sharedMemory }
    guard let data = draft.data, body[data.lowerBound] == UInt8(ascii: "[") else {
      throw HTTPFailure(.badRequest, "input \(name) has no data")
    }
    content = try Self.jsonContent(body, data, datatype, count, name)
  }

  private static func count(_ shape: [Int], _ name: String) throws -> Int {
    let largest = 1 << 30
    guard shape.allSatisfy({ $0 >= 0 && $0 <= largest }) else {
      throw HTTPFailure(.badRequest, "the shape of input \(name) is not an array of numbers from 0")
    }
    return try shape.reduce(1) { count, size in
      let (product, overflow) = count.multipliedReportingOverflow(by: size)
      guard !overflow, product <= largest else {
        throw HTTPFailure(.badRequest, "input \(name) is too large: \(shape)")
      }
      return product
    }
  }

  private static func binaryContent(
    _ body: [UInt8], _ range: Range<Int>, _ datatype: String, _ count: Int, _ name: String
  ) throws -> InferenceMessage.Content {
    switch datatype {
    case "FP32":
      guard range.count == 4 * count else {
        throw HTTPFailure(
          .badRequest, "input \(name) has \(range.count) bytes, its shape needs \(4 * count) (\(count) values of FP32)")
      }
      return .rawFloats(range)
    case "BYTES":
      try checkBatch(count)
      var elements: [Range<Int>] = []
      var rest = range
      while rest.count >= 4, elements.count < count {
        let length = body[rest].prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
        guard length <= rest.count - 4 else { break }
        elements.append(rest.lowerBound + 4..<rest.lowerBound + 4 + length)
        rest = rest.lowerBound + 4 + length..<rest.upperBound
      }
      guard rest.isEmpty, elements.count == count else {
        throw HTTPFailure(
          .badRequest,
          "input \(name) is not \(count) elements of BYTES, each a length of 4 bytes, little-endian, and its bytes")
      }
      return .files(elements)
    default: throw wrongType(name, datatype)
    }
  }

  private static func jsonContent(
    _ body: [UInt8], _ data: Range<Int>, _ datatype: String, _ count: Int, _ name: String
  ) throws -> InferenceMessage.Content {
    var reader = JSONReader(body[data])
    switch datatype {
    case "FP32":
      var values: [Float] = []
      // A number and its comma have two bytes at least.
      values.reserveCapacity(min(count, data.count / 2 + 1))
      try flatten(&reader, into: &values, count, name)
      guard values.count == count else {
        throw HTTPFailure(.badRequest, "input \(name) has \(values.count) values, its shape needs \(count)")
      }
      return .floats(values)
    case "BYTES":
      try checkBatch(count)
      var elements: [Range<Int>] = []
      func add(_ reader: inout JSONReader) throws {
        guard try reader.kind() == .string else { throw notBase64(name) }
        let text = try reader.rawText()
        guard Base64.count(body[text]) != nil else { throw notBase64(name) }
        elements.append(text)
        guard elements.count <= count else { throw tooMany(name, "elements", count) }
      }
      try reader.array { reader in
        // [N] or [N, 1].
        if try reader.kind() == .array { try reader.array(add) } else { try add(&reader) }
      }
      guard elements.count == count else {
        throw HTTPFailure(.badRequest, "input \(name) has \(elements.count) elements, its shape needs \(count)")
      }
      return .encodedFiles(elements)
    default: throw wrongType(name, datatype)
    }
  }

  /// The protocol allows nested arrays as well as a flat one. Their depth has been checked.
  private static func flatten(
    _ reader: inout JSONReader, into values: inout [Float], _ count: Int, _ name: String
  ) throws {
    try reader.array { reader in
      switch try reader.kind() {
      case .number:
        guard values.count < count else { throw tooMany(name, "values", count) }
        values.append(Float(try reader.number()))
      case .array: try flatten(&reader, into: &values, count, name)
      default: throw HTTPFailure(.badRequest, "input \(name) has data that is not a number")
      }
    }
  }

  private static func checkBatch(_ count: Int) throws {
    guard (1...InferenceMessage.largestBatch).contains(count) else {
      throw HTTPFailure(.badRequest, "a request has 1 to \(InferenceMessage.largestBatch) images, not \(count)")
    }
  }

  private static func tooMany(_ name: String, _ what: String, _ count: Int) -> HTTPFailure {
    HTTPFailure(.badRequest, "input \(name) has more \(what) than its shape needs, which are \(count)")
  }

  private static func notBase64(_ name: String) -> HTTPFailure {
    HTTPFailure(.badRequest, "input \(name): in JSON an image is a string in base64")
  }

  private static func wrongType(_ name: String, _ datatype: String) -> HTTPFailure {
    HTTPFailure(
      .badRequest,
      "input \(name) is \(datatype.prefix(20)); send FP32 (the network's own input) or BYTES (image files)")
  }
}
