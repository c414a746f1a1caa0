import HTTPTypes
import Hummingbird

/// Bodies are read as they come: a compressed one is refused before it is sent.
struct BodyCoding<Context: RequestContext>: RouterMiddleware {
  func handle(
    _ request: Request, context: Context, next: (Request, Context) async throws -> Response
  ) async throws -> Response {
    guard let coding = request.headers[.contentEncoding], coding.lowercased() != "identity" else {
      return try await next(request, context)
    }
    throw HTTPFailure(
      .unsupportedMediaType, "Content-Encoding is \(coding.prefix(40)), which is not read; send the body as it is",
      headers: [.acceptEncoding: "identity"])
  }
}
