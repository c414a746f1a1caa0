import AssayImage
import AssayRecord
public import AssayStation
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
public import UnixSignals

/// A station behind HTTP.
public struct StationServer: Sendable {
  private let station: Station
  private let options: HTTPOptions
  private let token: BearerToken?
  private let transport: TLSConfiguration?

  /// - Throws: `StationError` when another machine could ask without a token, or certificate and key do not fit.
  public init(_ station: Station, _ options: HTTPOptions = HTTPOptions()) throws(StationError) {
    self.station = station
    self.options = options
    var token: BearerToken?
    if let file = options.tokenFile { token = try BearerToken(file: file) }
    self.token = token
    guard !options.host.isEmpty else {
      throw StationError(.usage, "the host is empty: give --host 127.0.0.1 for this machine alone, or another address")
    }
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

  /// Of TLS 1.2: forward secrecy and authenticated encryption. Suites with CBC have neither a proof nor a good record; those
  /// of TLS 1.3 are all of this kind.
  private static let suites: [NIOTLSCipher] = [
    .TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, .TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    .TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, .TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
    .TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, .TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
  ]

  static func isLoopback(_ host: String) -> Bool {
    host == "localhost" || host == "::1" || AccessGuard<StationContext>.isLoopback(host)
  }

  private static func transport(_ options: HTTPOptions) throws(StationError) -> TLSConfiguration? {
    guard let certificate = options.certificate, let key = options.key else { return nil }
    do {
      let chain = try NIOSSLCertificate.fromPEMFile(certificate).map { NIOSSLCertificateSource.certificate($0) }
      var configuration = TLSConfiguration.makeServerConfiguration(
        certificateChain: chain, privateKey: .privateKey(try NIOSSLPrivateKey(file: key, format: .pem)))
      configuration.minimumTLSVersion = .tlsv12
      configuration.cipherSuiteValues = Self.suites
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
    let options = options
    Self.raiseFileLimit()
    let (logger, counts) = (station.logger, RequestCounts())
    let http = StationChannel.builder(
      ConnectionRules(
        exchange: .nanoseconds(Int64(clamping: options.exchangeSeconds * 1e9)),
        idle: .nanoseconds(Int64(clamping: options.idleSeconds * 1e9)),
        headerBytes: HTTPOptions.headerBytes, heads: HeadBudget(total: 8 << 20),
        headers: AnswerHeaders(isSecure: transport != nil),
        refused: { RequestAccount<StationContext>.note($0, counts, logger) }))
    let server = if let transport { try HTTPServerBuilder.tls(http, tlsConfiguration: transport) } else { http }
    warn(logger)
    var quiet = logger
    // Hummingbird's own lines would say everything twice.
    quiet.logLevel = max(logger.logLevel, .notice)
    let connections = min(options.maximumConnections, max(64, Self.fileLimit() - 128))
    let app = Application(
      router: router(counts),
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

  /// Methods and paths of all routes, `GET /v1/records/{id}`.
  package var addresses: [String] {
    router().routes.map { "\($0.method.rawValue) \($0.path.description)" }
  }

  /// All addresses.
  func router(_ counts: RequestCounts = RequestCounts()) -> Router<StationContext> {
    let router = Router(context: StationContext.self, options: .autoGenerateHeadEndpoints)
    let book = AddressBook()
    router.addMiddleware {
      SafetyHeaders(headers: AnswerHeaders(isSecure: transport != nil))
      RequestAccount(counts: counts)
      AccessGuard(token: token)
      AddressCheck(book: book)
      BodyCoding()
      ContinueWhenRead()
    }
    let images = bodies(to: options.maximumBody)
    InspectRoutes(station: station, reader: images).add(to: router)
    InferenceRoutes(station: station, reader: images).add(to: router)
    RecordRoutes(station: station, reader: bodies(to: 64 << 10)).add(to: router)
    ModelRoutes(station: station, reader: bodies(to: 64 << 10)).add(to: router)
    RecordExport(station: station).add(to: router)
    EventRoutes(station: station).add(to: router)
    PageRoutes(station: station, isSecure: transport != nil, hasToken: token != nil, counts: counts).add(to: router)
    book.fill(router.routes.map { ($0.path.description, $0.method) })
    return router
  }

  private func bodies(to limit: Int) -> BodyReader {
    BodyReader(limit: limit, budget: station.budget, patience: station.options.longestWait)
  }

  /// What is allowed, and yet not as safe as whoever opens the station may think.
  private func warn(_ logger: Logger) {
    guard let file = options.tokenFile else { return }
    if transport == nil, !Self.isLoopback(options.host) {
      logger.warning(
        "the token is sent in the clear: whoever listens to the network can read it; give --certificate and --key",
        metadata: ["host": "\(options.host)"])
    }
    var status = stat()
    if stat(file, &status) == 0, status.st_mode & 0o077 != 0 {
      logger.warning(
        "other users of this machine can read the token: chmod 600 its file",
        metadata: ["file": "\(file)", "mode": "\(String(status.st_mode & 0o7777, radix: 8))"])
    }
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
            if isPruning {
              station.prune()
              FreedMemory.trim()
            }
            continuation.resume()
          }
        }
        round += 1
        try await Task.sleep(for: .seconds(station.options.reloadSeconds))
      }
    }
  }
}
