import AssayBase
import AssayStation
import HTTPTypes
import Hummingbird
import NIOCore

/// An answer of the Open Inference Protocol. A small one is one buffer; a large one is written image by image while it is
/// sent, so that its text is never in memory as a whole.
struct InferenceAnswer: Sendable {
  fileprivate enum Piece: Sendable {
    case text(String)
    case json(InferenceTensor)
    case binary(InferenceTensor)
  }

  private let json: [Piece]
  private let binary: [Piece]
  private let values: Int

  /// Values from which an answer is written piece by piece.
  private static let large = 1 << 16

  init(
    _ message: InferenceMessage, _ bundle: ServedBundle, _ tensors: [(tensor: InferenceTensor, isBinary: Bool)],
    _ results: [InspectedPart]
  ) {
    var head = "{\"model_name\":\(JSONText.quoted(bundle.name)),\"model_version\":\(JSONText.quoted(bundle.version))"
    if let id = message.id { head += ",\"id\":\(JSONText.quoted(id))" }
    let numbers = results.compactMap { $0.answer?.id }
    if numbers.count == results.count {
      head += ",\"parameters\":{\"record\":\"\(numbers.map(String.init).joined(separator: ","))\"}"
    }
    var (json, binary): ([Piece], [Piece]) = ([.text(head + ",\"outputs\":[")], [])
    for (index, (tensor, isBinary)) in tensors.enumerated() {
      let described =
        (index > 0 ? "," : "")
        + "{\"name\":\(JSONText.quoted(tensor.name)),\"datatype\":\"\(tensor.datatype)\",\"shape\":\(tensor.shape)"
      if isBinary {
        json.append(.text(described + ",\"parameters\":{\"binary_data_size\":\(tensor.binarySize)}}"))
        binary.append(.binary(tensor))
      } else {
        json += [.text(described + ",\"data\":"), .json(tensor), .text("}")]
      }
    }
    json.append(.text("]}"))
    (self.json, self.binary) = (json, binary)
    values = tensors.reduce(0) { $0 + $1.tensor.binarySize / 4 }
  }

  /// - Parameter room: is held until the answer has been sent.
  func response(holding room: ByteBudget.Room?) -> Response {
    var headers: HTTPFields = [.contentType: "application/json", .cacheControl: "no-store"]
    guard !binary.isEmpty || values <= Self.large else {
      // How long the text of so many numbers is is known at its end.
      return Response(status: .ok, headers: headers, body: body(json, length: nil, room))
    }
    var head = ByteBuffer()
    for piece in json { for part in 0..<piece.count { piece.write(part, to: &head) } }
    guard !binary.isEmpty else { return Response(status: .ok, headers: headers, body: .init(byteBuffer: head)) }
    headers[.contentType] = "application/octet-stream"
    if let name = InferenceRoutes.headerLength { headers[name] = String(head.readableBytes) }
    let length = binary.reduce(head.readableBytes) { $0 + $1.binarySize }
    return Response(
      status: .ok, headers: headers,
      body: body(
        [.text(head.getString(at: head.readerIndex, length: head.readableBytes) ?? "")] + binary, length: length, room))
  }

  private func body(_ pieces: [Piece], length: Int?, _ room: ByteBudget.Room?) -> ResponseBody {
    ResponseBody(contentLength: length) { writer in
      for piece in pieces {
        for part in 0..<piece.count {
          var buffer = ByteBuffer()
          piece.write(part, to: &buffer)
          try await writer.write(buffer)
        }
      }
      room?.giveBack()
      try await writer.finish(nil)
    }
  }
}

extension InferenceAnswer.Piece {
  /// One an image.
  fileprivate var count: Int {
    switch self {
    case .text: 1
    case .json(let tensor), .binary(let tensor): tensor.parts
    }
  }

  fileprivate var binarySize: Int { if case .binary(let tensor) = self { tensor.binarySize } else { 0 } }

  fileprivate func write(_ part: Int, to buffer: inout ByteBuffer) {
    switch self {
    case .text(let text): buffer.writeString(text)
    case .json(let tensor): tensor.writeJSON(part, to: &buffer)
    case .binary(let tensor): tensor.writeBinary(part, to: &buffer)
    }
  }
}
