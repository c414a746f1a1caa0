/// Everything that a station's HTTP interface can be told.
public struct HTTPOptions: Sendable {
  public var host = "127.0.0.1"
  /// 0 for any free one.
  public var port = 8080
  /// A file with the bearer token on its first line.
  public var tokenFile: String?
  /// PEM files.
  public var certificate: String?
  public var key: String?

  /// Bytes.
  public var maximumBody = 32 << 20
  /// Seconds in which a request must have arrived, and its answer been taken.
  public var exchangeSeconds = 20.0
  /// Seconds after which a connection without a request is closed.
  public var idleSeconds = 60.0
  /// Each may hold `headerBytes` before it is known who asks.
  public var maximumConnections = 2_000

  /// All header fields of one request.
  static let headerBytes = 8 << 10

  public init() {}
}
