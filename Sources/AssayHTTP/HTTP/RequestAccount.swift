import AssayStation
import HTTPTypes
import Hummingbird
import Logging

/// Headers that every answer has.
struct SafetyHeaders<Context: RequestContext>: RouterMiddleware {
  let headers: AnswerHeaders

  func handle(
    _ request: Request, context: Context, next: (Request, Context) async throws -> Response
  ) async throws -> Response {
    var response = try await next(request, context)
    headers.add(to: &response.headers)
    return response
  }
}

/// Turns every error into its answer, counts it and logs it.
struct RequestAccount<Context: RequestContext>: RouterMiddleware {
  let counts: RequestCounts

  func handle(
    _ request: Request, context: Context, next: (Request, Context) async throws -> Response
  ) async throws -> Response {
    let start = ContinuousClock.now
    var response: Response
    do {
      response = try await next(request, context)
    } catch {
      let failure = HTTPFailure(error)
      if failure.status == .internalServerError {
        context.logger.error("request failed", metadata: ["error": "\(error)"])
      }
      response = failure.response
    }
    // The header of GET, its length too, and no body.
    if request.method == .head { response = response.createHeadResponse() }
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    // The route and not the path: a stranger must not be able to make up labels.
    let route = context.endpointPath.map { $0.hasPrefix("/") ? $0 : "/" + $0 } ?? "unknown"
    counts.add(
      method: Self.methods.contains(request.method.rawValue) ? request.method.rawValue : "other", route: route,
      status: response.status.code, seconds: seconds)
    context.logger.info(
      "request",
      metadata: [
        "method": "\(request.method.rawValue)", "path": "\(request.uri.path.prefix(200))",
        "status": .stringConvertible(response.status.code), "milliseconds": .stringConvertible(seconds * 1000),
      ])
    return response
  }

  /// The same of a request that no route has seen.
  static func note(_ failure: HTTPFailure, _ counts: RequestCounts, _ logger: Logger) {
    counts.add(method: "other", route: "unknown", status: failure.status.code, seconds: 0)
    logger.info(
      "request refused", metadata: ["status": .stringConvertible(failure.status.code), "error": "\(failure.message)"])
  }

  private static var methods: Set<String> { ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] }
}
