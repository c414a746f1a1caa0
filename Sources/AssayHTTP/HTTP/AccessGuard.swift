import AssayBase
public import AssayStation
import Foundation
import HTTPTypes
package import Hummingbird

/// A bearer token; kept and compared as a hash, so that neither its length nor its beginning can be guessed by the clock.
public struct BearerToken: Sendable {
  private let digest: [UInt8]

  /// - Throws: `StationError` when the file has no usable token.
  public init(file: String) throws(StationError) {
    guard let text = try? String(contentsOfFile: file, encoding: .utf8) else {
      throw StationError(.noInput, "\(file): the token cannot be read; check the path and its permissions")
    }
    let token = text.split(whereSeparator: \.isNewline).first.map { $0.trimmingCharacters(in: .whitespaces) } ?? ""
    // The characters of RFC 6750, which a header and a cookie both take as they are.
    let isUsable = token.unicodeScalars.allSatisfy { scalar in
      switch scalar {
      case "a"..."z", "A"..."Z", "0"..."9", "-", ".", "_", "~", "+", "/", "=": true
      default: false
      }
    }
    guard token.utf8.count >= 16, isUsable else {
      throw StationError(
        .badData,
        "\(file): its first line is no token of 16 or more letters, digits and -._~+/=; make one with "
          + "`openssl rand -hex 32`")
    }
    self.init(token)
  }

  init(_ token: String) { digest = SHA256Digest(of: Data(token.utf8)).bytes }

  /// Takes the same time whatever is given.
  func matches(_ given: some StringProtocol) -> Bool {
    let other = SHA256Digest(of: Data(given.utf8)).bytes
    var difference: UInt8 = 0
    for index in digest.indices { difference |= digest[index] ^ other[index] }
    return difference == 0
  }
}

/// Who may ask.
///
/// With a token every address but the probes and the page's own files needs it. Without one the station listens on this
/// machine alone, and answers only to this machine's names: a page of another site in the operator's browser can neither
/// ask (its `Origin` or `Sec-Fetch-Site` gives it away) nor pretend to be this host (its `Host` does).
package struct AccessGuard<Context: RequestContext>: RouterMiddleware {
  let token: BearerToken?

  /// What needs no token: probes cannot keep secrets, and the page's files hold none.
  static func isOpen(_ path: String) -> Bool {
    path == "/v2/health/live" || path == "/v2/health/ready" || PageFiles.all[path] != nil
  }

  package func handle(
    _ request: Request, context: Context, next: (Request, Context) async throws -> Response
  ) async throws -> Response {
    if let token {
      if !Self.isOpen(request.uri.path) {
        guard let given = Self.token(in: request), token.matches(given) else {
          throw HTTPFailure(
            .unauthorized, "a bearer token is needed: Authorization: Bearer TOKEN",
            headers: [.wwwAuthenticate: "Bearer realm=\"assay\""])
        }
      }
    } else {
      guard let authority = request.head.authority, Self.isLocal(authority) else {
        throw HTTPFailure(
          .misdirectedRequest,
          "without a token the station answers to localhost, 127.0.0.1 and [::1] only; start it with --token-file")
      }
    }
    let origin = request.headers[.origin]
    let isForeign = origin.map { !Self.isSame($0, authority: request.head.authority) } ?? false
    let site = HTTPField.Name("Sec-Fetch-Site").flatMap { request.headers[$0] }
    guard !isForeign, site != "cross-site" else {
      throw HTTPFailure(.forbidden, "requests of other sites' pages are not answered")
    }
    return try await next(request, context)
  }

  /// The cookie's name; the page asks for it once with the token (`POST /v1/session`).
  static var cookie: String { "assay_token" }

  private static func token(in request: Request) -> String? {
    if let field = request.headers[.authorization] {
      return field.prefix(7).lowercased() == "bearer " ? String(field.dropFirst(7).drop { $0 == " " }) : nil
    }
    return request.cookies[cookie]?.value
  }

  package static func isLocal(_ authority: String) -> Bool {
    let host = host(of: authority).lowercased()
    return host == "localhost" || host == "[::1]" || Self.isLoopback(host)
  }

  static func isLoopback(_ host: String) -> Bool {
    let numbers = host.split(separator: ".", omittingEmptySubsequences: false)
    return numbers.count == 4 && numbers[0] == "127" && numbers.allSatisfy { UInt8($0) != nil }
  }

  private static func host(of authority: String) -> Substring {
    if authority.hasPrefix("[") {
      return authority.firstIndex(of: "]").map { authority[...$0] } ?? authority[...]
    }
    return authority.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).first ?? ""
  }

  private static func isSame(_ origin: String, authority: String?) -> Bool {
    guard let authority, let range = origin.range(of: "://") else { return false }
    return origin[range.upperBound...].lowercased() == authority.lowercased()
  }
}
