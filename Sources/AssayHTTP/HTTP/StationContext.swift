import HTTPTypes
import Hummingbird
import NIOCore
import NIOHTTPTypes

/// What belongs to one request: also the connection it came by.
struct StationContext: RequestContext {
  var coreContext: CoreRequestContextStorage
  let channel: any Channel

  init(source: ApplicationRequestContextSource) {
    coreContext = .init(source: source)
    channel = source.channel
  }
}

/// `Expect: 100-continue`: the client sends its body once it is asked for it. It is asked when a route begins to read, so
/// a request that is refused by its head alone (401, 404, 413, 415) is answered before a byte of its body is sent.
struct ContinueWhenRead: RouterMiddleware {
  typealias Context = StationContext

  func handle(
    _ request: Request, context: StationContext, next: (Request, StationContext) async throws -> Response
  ) async throws -> Response {
    guard request.headers[.expect] != nil else { return try await next(request, context) }
    var request = request
    request.body = RequestBody(asyncSequence: AskedForBody(body: request.body, channel: context.channel))
    return try await next(request, context)
  }
}

/// A body whose sender waits to be asked for it.
struct AskedForBody: AsyncSequence, Sendable {
  typealias Element = ByteBuffer

  let body: RequestBody
  let channel: any Channel

  struct AsyncIterator: AsyncIteratorProtocol {
    var iterator: RequestBody.AsyncIterator
    var channel: (any Channel)?

    mutating func next() async throws -> ByteBuffer? {
      if let asked = channel {
        channel = nil
        try await asked.writeAndFlush(HTTPResponsePart.head(HTTPResponse(status: .continue)))
      }
      return try await iterator.next()
    }
  }

  func makeAsyncIterator() -> AsyncIterator { AsyncIterator(iterator: body.makeAsyncIterator(), channel: channel) }
}
