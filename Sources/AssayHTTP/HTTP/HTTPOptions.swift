/// Everything that a station's HTTP interface can be told.
package struct HTTPOptions: Sendable {
  package var host = "127.0.0.1"
  /// 0 for any free one.
  package var port = 8080
  /// A file with the bearer token on its first line.
  package var tokenFile: String?
  /// PEM files.
  package var certificate: String?
  package var key: String?

  /// Bytes.
  package var maximumBody = 32 << 20
  /// Seconds in which a request must have arrived, and its answer been taken.
  package var exchangeSeconds = 20.0
  /// Seconds after which a connection without a request is closed.
  package var idleSeconds = 60.0
  /// Each may hold ``headerBytes`` before it is known who asks.
  package var maximumConnections = 2_000

  /// All header fields of one request.
  static let headerBytes = 8 << 10

  package init() {}
}
