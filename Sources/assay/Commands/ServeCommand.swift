import ArgumentParser
import AssayHTTP
import AssayPlant
import AssayRecord
import AssayStation
import AssayWorkflows
import Foundation
import Logging

struct ServeCommand: PlannedAsyncCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve",
    abstract:
      "Serve bundles over HTTP: the Open Inference Protocol, a simple way, and a page for the people at the line.",
    usage: "assay serve <bundles> ... [<options>]",
    discussion: paragraphs(
      """
      BUNDLE is a bundle (part.assay), NAME=PATH to give it another name, or a folder of bundles. A bundle that changes on
      disk is loaded and takes the old one's place without dropping a request.

      Every inspection is recorded; its verdict is answered after the record is on disk. --record async answers at once:
      a crash or a loss of power then loses the records of the last moments, though never a verdict.

      Links to the plant are optional: --mqtt publishes every result, with --modbus a PLC triggers inspections, --camera
      takes the pictures.
      """))

  @Argument(help: "Bundles, or folders of bundles.", completion: .file())
  var bundles: [String]

  @OptionGroup(title: HelpGroup.usual) var usual: UsualArguments
  @OptionGroup(title: HelpGroup.usual) var engine: EngineArguments
  @OptionGroup(title: HelpGroup.record) var place: RecordPlace
  @OptionGroup(title: HelpGroup.record) var keeping: RecordArguments
  @OptionGroup(title: HelpGroup.access) var access: AccessArguments
  @OptionGroup(title: HelpGroup.limits) var limits: LimitArguments
  @OptionGroup(title: HelpGroup.mqtt) var mqtt: MQTTArguments
  @OptionGroup(title: HelpGroup.triggers) var triggers: TriggerArguments

  func validate() throws {
    guard !bundles.isEmpty else { throw ValidationError("name at least one bundle") }
  }

  func plan(_ use: OptionUse) throws -> (way: String, work: () async throws -> Void) {
    let options = options(use)
    let http = httpOptions(use)
    let broker = try mqtt.options(use)
    let triggers = try triggers.triggers(use)
    let level = Logger.Level(rawValue: use("--log-level", usual.logLevel).rawValue) ?? .info
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
    options.recording = use("--record", place.record)
    if options.recording == .off {
      use.without(
        RecordArguments.names + ["--record-folder", "--training-data"], because: "--record off keeps nothing")
    } else {
      options.recordFolder = use("--record-folder", place.recordFolder) ?? RecordArguments.defaultFolder
      (options.images, options.retention) = keeping.policy(use)
      options.trainingData = use("--training-data", usual.trainingData)
      options.program = options.trainingData == nil ? nil : "/proc/self/exe"
    }
    options.queueLength = use("--queue", limits.queue)
    options.longestWait = use("--longest-wait", limits.longestWait)
    options.maximumPixels = use("--max-pixels", limits.maxPixels)
    options.engines = engine.engines(use)
    options.memory = use("--memory", limits.memory) << 20
    options.eventReaders = use("--event-readers", limits.eventReaders)
    if let zone = use("--time-zone", usual.timeZone).flatMap({ TimeZone(identifier: $0) }) { options.timeZone = zone }
    return options
  }

  private func httpOptions(_ use: OptionUse) -> HTTPOptions {
    var http = HTTPOptions()
    http.host = use("--host", usual.host)
    http.port = use("--port", usual.port)
    http.tokenFile = use("--token-file", access.tokenFile)
    http.certificate = use("--certificate", access.certificate)
    http.key = use("--key", access.key)
    http.maximumBody = use("--max-body", limits.maxBody) << 20
    http.exchangeSeconds = use("--exchange-time", limits.exchangeTime)
    http.idleSeconds = use("--idle-time", limits.idleTime)
    http.maximumConnections = use("--connections", limits.connections)
    return http
  }
}
