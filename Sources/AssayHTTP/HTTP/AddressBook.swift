import Foundation
import HTTPTypes
import Hummingbird
import Synchronization

/// Which methods an address knows. Filled from the router once all routes are in it.
final class AddressBook: Sendable {
  private struct Address: Sendable {
    let segments: [String]
    let method: String
  }

  private let addresses = Mutex<[Address]>([])

  func fill(_ routes: [(path: String, method: HTTPRequest.Method)]) {
    addresses.withLock { addresses in
      addresses = routes.map { Address(segments: Self.segments($0.path), method: $0.method.rawValue) }
    }
  }

  /// In alphabetical order, HEAD and OPTIONS among them; none when nothing is there. `*` has those of all addresses.
  func methods(_ path: String) -> [String] {
    let segments = Self.segments(path)
    let known = addresses.withLock { addresses in
      addresses.filter { address in
        path == "*"
          || address.segments.count == segments.count
            && zip(address.segments, segments).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
      }
    }
    guard !known.isEmpty else { return [] }
    var methods = Set(known.map(\.method))
    if methods.contains("GET") { methods.insert("HEAD") }
    methods.insert("OPTIONS")
    return methods.sorted()
  }

  private static func segments(_ path: String) -> [String] { path.split(separator: "/").map(String.init) }
}

/// Answers what no route does: 404 for an address that is not there, 405 with `Allow` for a method that it does not know,
/// 204 with `Allow` for OPTIONS. Names in addresses reach the routes decoded, and query parameters that an address does
/// not know are refused: a typing error that is passed over shows wrong data.
struct AddressCheck<Context: RequestContext>: RouterMiddleware {
  let book: AddressBook

  func handle(
    _ request: Request, context: Context, next: (Request, Context) async throws -> Response
  ) async throws -> Response {
    guard let route = context.endpointPath else { return try elsewhere(request) }
    var context = context
    for (name, value) in context.parameters where value.contains("%") {
      guard let decoded = value.removingPercentEncoding else {
        throw HTTPFailure(.badRequest, "\(name) in the path is not UTF-8 in percent encoding")
      }
      context.coreContext.parameters[name] = decoded[...]
    }
    if route.hasPrefix("/v1/") {
      let known = StationAPI.queryParameters(of: route, method: request.method)
      try QueryParameters(request).check(known: known)
    }
    return try await next(request, context)
  }

  private func elsewhere(_ request: Request) throws -> Response {
    let path = request.uri.path
    let methods = book.methods(path)
    guard !methods.isEmpty else { throw HTTPFailure(.notFound, "there is nothing at \(path.prefix(200))") }
    let allowed: HTTPFields = [.allow: methods.joined(separator: ", ")]
    if request.method == .options { return Response(status: .noContent, headers: allowed) }
    throw HTTPFailure(
      .methodNotAllowed,
      "\(request.method.rawValue.prefix(20)) is not offered at \(path.prefix(200)), only \(methods.joined(separator: ", "))",
      headers: allowed)
  }
}
