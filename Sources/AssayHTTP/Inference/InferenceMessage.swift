import AssayModel
import Foundation

/// A request of the Open Inference Protocol, version 2: JSON, or JSON followed by tensors in binary.
struct InferenceMessage {
  enum Content {
    case floats([Float])
    case bytes([[UInt8]])
  }

  struct Input {
    let name: String
    let datatype: String
    let shape: [Int]
    let content: Content
  }

  struct OutputChoice {
    let name: String
    let isBinary: Bool
  }

  let id: String?
  let inputs: [Input]
  /// nil for all.
  let outputs: [OutputChoice]?
  /// Of outputs that are not chosen one by one.
  let isBinaryByDefault: Bool
  /// The request's own parameters that are texts.
  let parameters: [String: String]

  /// - Parameters:
  ///   - headerLength: value of `Inference-Header-Content-Length`: bytes of JSON before the binary tensors; nil when all
  ///     is JSON.
  /// - Throws: ``HTTPFailure`` 400 that says what is wrong.
  init(_ body: [UInt8], headerLength: Int?) throws {
    let length = headerLength ?? body.count
    guard length >= 0, length <= body.count else {
      throw HTTPFailure(
        .badRequest, "Inference-Header-Content-Length is \(length), but the body has \(body.count) bytes")
    }
    let parsed = try? JSONSerialization.jsonObject(with: Data(body[..<length]))
    guard let document = parsed as? [String: Any] else {
      throw HTTPFailure(.badRequest, "the request is not a JSON object")
    }
    let id = document["id"]
    guard id == nil || id is String else { throw HTTPFailure(.badRequest, "id is not a string") }
    self.id = id as? String
    let own = try Self.object(document["parameters"], "parameters")
    isBinaryByDefault = try Self.flag(own["binary_data_output"], "binary_data_output") ?? false
    parameters = own.compactMapValues { $0 as? String }
    guard let list = document["inputs"] as? [Any], !list.isEmpty else {
      throw HTTPFailure(.badRequest, "the request has no inputs")
    }
    var binary = body[length...]
    inputs = try list.map { try Self.input($0, &binary) }
    guard binary.isEmpty else {
      throw HTTPFailure(.badRequest, "\(binary.count) bytes follow that belong to no input; check binary_data_size")
    }
    let isBinaryByDefault = isBinaryByDefault
    if let chosen = document["outputs"] {
      guard let chosen = chosen as? [Any] else { throw HTTPFailure(.badRequest, "outputs is not an array") }
      outputs =
        chosen.isEmpty
        ? nil
        : try chosen.map { item in
          guard let item = item as? [String: Any], let name = item["name"] as? String else {
            throw HTTPFailure(.badRequest, "an output has no name")
          }
          let parameters = try Self.object(item["parameters"], "parameters of output \(name)")
          guard parameters["classification"] == nil else {
            throw HTTPFailure(
              .badRequest, "the classification extension is not supported; read probabilities and class")
          }
          guard parameters["shared_memory_region"] == nil else {
            throw HTTPFailure(.badRequest, "the shared-memory extension is not supported; send tensors in the body")
          }
          return OutputChoice(
            name: name,
            isBinary: try Self.flag(parameters["binary_data"], "binary_data of output \(name)") ?? isBinaryByDefault)
        }
    } else {
      outputs = nil
    }
  }

  /// A body that is the one input itself (`Inference-Header-Content-Length: 0`).
  init(raw body: [UInt8], inputShape: [Int]) {
    id = nil
    outputs = nil
    isBinaryByDefault = true
    parameters = [:]
    let isTensor = body.count == 4 * inputShape.reduce(1, *)
    inputs = [
      Input(
        name: "image", datatype: isTensor ? "FP32" : "BYTES", shape: isTensor ? [1] + inputShape : [1],
        content: isTensor ? .floats(Self.floats(body[...])) : .bytes([body]))
    ]
  }

  /// JSON's true and false; Foundation would take 0 and 1 for them as well.
  private static func flag(_ value: Any?, _ what: String) throws -> Bool? {
    guard let value else { return nil }
    guard let number = value as? NSNumber, String(cString: number.objCType) == "c" else {
      throw HTTPFailure(.badRequest, "\(what) is not true or false")
    }
    return number.boolValue
  }

  private static func object(_ value: Any?, _ what: String) throws -> [String: Any] {
    guard let value, !(value is NSNull) else { return [:] }
    guard let object = value as? [String: Any] else { throw HTTPFailure(.badRequest, "\(what) is not an object") }
    return object
  }

  private static func input(_ value: Any, _ binary: inout ArraySlice<UInt8>) throws -> Input {
    guard let item = value as? [String: Any], let name = item["name"] as? String else {
      throw HTTPFailure(.badRequest, "an input has no name")
    }
    guard let datatype = item["datatype"] as? String else {
      throw HTTPFailure(.badRequest, "input \(name) has no datatype")
    }
    guard let dimensions = item["shape"] as? [Any] else { throw HTTPFailure(.badRequest, "input \(name) has no shape") }
    let shape = dimensions.compactMap { ($0 as? NSNumber)?.intValue }
    let largest = 1 << 30
    guard shape.count == dimensions.count, shape.allSatisfy({ $0 >= 0 && $0 <= largest }) else {
      throw HTTPFailure(.badRequest, "the shape of input \(name) is not an array of numbers from 0")
    }
    var count = 1
    for size in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: size)
      guard !overflow, product <= largest else {
        throw HTTPFailure(.badRequest, "input \(name) is too large: \(shape)")
      }
      count = product
    }
    let parameters = try object(item["parameters"], "parameters of input \(name)")
    if let size = (parameters["binary_data_size"] as? NSNumber)?.intValue {
      guard size >= 0, size <= binary.count else {
        throw HTTPFailure(
          .badRequest, "input \(name) has a binary_data_size of \(size), but \(binary.count) bytes are left")
      }
      let own = binary.prefix(size)
      binary = binary.dropFirst(size)
      return Input(name: name, datatype: datatype, shape: shape, content: try content(own, datatype, count, name))
    }
    guard parameters["shared_memory_region"] == nil else {
      throw HTTPFailure(.badRequest, "the shared-memory extension is not supported; send tensors in the body")
    }
    guard let data = item["data"] as? [Any] else { throw HTTPFailure(.badRequest, "input \(name) has no data") }
    return Input(name: name, datatype: datatype, shape: shape, content: try content(data, datatype, count, name))
  }

  private static func content(
    _ bytes: ArraySlice<UInt8>, _ datatype: String, _ count: Int, _ name: String
  ) throws -> Content {
    switch datatype {
    case "FP32":
      guard bytes.count == 4 * count else {
        throw HTTPFailure(
          .badRequest, "input \(name) has \(bytes.count) bytes, its shape needs \(4 * count) (\(count) values of FP32)")
      }
      return .floats(floats(bytes))
    case "BYTES":
      var elements: [[UInt8]] = []
      var rest = bytes
      while rest.count >= 4 {
        let length = rest.prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
        guard length <= rest.count - 4 else { break }
        elements.append(Array(rest.dropFirst(4).prefix(length)))
        rest = rest.dropFirst(4 + length)
      }
      guard rest.isEmpty, elements.count == count else {
        throw HTTPFailure(
          .badRequest,
          "input \(name) is not \(count) elements of BYTES, each a length of 4 bytes, little-endian, and its bytes")
      }
      return .bytes(elements)
    default: throw wrongType(name, datatype)
    }
  }

  private static func content(_ data: [Any], _ datatype: String, _ count: Int, _ name: String) throws -> Content {
    switch datatype {
    case "FP32":
      var values: [Float] = []
      values.reserveCapacity(min(count, 1 << 24))
      try flatten(data, into: &values, name)
      guard values.count == count else {
        throw HTTPFailure(.badRequest, "input \(name) has \(values.count) values, its shape needs \(count)")
      }
      return .floats(values)
    case "BYTES":
      var elements: [[UInt8]] = []
      for item in data {
        guard let text = (item as? String) ?? ((item as? [Any])?.first as? String),
          let decoded = Data(base64Encoded: text)
        else { throw HTTPFailure(.badRequest, "input \(name): in JSON an image is a string in base64") }
        elements.append([UInt8](decoded))
      }
      guard elements.count == count else {
        throw HTTPFailure(.badRequest, "input \(name) has \(elements.count) elements, its shape needs \(count)")
      }
      return .bytes(elements)
    default: throw wrongType(name, datatype)
    }
  }

  /// The protocol allows nested arrays as well as a flat one.
  private static func flatten(_ data: [Any], into values: inout [Float], _ name: String) throws {
    for item in data {
      if let number = item as? NSNumber {
        values.append(number.floatValue)
      } else if let nested = item as? [Any] {
        try flatten(nested, into: &values, name)
      } else {
        throw HTTPFailure(.badRequest, "input \(name) has data that is not a number")
      }
    }
  }

  private static func wrongType(_ name: String, _ datatype: String) -> HTTPFailure {
    HTTPFailure(
      .badRequest,
      "input \(name) is \(datatype.prefix(20)); send FP32 (the network's own input) or BYTES (image files)")
  }

  private static func floats(_ bytes: ArraySlice<UInt8>) -> [Float] {
    bytes.withUnsafeBytes(FloatBytes.decode)
  }
}
