import AssayStation
import AssayWorkflows
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// The Open Inference Protocol, version 2, with its binary tensor extension.
struct InferenceRoutes {
  let station: Station
  let reader: BodyReader

  /// Images in one request.
  static let largestBatch = 64
  private static let headerLength = HTTPField.Name("Inference-Header-Content-Length")

  private struct ServerMetadata: Encodable {
    let name = "assay"
    let version = Versions.assay
    let extensions = ["binary_tensor_data"]
  }

  func add<Context: RequestContext>(to router: Router<Context>) {
    router.get("/v2") { _, _ in
      try Response.json(ServerMetadata())
    }
    router.get("/v2/health/live") { _, _ in Response(status: .ok) }
    router.get("/v2/health/ready") { _, _ in Response(status: station.shelf.isReady ? .ok : .serviceUnavailable) }
    for prefix in ["/v2/models/:name", "/v2/models/:name/versions/:version"] {
      router.get("\(prefix)") { _, context in try metadata(try bundle(context)) }
      router.get("\(prefix)/ready") { _, context in
        _ = try bundle(context)
        return Response(status: .ok)
      }
      router.post("\(prefix)/infer") { request, context in try await infer(request, try bundle(context)) }
    }
  }

  private func bundle(_ context: some RequestContext) throws -> ServedBundle {
    let name = try context.parameters.require("name")
    guard let bundle = station.shelf[name] else { throw HTTPFailure.noModel(name) }
    if let version = context.parameters.get("version"), version != bundle.version {
      throw HTTPFailure(
        .notFound, "model \(name) has no version \(version.prefix(100)); version \(bundle.version) is served")
    }
    return bundle
  }

  private func metadata(_ bundle: ServedBundle) throws -> Response {
    struct Metadata: Encodable {
      let name: String
      let versions: [String]
      let platform: String
      let inputs: [ModelSignature.Tensor]
      let outputs: [ModelSignature.Tensor]
    }
    let signature = ModelSignature(bundle)
    return try .json(
      Metadata(
        name: bundle.name, versions: [bundle.version], platform: "assay_openvino", inputs: [signature.input],
        outputs: signature.outputs))
  }

  private func infer(_ request: Request, _ bundle: ServedBundle) async throws -> Response {
    guard request.headers[.contentEncoding].map({ $0 == "identity" }) ?? true else {
      throw HTTPFailure(.unsupportedMediaType, "compressed requests are not read; send the body as it is")
    }
    let length = try Self.headerLength.flatMap { request.headers[$0] }.map { text in
      guard let length = Int(text) else {
        throw HTTPFailure(.badRequest, "Inference-Header-Content-Length is not a number")
      }
      return length
    }
    return try await reader.read(request) { body in
      let message =
        length == 0
        ? InferenceMessage(raw: body, inputShape: bundle.inputShape)
        : try InferenceMessage(body, headerLength: length)
      let items = try Self.items(message, bundle)
      let signature = ModelSignature(bundle)
      let isFile = message.inputs[0].datatype == "BYTES"
      // A map of tiles put together is not what the graph gives for one of them.
      let isOffered: (String) -> Bool = { name in
        !(bundle.isTiled && isFile) || ["verdict", "class", "score"].contains(name)
      }
      let chosen = try message.outputs?.map { choice in
        guard signature.outputs.contains(where: { $0.name == choice.name }), isOffered(choice.name) else {
          throw HTTPFailure(.badRequest, "model \(bundle.name) has no output \(choice.name.prefix(100)) for this input")
        }
        return choice
      }
      let choices =
        chosen
        ?? signature.outputs.map(\.name).filter(isOffered).map {
          InferenceMessage.OutputChoice(name: $0, isBinary: message.isBinaryByDefault)
        }
      let names = Set(bundle.outputs.map(\.name)).intersection(choices.map(\.name))
      let serial = try InspectRoutes.checked(message.parameters["serial"])
      let results = try await inspect(items, bundle, outputs: Array(names), serial: serial)
      let tensors = try choices.map { try Self.tensor($0.name, results, bundle, isStitched: bundle.isTiled && isFile) }
      return Self.response(message, bundle, zip(tensors, choices.map(\.isBinary)).map { ($0, $1) }, results)
    }
  }

  private static func items(_ message: InferenceMessage, _ bundle: ServedBundle) throws -> [PartInput] {
    guard message.inputs.count == 1, let input = message.inputs.first, input.name == ModelSignature.inputName else {
      let names = message.inputs.map(\.name).joined(separator: ", ")
      throw HTTPFailure(.badRequest, "model \(bundle.name) has one input, \(ModelSignature.inputName), not \(names)")
    }
    let items: [PartInput]
    switch input.content {
    case .bytes(let images):
      guard input.shape.count == 1 || input.shape.dropFirst() == [1] else {
        throw HTTPFailure(.badRequest, "image files have the shape [N] or [N, 1], not \(input.shape)")
      }
      items = images.map { .file($0) }
    case .floats(let values):
      let own = bundle.inputShape
      guard input.shape.count == 4, Array(input.shape.dropFirst()) == own else {
        throw HTTPFailure(
          .badRequest, "input \(input.name) has the shape \(input.shape), expected [N, 3, \(own[1]), \(own[2])]")
      }
      let count = own.reduce(1, *)
      items = (0..<input.shape[0]).map { .tensor(Array(values[$0 * count..<($0 + 1) * count])) }
    }
    guard (1...largestBatch).contains(items.count) else {
      throw HTTPFailure(.badRequest, "a request has 1 to \(largestBatch) images, not \(items.count)")
    }
    return items
  }

  private func inspect(
    _ items: [PartInput], _ bundle: ServedBundle, outputs: [String], serial: String?
  ) async throws -> [InspectedPart] {
    @Sendable func part(_ index: Int) -> Part {
      var part = Part(items[index], serial: serial)
      part.outputs = outputs
      return part
    }
    if items.count == 1 { return [try await station.inspect(part(0), with: bundle)] }
    return try await station.inspect(count: items.count, with: bundle) { part($0) }
  }

  private static func tensor(
    _ name: String, _ results: [InspectedPart], _ bundle: ServedBundle, isStitched: Bool
  ) throws -> InferenceTensor {
    let count = results.count
    let inspections = results.map { $0.part.inspection }
    if let own = bundle.outputs.first(where: { $0.name == name }) {
      let shape = [count] + own.shape.dropFirst()
      if isStitched {
        return InferenceTensor(
          name: name, shape: shape, values: .floats(inspections.map { Float($0?.score ?? .nan) }))
      }
      return InferenceTensor(
        name: name, shape: shape, values: .floats(results.flatMap { $0.part.outputs[name]?.values ?? [] }))
    }
    switch name {
    case "verdict":
      return InferenceTensor(
        name: name, shape: [count], values: .texts(inspections.map { $0?.verdict.rawValue ?? "unjudged" }))
    case "class":
      return InferenceTensor(name: name, shape: [count], values: .texts(inspections.map { $0?.class ?? "" }))
    default:
      return InferenceTensor(
        name: name, shape: [count], values: .doubles(inspections.map { $0?.score ?? .nan }))
    }
  }

  private static func response(
    _ message: InferenceMessage, _ bundle: ServedBundle, _ tensors: [(tensor: InferenceTensor, isBinary: Bool)],
    _ results: [InspectedPart]
  ) -> Response {
    var binary: [UInt8] = []
    let outputs = tensors.map { tensor, isBinary in
      let head =
        "{\"name\":\(JSONText.quoted(tensor.name)),\"datatype\":\"\(tensor.datatype)\",\"shape\":\(tensor.shape)"
      guard isBinary else { return head + ",\"data\":\(tensor.json)}" }
      let bytes = tensor.binary
      binary += bytes
      return head + ",\"parameters\":{\"binary_data_size\":\(bytes.count)}}"
    }
    var text =
      "{\"model_name\":\(JSONText.quoted(bundle.name)),\"model_version\":\(JSONText.quoted(bundle.version))"
    if let id = message.id { text += ",\"id\":\(JSONText.quoted(id))" }
    let numbers = results.compactMap { $0.answer?.id }
    if numbers.count == results.count {
      text += ",\"parameters\":{\"record\":\"\(numbers.map(String.init).joined(separator: ","))\"}"
    }
    text += ",\"outputs\":[\(outputs.joined(separator: ","))]}"
    var headers: HTTPFields = [.contentType: "application/json", .cacheControl: "no-store"]
    let json = Array(text.utf8)
    if tensors.contains(where: \.isBinary), let name = headerLength {
      headers[.contentType] = "application/octet-stream"
      headers[name] = String(json.count)
    }
    return Response(status: .ok, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: json + binary)))
  }
}
