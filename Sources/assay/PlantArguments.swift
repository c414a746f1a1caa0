import ArgumentParser
import AssayPlant
import AssayServer
import AssayWorkflows
import Logging

/// A broker to which results are published.
struct MQTTArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Publish results on PREFIX/NAME/result and the state on PREFIX/status; mqtts:// for TLS.",
      valueName: "mqtt://[user@]host[:port][/prefix]"))
  var mqtt: String?

  @Option(help: "File with the password of the address's user.")
  var mqttPasswordFile: String?

  @Option(help: "Authorities that may have signed the broker's certificate (PEM); the system's when not given.")
  var mqttCa: String?

  @Option(help: "The station's own certificate for the broker (PEM).")
  var mqttCertificate: String?

  @Option(help: "That certificate's key (PEM, without a passphrase).")
  var mqttKey: String?

  @Option(help: "Results that may wait while the broker is away; the oldest go first.")
  var mqttBuffer = 10_000

  func validate() throws {
    guard mqttBuffer > 0 else { throw ValidationError("--mqtt-buffer must be above 0") }
    guard mqtt != nil || [mqttPasswordFile, mqttCa, mqttCertificate, mqttKey].allSatisfy({ $0 == nil }) else {
      throw ValidationError("the --mqtt-... options need --mqtt")
    }
  }

  /// nil when no broker is named.
  func publisher(
    logger: Logger, models: @escaping @Sendable () -> [Station.ServedModel]
  ) throws(WorkflowError) -> MQTTPublisher? {
    guard let mqtt else { return nil }
    var options = try MQTTOptions(url: mqtt)
    options.passwordFile = mqttPasswordFile
    options.authority = mqttCa
    options.certificate = mqttCertificate
    options.key = mqttKey
    options.capacity = mqttBuffer
    return try MQTTPublisher(options, logger: logger, models: models)
  }
}

/// A PLC that triggers inspections.
struct ModbusArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Listen for a PLC (Modbus TCP); the standard's port, 502, needs the right to it.", valueName: "host:port"))
  var modbus: String?

  @Flag(help: "Let other machines connect: Modbus has no authentication, so only in the PLC's own network.")
  var modbusOpen = false

  @Option(help: "Where a trigger takes its picture: the newest one of this folder.")
  var modbusSource: String?

  @Option(help: "Seconds for which a trigger waits for a picture.")
  var triggerPatience = 2.0

  @Option(help: "The bundle that triggers use; needed when several are served.")
  var triggerModel: String?

  func validate() throws {
    guard (modbus == nil) == (modbusSource == nil) else {
      throw ValidationError("--modbus and --modbus-source belong together")
    }
    guard modbus != nil || (!modbusOpen && triggerModel == nil) else {
      throw ValidationError("--modbus-open and --trigger-model need --modbus")
    }
    guard triggerPatience > 0, triggerPatience <= 3600 else {
      throw ValidationError("--trigger-patience must be above 0 and at most 3600 seconds")
    }
  }

  func attach(to station: Station, logger: Logger) throws(WorkflowError) {
    guard let modbus, let modbusSource else { return }
    let options = try ModbusOptions(address: modbus, isOpen: modbusOpen)
    let source = try NewestPicture(folder: modbusSource)
    let inspection = try TriggeredInspection(station, model: triggerModel, source: source, patience: triggerPatience)
    station.attach(try ModbusServer(options, logger: logger) { await inspection.run(part: $0) })
  }
}
