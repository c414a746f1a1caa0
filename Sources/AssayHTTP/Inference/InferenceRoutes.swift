import AssayBase
import AssayInspection
import AssayRecord
import AssayRuntime
import AssayStation
import Foundation
import HTTPTypes
import Hummingbird

/// The Open Inference Protocol, version 2, with its binary tensor extension.
struct InferenceRoutes {
  let station: Station
  let reader: BodyReader

  static let headerLength = HTTPField.Name("Inference-Header-Content-Length")

  private struct ServerMetadata: Encodable {
    let name = "assay"
    let version = Versions.assay
    let extensions = ["binary_tensor_data"]
  }

  private struct Readiness: Encodable {
    let ready: Bool
    let recording: String
    /// Whether the latest inspection could be put on disk; nil when nothing is recorded.
    let isRecording: Bool?
    let lost: Int?
    let indexing: InspectionRecord.Indexing?
  }

  func add<Context: RequestContext>(to router: Router<Context>) {
    router.get("/v2") { _, _ in
      try Response.json(ServerMetadata())
    }
    router.get("/v2/health/live") { _, _ in Response(status: .ok) }
    router.get("/v2/health/ready") { _, _ in
      // A station that cannot record inspects all the same; it says so here, and why where one must have the token.
      let (isReady, record) = (station.shelf.isReady, station.record?.state)
      return try Response.json(
        Readiness(
          ready: isReady, recording: station.options.recording.rawValue,
          isRecording: record.map { $0.failure == nil }, lost: record?.lost, indexing: record?.indexing),
        status: isReady ? .ok : .serviceUnavailable)
    }
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
        name: bundle.name, versions: [bundle.version], platform: "assay_\(bundle.engine)", inputs: [signature.input],
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
    func copies(_ bytes: Int) -> Int { Self.copies(bytes, length, bundle) }
    return try await reader.read(request, beside: copies) { body in
      let message =
        length == 0
        ? InferenceMessage(raw: body, inputShape: bundle.inputShape)
        : try InferenceMessage(body, headerLength: length)
      let (input, count) = try Self.images(message, bundle)
      let signature = ModelSignature(bundle)
      let isFile = input.datatype == "BYTES"
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
      let serial = try InspectRoutes.checked(message.serial)
      let room = try await answerRoom(choices, count, bundle)
      let results = try await inspect(message, bundle, outputs: Array(names), serial: serial)
      let tensors = choices.map { Self.tensor($0.name, results, bundle, isStitched: bundle.isTiled && isFile) }
      return InferenceAnswer(message, bundle, zip(tensors, choices.map(\.isBinary)).map { ($0, $1) }, results)
        .response(holding: room)
    }
  }

  /// Bytes that are made of a body: an image's own, or a tensor's numbers.
  private static func copies(_ length: Int, _ headerLength: Int?, _ bundle: ServedBundle) -> Int {
    // In JSON a number has two bytes at least, and becomes four.
    let tensors = InferenceMessage.largestBatch * 4 * bundle.inputShape.reduce(1, *)
    return headerLength == nil ? max(length, min(2 * length, tensors)) : length
  }

  /// Room for the outputs of the graph until they have been sent; nil for few.
  private func answerRoom(
    _ choices: [InferenceMessage.OutputChoice], _ count: Int, _ bundle: ServedBundle
  ) async throws -> ByteBudget.Room? {
    // The length of the text before binary tensors is said before it, so that text is made at once.
    let isMixed = choices.contains(where: \.isBinary)
    let bytes = choices.reduce(0) { bytes, choice in
      let values = bundle.outputs.first { $0.name == choice.name }?.shape.dropFirst().reduce(1, *) ?? 1
      return bytes + (isMixed && !choice.isBinary ? 20 : 4) * count * values
    }
    guard bytes > 64 << 10 else { return nil }
    return try await station.budget.room(bytes, of: .answers, until: station.queue.deadline)
  }

  /// The message's one input, and how many images it has.
  private static func images(
    _ message: InferenceMessage, _ bundle: ServedBundle
  ) throws -> (input: InferenceMessage.Input, count: Int) {
    guard message.inputs.count == 1, let input = message.inputs.first, input.name == ModelSignature.inputName else {
      let names = message.inputs.map(\.name).joined(separator: ", ").prefix(1000)
      throw HTTPFailure(.badRequest, "model \(bundle.name) has one input, \(ModelSignature.inputName), not \(names)")
    }
    let count: Int
    switch input.content {
    case .files(let files), .encodedFiles(let files):
      guard input.shape.count == 1 || input.shape.dropFirst() == [1] else {
        throw HTTPFailure(.badRequest, "image files have the shape [N] or [N, 1], not \(input.shape)")
      }
      count = files.count
    case .floats, .rawFloats:
      let own = bundle.inputShape
      guard input.shape.count == 4, Array(input.shape.dropFirst()) == own else {
        throw HTTPFailure(
          .badRequest, "input \(input.name) has the shape \(input.shape), expected [N, 3, \(own[1]), \(own[2])]")
      }
      count = input.shape[0]
    }
    guard (1...InferenceMessage.largestBatch).contains(count) else {
      throw HTTPFailure(.badRequest, "a request has 1 to \(InferenceMessage.largestBatch) images, not \(count)")
    }
    return (input, count)
  }

  private func inspect(
    _ message: InferenceMessage, _ bundle: ServedBundle, outputs: [String], serial: String?
  ) async throws -> [InspectedPart] {
    let (input, count) = try Self.images(message, bundle)
    let values = bundle.inputShape.reduce(1, *)
    @Sendable func part(_ index: Int) -> Part {
      var part = Part(message.image(index, of: input, count: values), serial: serial)
      part.outputs = outputs
      return part
    }
    if count == 1 { return [try await station.inspect(part(0), with: bundle)] }
    return try await station.inspect(count: count, with: bundle) { part($0) }
  }

  private static func tensor(
    _ name: String, _ results: [InspectedPart], _ bundle: ServedBundle, isStitched: Bool
  ) -> InferenceTensor {
    let count = results.count
    let inspections = results.map(\.part.inspection)
    if let own = bundle.outputs.first(where: { $0.name == name }) {
      let values: InferenceTensor.Values =
        isStitched
        ? .floats([inspections.map { Float($0?.score ?? .nan) }])
        : .floats(results.map { $0.part.outputs[name]?.values ?? [] })
      return InferenceTensor(name: name, shape: [count] + own.shape.dropFirst(), values: values)
    }
    switch name {
    case "verdict":
      return InferenceTensor(
        name: name, shape: [count], values: .texts(inspections.map { $0?.verdict.rawValue ?? "unjudged" }))
    case "class":
      return InferenceTensor(name: name, shape: [count], values: .texts(inspections.map { $0?.class ?? "" }))
    default:
      return InferenceTensor(name: name, shape: [count], values: .doubles(inspections.map { $0?.score ?? .nan }))
    }
  }
}
