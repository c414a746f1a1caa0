import ArgumentParser
import AssayHTTP
import AssayPlant
import AssayRecord
import AssayStation
import AssayWorkflows
import Foundation
import Logging

extension StationOptions.Recording: ExpressibleByArgument {}

struct ServeCommand: PlannedAsyncCommand {
  enum LogLevel: String, ExpressibleByArgument, CaseIterable {
    case trace, debug, info, notice, warning, error, critical
  }

  static let configuration = CommandConfiguration(
    commandName: "serve",
    abstract:
      "Serve bundles over HTTP: the Open Inference Protocol, a simple way, and a page for the people at the line.",
    discussion: """
      BUNDLE is a bundle (part.assay), NAME=PATH to give it another name, or a folder of bundles. A bundle that changes on
      disk is loaded and takes the old one's place without dropping a request.

      Every inspection is recorded; its verdict is answered after the record is on disk. --record async answers at once:
      a crash or a loss of power then loses the records of the last moments, though never a verdict.

      Links to the plant are optional: --mqtt publishes every result, with --modbus a PLC triggers inspections, --camera
      takes the pictures.
      """)

  @Argument(help: "Bundles, or folders of bundles.")
  var bundles: [String]

  @Option(help: "Address to listen on; others than this machine's own need --token-file.")
  var host = ServeCommand.usualHTTP.host

  @Option(help: "Port; 0 for any free one.")
  var port = ServeCommand.usualHTTP.port

  @Option(help: "File with the token that callers must send (Authorization: Bearer TOKEN).")
  var tokenFile: String?

  @Option(help: "Certificate chain in PEM form, for HTTPS.")
  var certificate: String?

  @Option(help: "The certificate's key in PEM form.")
  var key: String?

  @Option(help: "When a verdict is answered: sync (after its record is on disk), async (at once) or off (no record).")
  var record = ServeCommand.usual.recording

  @Option(help: "Folder of the record; ${XDG_DATA_HOME:-~/.local/share}/assay/record when not given.")
  var recordFolder: String?

  @OptionGroup(title: "Record")
  var keeping: RecordArguments

  @Option(help: "Requests that may wait for a free core; further ones are answered 429.")
  var queue = ServeCommand.usual.queueLength

  @Option(help: "Seconds that a request may wait for a free core, or for memory.")
  var longestWait = ServeCommand.usual.longestWait

  @Option(help: "Largest body of a request in MiB.")
  var maxBody = ServeCommand.usualHTTP.maximumBody >> 20

  @Option(help: "Refuse images with more pixels than this, from their header alone.")
  var maxPixels = ServeCommand.usual.maximumPixels

  @Option(
    help: "MiB of memory for all requests and decoded pictures together: further ones wait, what never fits is refused."
  )
  var memory = ServeCommand.usual.memory >> 20

  @Option(help: "Seconds in which a request must have arrived, and its answer been taken.")
  var exchangeTime = ServeCommand.usualHTTP.exchangeSeconds

  @Option(help: "Seconds after which a connection without a request is closed.")
  var idleTime = ServeCommand.usualHTTP.idleSeconds

  @Option(help: "Connections at once; further ones wait.")
  var connections = ServeCommand.usualHTTP.maximumConnections

  @Option(help: "The data set from which the page's Retrain trains again.")
  var trainingData: String?

  @Option(help: "Least severe messages that are logged: trace, debug, info, notice, warning, error or critical.")
  var logLevel: LogLevel = .info

  @OptionGroup(title: "MQTT")
  var mqtt: MQTTArguments

  @OptionGroup(title: "Triggers")
  var triggers: TriggerArguments

  func validate() throws {
    guard !bundles.isEmpty else { throw ValidationError("name at least one bundle") }
    guard (0...65_535).contains(port) else { throw ValidationError("--port must be 0 to 65535") }
    guard queue >= 1, longestWait > 0 else { throw ValidationError("--queue and --longest-wait must be above 0") }
    guard maxBody >= 1, maxPixels >= 1 else { throw ValidationError("--max-body and --max-pixels must be above 0") }
    guard (64...1 << 20).contains(memory) else { throw ValidationError("--memory must be 64 to 1048576 MiB") }
    guard exchangeTime > 0, idleTime > 0, connections >= 1 else {
      throw ValidationError("--exchange-time, --idle-time and --connections must be above 0")
    }
  }

  func plan(_ use: OptionUse) throws -> (way: String, work: () async throws -> Void) {
    let options = options(use)
    let http = httpOptions(use)
    let broker = try mqtt.options(use)
    let triggers = try triggers.triggers(use)
    let level = Logger.Level(rawValue: use("--log-level", logLevel).rawValue) ?? .info
    return (
      "serve" + (options.recording == .off ? " --record off" : ""),
      {
        try await Self.serve(options, http, broker, triggers, level)
      }
    )
  }

  private static func serve(
    _ options: StationOptions, _ http: HTTPOptions, _ broker: MQTTOptions?,
    _ triggers: TriggerArguments.Triggers, _ level: Logger.Level
  ) async throws {
    FreedMemory.goesBack()
    LoggingSystem.bootstrap { JSONLogHandler(label: $0, level: level) }
    do {
      let logger = Logger(label: "assay")
      let station = try Station(options, logger: logger)
      let server = try StationServer(station, http)
      if let broker {
        station.attach(try MQTTPublisher(broker, logger: logger, models: { station.models }))
      }
      try triggers.attach(to: station, logger: logger)
      let host = http.host.contains(":") ? "[\(http.host)]" : http.host
      let scheme = http.certificate == nil ? "http" : "https"
      try await server.run { port in
        Interruption.accompany("the requests that were accepted, then the record is closed")
        Console.say("serving at \(scheme)://\(host):\(port)/")
      }
    } catch let error as StationError {
      Console.say("assay: \(error)")
      throw ExitCode(kind(error.kind).rawValue)
    } catch let error as WorkflowError {
      Console.say("assay: \(error)")
      throw ExitCode(error.kind.rawValue)
    } catch {
      Console.say("assay: \(http.host):\(http.port): the station cannot listen (\(error)); is the port taken?")
      throw ExitCode(WorkflowError.Kind.unavailable.rawValue)
    }
  }

  private static func kind(_ kind: StationError.Kind) -> WorkflowError.Kind {
    switch kind {
    case .usage: .usage
    case .noInput: .noInput
    case .badData: .badData
    case .unavailable: .unavailable
    case .inputOutput: .inputOutput
    }
  }

  private func options(_ use: OptionUse) -> StationOptions {
    var options = StationOptions(bundles: bundles)
    options.recording = use("--record", record)
    if options.recording == .off {
      use.without(
        RecordArguments.names + ["--record-folder", "--training-data"], because: "--record off keeps nothing")
    } else {
      options.recordFolder = use("--record-folder", recordFolder) ?? RecordArguments.defaultFolder
      (options.images, options.retention) = keeping.policy(use)
      options.trainingData = use("--training-data", trainingData)
      options.program = options.trainingData == nil ? nil : "/proc/self/exe"
    }
    options.queueLength = use("--queue", queue)
    options.longestWait = use("--longest-wait", longestWait)
    options.maximumPixels = use("--max-pixels", maxPixels)
    options.memory = use("--memory", memory) << 20
    return options
  }

  private func httpOptions(_ use: OptionUse) -> HTTPOptions {
    var http = HTTPOptions()
    http.host = use("--host", host)
    http.port = use("--port", port)
    http.tokenFile = use("--token-file", tokenFile)
    http.certificate = use("--certificate", certificate)
    http.key = use("--key", key)
    http.maximumBody = use("--max-body", maxBody) << 20
    http.exchangeSeconds = use("--exchange-time", exchangeTime)
    http.idleSeconds = use("--idle-time", idleTime)
    http.maximumConnections = use("--connections", connections)
    return http
  }

  private static let usual = StationOptions(bundles: [])
  private static let usualHTTP = HTTPOptions()
}
