import AssayBase
import AssayRecord
import AssayRuntime
import AssayStation
import Foundation
package import HTTPTypes
package import Hummingbird
import NIOCore

/// An error as it is answered: a status and `{"error": "..."}`, which is the Open Inference Protocol's form as well.
package struct HTTPFailure: HTTPResponseError {
  package let status: HTTPResponse.Status
  let message: String
  var headers: HTTPFields = [:]

  init(_ status: HTTPResponse.Status, _ message: String, headers: HTTPFields = [:]) {
    self.status = status
    self.message = message
    self.headers = headers
  }

  /// Sorts the errors of the lower layers.
  init(_ error: any Error) {
    switch error {
    case let error as HTTPFailure: self = error
    case let refusal as PartRefusal: self.init(refusal)
    case let refusal as RetrainingRefusal: self.init(.conflict, refusal.description)
    case let error as RecordError:
      let text = "\(error.cause); \(error.remedy)"
      switch error.reason {
      case .busy: self.init(.serviceUnavailable, text, headers: [.retryAfter: "1"])
      case .full, .unwritable, .newer: self.init(.serviceUnavailable, text)
      case .foreign, .unreadableRow, .other: self.init(.internalServerError, text)
      }
    case let error as RuntimeError: self.init(.internalServerError, error.description)
    case let error as HTTPError:
      self.init(error.status, error.body ?? error.status.reasonPhrase.lowercased(), headers: error.headers)
    default: self.init(.internalServerError, "the request failed; the station's log says why")
    }
  }

  package func response(from request: Request, context: some RequestContext) -> Response { response }

  var response: Response {
    var headers = headers
    headers[.contentType] = "application/json"
    return Response(status: status, headers: headers, body: .init(byteBuffer: body))
  }

  var body: ByteBuffer { ByteBuffer(string: "{\"error\":\(JSONText.quoted(message))}") }
}

extension Response {
  /// A JSON document.
  static func json(
    _ value: some Encodable, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]
  ) throws -> Response {
    var headers = headers
    headers[.contentType] = "application/json"
    headers[.cacheControl] = "no-store"
    return Response(
      status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: try InspectAnswer.json(value))))
  }

  /// - Parameter isFixed: never changes under its address.
  static func bytes(_ bytes: [UInt8], type: String, isFixed: Bool = false) -> Response {
    Response(
      status: .ok,
      headers: [.contentType: type, .cacheControl: isFixed ? "private, max-age=86400, immutable" : "no-store"],
      body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
  }
}
