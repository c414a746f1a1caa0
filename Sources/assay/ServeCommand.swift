import ArgumentParser
import AssayPlant
import AssayRecord
import AssayServer
import AssayWorkflows
import Foundation
import Logging

extension StationOptions.Recording: ExpressibleByArgument {}

struct ServeCommand: AsyncParsableCommand {
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
  var host = "127.0.0.1"

  @Option(help: "Port; 0 for any free one.")
  var port = 8080

  @Option(help: "File with the token that callers must send (Authorization: Bearer TOKEN).")
  var tokenFile: String?

  @Option(help: "Certificate chain in PEM form, for HTTPS.")
  var certificate: String?

  @Option(help: "The certificate's key in PEM form.")
  var key: String?

  @Option(help: "When a verdict is answered: sync (after its record is on disk), async (at once) or off (no record).")
  var record: StationOptions.Recording = .sync

  @Option(help: "Folder of the record; ${XDG_DATA_HOME:-~/.local/share}/assay/record when not given.")
  var recordFolder: String?

  @OptionGroup(title: "Record")
  var keeping: RecordArguments

  @Option(help: "Requests that may wait for a free core; further ones are answered 429.")
  var queue = 64

  @Option(help: "Seconds that a request may wait for a free core.")
  var longestWait = 5.0

  @Option(help: "Largest body of a request in MiB.")
  var maxBody = 32

  @Option(help: "Refuse images with more pixels than this, from their header alone.")
  var maxPixels = 40_000_000

  @Option(help: "Seconds in which a request must have arrived, and its answer been taken.")
  var exchangeTime = 20.0

  @Option(help: "Seconds after which a connection without a request is closed.")
  var idleTime = 60.0

  @Option(help: "Connections at once; further ones wait.")
  var connections = 20_000

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
    guard exchangeTime > 0, idleTime > 0, connections >= 1 else {
      throw ValidationError("--exchange-time, --idle-time and --connections must be above 0")
    }
  }

  func run() async throws {
    let options = options()
    let level = Logger.Level(rawValue: logLevel.rawValue) ?? .info
    LoggingSystem.bootstrap { JSONLogHandler(label: $0, level: level) }
    do {
      let logger = Logger(label: "assay")
      let station = try Station(options, logger: logger)
      let server = try StationServer(station)
      if let publisher = try mqtt.publisher(logger: logger, models: { station.models }) { station.attach(publisher) }
      try triggers.attach(to: station, logger: logger)
      let host = host.contains(":") ? "[\(host)]" : host
      let scheme = certificate == nil ? "http" : "https"
      try await server.run { port in Console.say("serving at \(scheme)://\(host):\(port)/") }
    } catch let error as StationError {
      Console.say("assay: \(error)")
      throw ExitCode(Self.kind(error.kind).rawValue)
    } catch let error as WorkflowError {
      Console.say("assay: \(error)")
      throw ExitCode(error.kind.rawValue)
    } catch {
      Console.say("assay: \(host):\(port): the station cannot listen (\(error)); is the port taken?")
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

  private func options() -> StationOptions {
    var options = StationOptions(bundles: bundles)
    options.host = host
    options.port = port
    options.tokenFile = tokenFile
    options.certificate = certificate
    options.key = key
    options.recording = record
    options.recordFolder = record == .off ? nil : recordFolder ?? RecordArguments.defaultFolder
    options.images = keeping.keepImages
    options.retention = keeping.retention
    options.queueLength = queue
    options.longestWait = longestWait
    options.maximumBody = maxBody << 20
    options.maximumPixels = maxPixels
    options.exchangeSeconds = exchangeTime
    options.idleSeconds = idleTime
    options.maximumConnections = connections
    options.trainingData = trainingData
    options.program = trainingData == nil ? nil : "/proc/self/exe"
    return options
  }
}
