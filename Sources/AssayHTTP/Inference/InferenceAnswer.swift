import AssayStation
import HTTPTypes
import Hummingbird
import NIOCore

/// An answer of the Open Inference Protocol, written once into one buffer.
struct InferenceAnswer {
  private var json = ByteBuffer()
  private var binary = ByteBuffer()
  private let isBinary: Bool

  /// Bytes of a number of 32 bits in JSON, with its comma.
  static let largestNumber = 16

  init(
    _ message: InferenceMessage, _ bundle: ServedBundle, _ tensors: [(tensor: InferenceTensor, isBinary: Bool)],
    _ results: [InspectedPart]
  ) {
    isBinary = tensors.contains(where: \.isBinary)
    // Exact for what is binary and enough for texts, so that nothing is copied while it grows.
    json.reserveCapacity(4096 + tensors.reduce(0) { $0 + ($1.isBinary ? 256 : 4 * $1.tensor.binarySize) })
    binary.reserveCapacity(tensors.reduce(0) { $0 + ($1.isBinary ? $1.tensor.binarySize : 0) })
    json.writeString(
      "{\"model_name\":\(JSONText.quoted(bundle.name)),\"model_version\":\(JSONText.quoted(bundle.version))")
    if let id = message.id { json.writeString(",\"id\":\(JSONText.quoted(id))") }
    let numbers = results.compactMap { $0.answer?.id }
    if numbers.count == results.count {
      json.writeString(",\"parameters\":{\"record\":\"\(numbers.map(String.init).joined(separator: ","))\"}")
    }
    json.writeString(",\"outputs\":[")
    for (index, (tensor, isBinary)) in tensors.enumerated() {
      if index > 0 { json.writeString(",") }
      json.writeString(
        "{\"name\":\(JSONText.quoted(tensor.name)),\"datatype\":\"\(tensor.datatype)\",\"shape\":\(tensor.shape)")
      if isBinary {
        json.writeString(",\"parameters\":{\"binary_data_size\":\(tensor.binarySize)}}")
        tensor.writeBinary(to: &binary)
      } else {
        json.writeString(",\"data\":")
        tensor.writeJSON(to: &json)
        json.writeString("}")
      }
    }
    json.writeString("]}")
  }

  /// - Parameter room: is held until the answer has been sent.
  func response(holding room: ByteBudget.Room?) -> Response {
    var headers: HTTPFields = [.contentType: "application/json", .cacheControl: "no-store"]
    if isBinary, let name = InferenceRoutes.headerLength {
      headers[.contentType] = "application/octet-stream"
      headers[name] = String(json.readableBytes)
    }
    let parts = [json, binary].filter { $0.readableBytes > 0 }
    let length = parts.reduce(0) { $0 + $1.readableBytes }
    return Response(
      status: .ok, headers: headers,
      body: ResponseBody(contentLength: length) { [room] writer in
        for part in parts { try await writer.write(part) }
        room?.giveBack()
        try await writer.finish(nil)
      })
  }
}
