import ArgumentParser
import AssayInspection
import AssayPlant
import AssayStation
import AssayWorkflows
import Logging

/// A broker to which results are published.
struct MQTTArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Publish results on PREFIX/NAME/result and the state on PREFIX/status; mqtts:// for TLS. (default: none)",
      valueName: "mqtt://[user@]host[:port][/prefix]"))
  var mqtt: String?

  @Option(help: "File with the password of the address's user. (default: none)", completion: .file())
  var mqttPasswordFile: String?

  @Option(
    help: "Authorities that may have signed the broker's certificate (PEM). (default: the system's)",
    completion: .file())
  var mqttCa: String?

  @Option(help: "The station's own certificate for the broker (PEM). (default: none)", completion: .file())
  var mqttCertificate: String?

  @Option(help: "That certificate's key (PEM, without a passphrase). (default: none)", completion: .file())
  var mqttKey: String?

  @Option(help: "Results that may wait while the broker is away; the oldest go first.")
  var mqttBuffer = 10_000

  func validate() throws {
    guard mqttBuffer > 0 else { throw ValidationError("--mqtt-buffer must be above 0") }
  }

  /// nil when no broker is named.
  func options(_ use: OptionUse) throws(WorkflowError) -> MQTTOptions? {
    guard let mqtt = use("--mqtt", mqtt) else {
      use.without(
        ["--mqtt-password-file", "--mqtt-ca", "--mqtt-certificate", "--mqtt-key", "--mqtt-buffer"],
        because: "it needs --mqtt")
      return nil
    }
    var options = try MQTTOptions(url: mqtt)
    options.passwordFile = use("--mqtt-password-file", mqttPasswordFile)
    options.authority = use("--mqtt-ca", mqttCa)
    options.certificate = use("--mqtt-certificate", mqttCertificate)
    options.key = use("--mqtt-key", mqttKey)
    options.capacity = use("--mqtt-buffer", mqttBuffer)
    return options
  }
}

/// Which camera, and how it is set.
struct CameraSettings: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Set a GenICam feature, PixelFormat=Mono8 or ExposureTime=5000, say; may be repeated. (default: none)",
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
  func options(id: String?, _ use: OptionUse) -> CameraOptions {
    var options = CameraOptions(id: id == "any" ? nil : id)
    options.features = use("--camera-set", cameraSet)
    options.timeout = use("--camera-timeout", cameraTimeout)
    return options
  }
}

/// What asks for inspections beside HTTP: a PLC, or a camera on a clock.
struct TriggerArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Listen for a PLC (Modbus TCP); the standard's port, 502, needs the right to it. (default: none)",
      valueName: "host:port"))
  var modbus: String?

  @Flag(help: "Let other machines connect: Modbus has no authentication, so only in the PLC's own network.")
  var modbusOpen = false

  @Option(
    help: ArgumentHelp(
      "Where the PLC's trigger takes its picture: the newest one of a folder, or the camera. (default: none)",
      valueName: "folder|camera"), completion: .file())
  var modbusSource: String?

  @Option(help: "The station's camera, as `assay camera list` names it, or any. (default: none)")
  var camera: String?

  @Option(help: "Take and inspect a picture every so many milliseconds. (default: none, a trigger takes it)")
  var cameraInterval: Double?

  @OptionGroup var settings: CameraSettings

  @Option(help: "The bundle that triggers use; needed when several are served. (default: the one)")
  var triggerModel: String?

  @Option(help: "Seconds for which a trigger waits for a picture that can be read.")
  var triggerPatience = 2.0

  func validate() throws {
    guard (modbus == nil) == (modbusSource == nil) else {
      throw ValidationError("--modbus and --modbus-source belong together")
    }
    guard modbus != nil || cameraInterval != nil || camera == nil else {
      throw ValidationError("nothing would trigger: give --camera-interval, or --modbus and --modbus-source")
    }
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

  /// What triggers, and with what; ready before the station is.
  struct Triggers {
    var camera: CameraOptions?
    /// Milliseconds; nil when the camera is not on a clock.
    var interval: Double?
    var modbus: ModbusOptions?
    /// Where the PLC's trigger takes its picture: a folder, or nil for the camera.
    var folder: String?
    var model: String?
    var patience = 0.0

    func attach(to station: Station, logger: Logger) throws(WorkflowError) {
      func inspection(_ source: any PictureSource) throws(WorkflowError) -> TriggeredInspection {
        try TriggeredInspection(station, model: model, source: source, patience: patience)
      }
      var link: CameraLink?
      if let camera {
        let opened = CameraLink(try Camera(camera), logger: logger)
        station.attach(opened)
        if let interval { opened.run(every: interval, try inspection(opened)) }
        link = opened
      }
      guard let modbus else { return }
      let source: any PictureSource
      if let folder {
        source = try NewestPicture(folder: folder)
      } else if let link {
        source = link
      } else {
        return
      }
      let triggered = try inspection(source)
      station.attach(try ModbusServer(modbus, logger: logger) { await triggered.run(part: $0) })
    }
  }

  func triggers(_ use: OptionUse) throws(WorkflowError) -> Triggers {
    var triggers = Triggers()
    let source = use("--modbus-source", modbusSource)
    let id = use("--camera", camera)
    if id != nil || source == "camera" {
      triggers.camera = settings.options(id: id, use)
      triggers.interval = use("--camera-interval", cameraInterval)
    } else {
      use.without(
        ["--camera-set", "--camera-timeout", "--camera-interval"], because: "no camera is used; give --camera")
    }
    if let address = use("--modbus", modbus) {
      triggers.modbus = try ModbusOptions(address: address, isOpen: use("--modbus-open", modbusOpen))
      triggers.folder = source == "camera" ? nil : source
    } else {
      use.without(["--modbus-open"], because: "it needs --modbus")
    }
    if triggers.modbus != nil || triggers.interval != nil {
      triggers.model = use("--trigger-model", triggerModel)
      triggers.patience = use("--trigger-patience", triggerPatience)
    } else {
      use.without(
        ["--trigger-model", "--trigger-patience"],
        because: "nothing triggers; give --camera-interval, or --modbus and --modbus-source")
    }
    return triggers
  }
}
