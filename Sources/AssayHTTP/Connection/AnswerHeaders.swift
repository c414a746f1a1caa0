import Foundation
import HTTPTypes
import HummingbirdCore
import NIOHTTP1

/// Header lines that every answer has: the page may load nothing but its own files, and nobody may frame it.
struct AnswerHeaders: Sendable {
  /// Whether this is HTTPS.
  let isSecure: Bool

  static var policy: String {
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
      + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
  }

  /// A year: who has once spoken to this station over TLS does not speak to it without (RFC 6797).
  static var transportSecurity: String { "max-age=31536000" }

  private static let fixed: [(HTTPField.Name, String)] = [
    ("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer"), ("X-Frame-Options", "DENY"),
    ("Cross-Origin-Opener-Policy", "same-origin"), ("Cross-Origin-Resource-Policy", "same-origin"),
  ].compactMap { pair in HTTPField.Name(pair.0).map { ($0, pair.1) } }

  func add(to headers: inout HTTPFields) {
    if headers[.contentSecurityPolicy] == nil { headers[.contentSecurityPolicy] = Self.policy }
    for (name, value) in Self.fixed { headers[name] = value }
    if isSecure { headers[.strictTransportSecurity] = Self.transportSecurity }
  }

  /// The head of an answer that ends its connection, with what Hummingbird adds to those of routes.
  func head(of failure: HTTPFailure) -> HTTPResponseHead {
    var fields = failure.response.headers
    add(to: &fields)
    fields[.date] = Self.date(time(nil))
    fields[.server] = "assay"
    fields[.connection] = "close"
    return HTTPResponseHead(
      version: .http1_1,
      status: HTTPResponseStatus(statusCode: failure.status.code, reasonPhrase: failure.status.reasonPhrase),
      headers: HTTPHeaders(fields.map { ($0.name.rawName, $0.value) }))
  }

  /// `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, section 5.6.7), whatever the process' language is.
  static func date(_ seconds: time_t) -> String {
    var (seconds, parts) = (seconds, tm())
    gmtime_r(&seconds, &parts)
    let day = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"][Int(parts.tm_wday)]
    let month = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"][Int(parts.tm_mon)]
    return String(
      format: "%@, %02d %@ %04d %02d:%02d:%02d GMT", day, parts.tm_mday, month, parts.tm_year + 1900, parts.tm_hour,
      parts.tm_min, parts.tm_sec)
  }
}
