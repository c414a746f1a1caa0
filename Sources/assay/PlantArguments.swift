import ArgumentParser
import AssayInspection
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

/// Which camera, and how it is set.
struct CameraSettings: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Set a GenICam feature, PixelFormat=Mono8 or ExposureTime=5000, say; may be repeated.",
      valueName: "feature=value"))
  var cameraSet: [String] = []

  @Option(help: "Seconds for which a picture of the camera is waited for.")
  var cameraTimeout = 5.0

  func validate() throws {
    guard cameraTimeout > 0, cameraTimeout <= 3600 else {
      throw ValidationError("--camera-timeout must be above 0 and at most 3600 seconds")
    }
    for setting in cameraSet {
      let parts = setting.split(separator: "=", maxSplits: 1)
      guard parts.count == 2, !setting.contains(where: \.isWhitespace) else {
        throw ValidationError("--camera-set takes FEATURE=VALUE, not \(setting)")
      }
    }
  }

  /// - Parameter id: `any` or nil for the first that is found.
  func options(id: String?) -> CameraOptions {
    var options = CameraOptions(id: id == "any" ? nil : id)
    options.features = cameraSet
    options.timeout = cameraTimeout
    return options
  }
}

/// What asks for inspections beside HTTP: a PLC, or a camera on a clock.
struct TriggerArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Listen for a PLC (Modbus TCP); the standard's port, 502, needs the right to it.", valueName: "host:port"))
  var modbus: String?

  @Flag(help: "Let other machines connect: Modbus has no authentication, so only in the PLC's own network.")
  var modbusOpen = false

  @Option(
    help: ArgumentHelp(
      "Where the PLC's trigger takes its picture: the newest one of a folder, or the camera.",
      valueName: "folder|camera"))
  var modbusSource: String?

  @Option(help: "The station's camera, as `assay camera list` names it, or any.")
  var camera: String?

  @Option(help: "Take and inspect a picture every so many milliseconds.")
  var cameraInterval: Double?

  @OptionGroup var settings: CameraSettings

  @Option(help: "The bundle that triggers use; needed when several are served.")
  var triggerModel: String?

  @Option(help: "Seconds for which a trigger waits for a picture that can be read.")
  var triggerPatience = 2.0

  func validate() throws {
    guard (modbus == nil) == (modbusSource == nil) else {
      throw ValidationError("--modbus and --modbus-source belong together")
    }
    guard modbus != nil || !modbusOpen else { throw ValidationError("--modbus-open needs --modbus") }
    guard modbus != nil || cameraInterval != nil || (camera == nil && triggerModel == nil) else {
      throw ValidationError("nothing would trigger: give --camera-interval, or --modbus and --modbus-source")
    }
    guard camera != nil || cameraInterval == nil else { throw ValidationError("--camera-interval needs --camera") }
    guard cameraInterval.map({ $0 >= 1 && $0 <= 86_400_000 }) ?? true else {
      throw ValidationError("--camera-interval must be at least 1 millisecond and at most a day")
    }
    guard camera == nil || cameraInterval != nil || modbusSource == "camera" else {
      throw ValidationError("the camera would not be used: give --modbus-source camera or --camera-interval")
    }
    guard triggerPatience > 0, triggerPatience <= 3600 else {
      throw ValidationError("--trigger-patience must be above 0 and at most 3600 seconds")
    }
  }

  func attach(to station: Station, logger: Logger) throws(WorkflowError) {
    func inspection(_ source: any PictureSource) throws(WorkflowError) -> TriggeredInspection {
      try TriggeredInspection(station, model: triggerModel, source: source, patience: triggerPatience)
    }
    var link: CameraLink?
    if camera != nil || modbusSource == "camera" {
      let opened = CameraLink(try Camera(settings.options(id: camera)), logger: logger)
      station.attach(opened)
      if let cameraInterval { opened.run(every: cameraInterval, try inspection(opened)) }
      link = opened
    }
    guard let modbus, let modbusSource else { return }
    let options = try ModbusOptions(address: modbus, isOpen: modbusOpen)
    let source: any PictureSource
    if modbusSource == "camera", let link { source = link } else { source = try NewestPicture(folder: modbusSource) }
    let triggered = try inspection(source)
    station.attach(try ModbusServer(options, logger: logger) { await triggered.run(part: $0) })
  }
}
