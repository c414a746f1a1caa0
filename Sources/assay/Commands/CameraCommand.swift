import ArgumentParser
import AssayBase
import AssayImage
import AssayPlant
import AssayWorkflows
import Foundation

struct CameraCommand: CommandGroup {
  static let configuration = CommandConfiguration(
    commandName: "camera", abstract: "Find GigE Vision and USB3 Vision cameras, and take pictures with them.",
    discussion: "`assay serve --camera ID` inspects with one; see docs/plant.md.",
    subcommands: accounted([CameraListCommand.self, CameraGrabCommand.self]))
}

struct CameraListCommand: PlannedCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the cameras that are on this machine's networks and USB ports.",
    usage: "assay camera list [--fake] [--json]")

  @Flag(help: "Also Aravis' simulated camera, Fake_1.")
  var fake = false

  @Flag(help: "Print as JSON.")
  var json = false

  func plan(_ use: OptionUse) throws -> Plan {
    let fake = use("--fake", fake)
    let json = use("--json", json)
    return Plan("camera list") {
      let cameras = try CameraDescription.all(includesFake: fake)
      if json { return try Console.print(json: cameras) }
      for camera in cameras {
        try Console.print(
          "\(camera.id)  \(camera.vendor) \(camera.model)  serial \(camera.serial)  \(camera.protocol) \(camera.address)"
        )
      }
      if cameras.isEmpty { Console.say("no camera was found; check power, cable, and that its network is this one's") }
    }
  }
}

struct CameraGrabCommand: PlannedCommand {
  static let configuration = CommandConfiguration(
    commandName: "grab", abstract: "Take pictures with a camera.",
    usage: "assay camera grab --output <picture> [<options>]",
    discussion: paragraphs(
      """
      The name's ending says the format: .png (8 bits), or .pgm and .ppm, which also keep 10 to 16 bits. With --count,
      picture.png becomes picture-1.png and so on.
      """))

  @Option(
    name: [.short, .long], help: ArgumentHelp("The picture to write.", valueName: "picture"), completion: .file())
  var output: String

  @Option(help: "The camera, as `assay camera list` names it. (default: the first that is found)")
  var camera: String?

  @Option(help: "How many pictures.")
  var count = 1

  @Option(help: "Milliseconds from one to the next.")
  var interval = 0.0

  @OptionGroup var settings: CameraSettings

  func validate() throws {
    guard count >= 1 else { throw ValidationError("--count must be above 0") }
    guard interval >= 0, interval <= 86_400_000 else {
      throw ValidationError("--interval must be at least 0 milliseconds and at most a day")
    }
    guard ["png", "pgm", "ppm"].contains(output.pathExtension.lowercased()) else {
      throw ValidationError("\(output): pictures are written as .png, .pgm or .ppm")
    }
  }

  func plan(_ use: OptionUse) throws -> Plan {
    let options = settings.options(id: use("--camera", camera), use)
    let output = use("--output", output)
    let count = use("--count", count)
    let interval = count > 1 ? use("--interval", interval) : 0
    use.without(["--interval"], because: "one picture is taken; give --count")
    return Plan("camera grab") {
      let isStopped = Interruption.watch("the picture")
      let opened = try Camera(options)
      for number in 1...count {
        if number > 1 { Thread.sleep(forTimeInterval: interval / 1000) }
        if isStopped() { throw WorkflowError(.interrupted, "stopped after \(number - 1) of \(count) pictures") }
        let frame = try opened.grab()
        let path = count == 1 ? output : numbered(number)
        try write(frame, to: path)
        try Console.print("\(path): \(frame.width) x \(frame.height) \(frame.format.name)")
      }
    }
  }

  private func numbered(_ number: Int) -> String {
    let suffix = output.pathExtension
    return "\(output.deletingPathExtension)-\(number).\(suffix)"
  }

  private func write(_ frame: CameraFrame, to path: String) throws(WorkflowError) {
    let image = frame.image
    let bytes: [UInt8]
    if path.pathExtension.lowercased() == "png" {
      guard case .uint8(let pixels) = image.samples else {
        throw WorkflowError(
          .usage, "\(path): pictures in \(frame.format.name) have more than 8 bits; name it .pgm, which keeps them")
      }
      do throws(ImageError) {
        bytes = try ImageEncoder.png(
          width: image.width, height: image.height, channels: image.channels, pixels: pixels)
      } catch {
        throw WorkflowError(error)
      }
    } else {
      bytes = image.portableAnymap
    }
    do {
      try Data(bytes).write(to: URL(fileURLWithPath: path), options: .atomic)
    } catch {
      throw WorkflowError(.inputOutput, "\(path): it cannot be written; check folder, space and permissions")
    }
  }
}
