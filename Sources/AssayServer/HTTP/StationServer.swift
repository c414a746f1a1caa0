import AssayImage
import AssayRecord
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore
import HummingbirdTLS
import Logging
import NIOCore
import NIOPosix
import NIOSSL
import ServiceLifecycle
import UnixSignals

/// A station behind HTTP.
public struct StationServer: Sendable {
  private let station: Station
  private let token: BearerToken?
  private let transport: TLSConfiguration?

  /// - Throws: ``StationError`` when another machine could ask without a token, or certificate and key do not fit.
  public init(_ station: Station) throws(StationError) {
    let options = station.options
    self.station = station
    var token: BearerToken?
    if let file = options.tokenFile { token = try BearerToken(file: file) }
    self.token = token
    guard token != nil || Self.isLoopback(options.host) else {
      throw StationError(
        .usage,
        "\(options.host) can be reached from other machines: give --token-file with a token that callers must know, or "
          + "listen on 127.0.0.1")
    }
    guard (options.certificate == nil) == (options.key == nil) else {
      throw StationError(.usage, "--certificate and --key belong together")
    }
    transport = try Self.transport(options)
  }

  static func isLoopback(_ host: String) -> Bool {
    host == "localhost" || host == "::1" || AccessGuard<BasicRequestContext>.isLoopback(host)
  }

  private static func transport(_ options: StationOptions) throws(StationError) -> TLSConfiguration? {
    guard let certificate = options.certificate, let key = options.key else { return nil }
    do {
      let chain = try NIOSSLCertificate.fromPEMFile(certificate).map { NIOSSLCertificateSource.certificate($0) }
      var configuration = TLSConfiguration.makeServerConfiguration(
        certificateChain: chain, privateKey: .privateKey(try NIOSSLPrivateKey(file: key, format: .pem)))
      configuration.minimumTLSVersion = .tlsv12
      // Made once here, so that a key that does not fit is found now and not by the first caller.
      _ = try NIOSSLContext(configuration: configuration)
      return configuration
    } catch {
      throw StationError(
        .badData, "\(certificate) and \(key) are not a certificate and its key in PEM form (\(error)); make them again")
    }
  }

  /// Listens until a signal or cancellation, finishes what was accepted, and closes the station.
  /// - Parameter started: receives the port once the station answers.
  public func run(
    signals: [UnixSignal] = [.sigterm, .sigint], started: @escaping @Sendable (Int) -> Void = { _ in }
  ) async throws {
    let options = station.options
    Self.raiseFileLimit()
    let channel = HTTP1Channel.Configuration(
      additionalChannelHandlers: [ExchangeDeadline(seconds: options.exchangeSeconds)],
      idleTimeout: .nanoseconds(Int64(clamping: options.idleSeconds * 1e9)),
      httpDecoderConfiguration: .init(
        maxHeaderFieldSize: 16 << 10, maxHeaderListSize: 32 << 10, maxHeaderFieldCount: 100))
    let http = HTTPServerBuilder.http1(configuration: channel)
    let server = if let transport { try HTTPServerBuilder.tls(http, tlsConfiguration: transport) } else { http }
    let logger = station.logger
    var quiet = logger
    // Hummingbird's own lines would say everything twice.
    quiet.logLevel = max(logger.logLevel, .notice)
    let connections = min(options.maximumConnections, max(64, Self.fileLimit() - 128))
    let app = Application(
      router: router(),
      server: server,
      configuration: ApplicationConfiguration(
        address: .hostname(options.host, port: options.port), serverName: "assay", backlog: 1024,
        availableConnectionsDelegate: MaximumAvailableConnections(connections)),
      services: [Housekeeping(station: station)],
      onServerRunning: { channel in
        let port = channel.localAddress?.port ?? options.port
        logger.info(
          "station open",
          metadata: [
            "host": "\(options.host)", "port": .stringConvertible(port),
            "models": .array(station.shelf.names.map { .string($0) }),
          ])
        started(port)
      },
      logger: quiet)
    defer {
      station.close()
      logger.info("station closed")
    }
    try await app.runService(gracefulShutdownSignals: signals)
  }

  /// All addresses.
  func router() -> Router<BasicRequestContext> {
    let options = station.options
    let router = Router(context: BasicRequestContext.self)
    router.addMiddleware {
      SafetyHeaders()
      RequestAccount(metrics: station.metrics)
      AccessGuard(token: token)
    }
    let reader = BodyReader(limit: options.maximumBody, total: max(256 << 20, 4 * options.maximumBody))
    InspectRoutes(station: station, reader: reader).add(to: router)
    InferenceRoutes(station: station, reader: reader).add(to: router)
    RecordRoutes(station: station, reader: BodyReader(limit: 64 << 10, total: 4 << 20)).add(to: router)
    ModelRoutes(station: station, reader: BodyReader(limit: 64 << 10, total: 4 << 20)).add(to: router)
    PageRoutes(station: station, isSecure: transport != nil, hasToken: token != nil).add(to: router)
    return router
  }

  /// Thousands of connections need as many file descriptors: the soft limit is usually 1,024.
  private static func raiseFileLimit() {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
    limit.rlim_cur = limit.rlim_max
    _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  }

  private static func fileLimit() -> Int {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1024 }
    return Int(min(limit.rlim_cur, 1_000_000))
  }
}

/// What is done beside the requests: bundles that changed are loaded, the record is pruned.
struct Housekeeping: Service {
  let station: Station

  func run() async throws {
    let queue = DispatchQueue(label: "assay.housekeeping", qos: .utility)
    let station = station
    try? await cancelWhenGracefulShutdown {
      var round = 0
      let rounds = max(1, Int(clamping: 60 / station.options.reloadSeconds))
      while !Task.isCancelled {
        let isPruning = round % rounds == 0
        await withCheckedContinuation { continuation in
          queue.async {
            station.shelf.look()
            if isPruning { station.prune() }
            continuation.resume()
          }
        }
        round += 1
        try await Task.sleep(for: .seconds(station.options.reloadSeconds))
      }
    }
  }
}
