import AssayBundle
import AssayStation
import AssayStationSupport
import AssayTestSupport
import Foundation
import Testing

/// A retraining is alone on its bundle, ends with whoever began it, and leaves nothing.
@Suite struct RetrainingEndTests {
  private static func wait(_ seconds: Double = 60, until isSo: () -> Bool) -> Bool {
    let end = Date().addingTimeInterval(seconds)
    while Date() < end {
      if isSo() { return true }
      usleep(2_000)
    }
    return isSo()
  }

  /// Whether a process does nothing any more: it is gone, or waits for somebody to ask how it ended.
  private static func hasEnded(_ process: pid_t) -> Bool {
    guard let text = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8) else { return true }
    return text.split(separator: ")").last?.split(separator: " ").first == "Z"
  }

  /// A bundle, and a program in the place of `assay` that says its number and then does as the script says.
  private static func desk(
    _ folder: TemporaryFolder, _ script: String, patience: Double = 60
  ) throws -> (desk: RetrainingDesk, bundle: String, number: () -> pid_t?) {
    let bundle = try TinyBundle.write(.classifier, in: folder.path)
    let (program, number) = (folder.path + "/program", folder.path + "/number")
    folder.write("program", Array("#!/bin/sh\necho $$ > \(number).new; mv \(number).new \(number)\n\(script)\n".utf8))
    chmod(program, 0o755)
    let desk = RetrainingDesk(program: program, data: folder.path, record: folder.path, patience: patience)
    return (
      desk, bundle,
      { (try? String(contentsOfFile: number, encoding: .utf8)).flatMap { pid_t($0.dropLast()) } }
    )
  }

  @Test func endsWithItsStation() throws {
    let folder = TemporaryFolder()
    // It clears up when it is asked to end.
    let script = """
      trap 'touch \(folder.path)/cleared; exit 1' TERM; touch \(folder.path)/listening
      while :; do sleep 0.05; done
      """
    let (desk, bundle, number) = try Self.desk(folder, script)
    try desk.start(model: "part", bundle: bundle)
    #expect(throws: RetrainingRefusal.self) { try desk.start(model: "part", bundle: bundle) }
    #expect(Self.wait { FileManager.default.fileExists(atPath: folder.path + "/listening") })
    let process = try #require(number())
    desk.close()
    #expect(Self.hasEnded(process) && FileManager.default.fileExists(atPath: folder.path + "/cleared"))
    #expect(desk.current.state == .failed)
    #expect(throws: RetrainingRefusal.self) { try desk.start(model: "part", bundle: bundle) }
  }

  @Test func whoDoesNotEndIsKilled() throws {
    let folder = TemporaryFolder()
    let (desk, bundle, number) = try Self.desk(
      folder, "trap '' TERM; mkdir \(folder.path)/part.retraining; while :; do sleep 0.05; done", patience: 0.3)
    try desk.start(model: "part", bundle: bundle)
    #expect(Self.wait { FileManager.default.fileExists(atPath: folder.path + "/part.retraining") })
    let process = try #require(number())
    desk.close()
    #expect(Self.hasEnded(process))
    // What it left is gone as well.
    #expect(!FileManager.default.fileExists(atPath: folder.path + "/part.retraining"))
  }

  @Test func oneAtATime() throws {
    let folder = TemporaryFolder()
    let bundle = try TinyBundle.write(.classifier, in: folder.path)
    let place = try RetrainingPlace(BundleSuccession(bundle))
    #expect(RetrainingPlace.isTaken(BundleSuccession(bundle)))
    // By another way of writing the path too.
    try FileManager.default.createSymbolicLink(atPath: folder.path + "/link.assay", withDestinationPath: bundle)
    #expect(throws: RetrainingPlace.Taken.self) { try RetrainingPlace(BundleSuccession(folder.path + "/link.assay")) }
    // Of nobody else's is anything removed.
    RetrainingPlace.clear(BundleSuccession(bundle))
    #expect(FileManager.default.fileExists(atPath: place.folder))
    let (desk, _, _) = try Self.desk(folder, "exit 0")
    #expect(throws: RetrainingRefusal.self) { try desk.start(model: "part", bundle: bundle) }
    #expect(desk.current.state == .idle)
    place.remove()
    #expect(!RetrainingPlace.isTaken(BundleSuccession(bundle)))
    #expect(!FileManager.default.fileExists(atPath: place.folder))
    let next = try RetrainingPlace(BundleSuccession(bundle))
    next.remove()
    #expect(throws: RetrainingPlace.Failure.self) {
      // A file is in the folder's place.
      folder.write("other.retraining", [])
      _ = try RetrainingPlace(BundleSuccession(folder.path + "/other.assay"))
    }
  }

  /// Killed between the two steps in which the bundles change places: the old bundle becomes the previous one all the same.
  @Test(arguments: [false, true]) func killedWhilePromoting(_ hasExchanged: Bool) throws {
    let folder = TemporaryFolder()
    let bundle = try TinyBundle.write(.classifier, in: folder.path)
    let succession = BundleSuccession(bundle)
    let place = folder.path + "/part.retraining"
    try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
    let other = try TinyBundle.write(.classifier, in: place) { $0.manifest["createdAt"] = "2026-02-03T04:05:06Z" }
    let (old, new) = (try ModelBundle(path: bundle).identity, try ModelBundle(path: other).identity)
    try Data(new.utf8).write(to: URL(fileURLWithPath: place + "/promoting"))
    if hasExchanged {
      try FileManager.default.moveItem(atPath: bundle, toPath: folder.path + "/aside")
      try FileManager.default.moveItem(atPath: other, toPath: bundle)
      try FileManager.default.moveItem(atPath: folder.path + "/aside", toPath: other)
    }
    RetrainingPlace.clear(succession)
    #expect(!FileManager.default.fileExists(atPath: place))
    #expect(try ModelBundle(path: bundle).identity == (hasExchanged ? new : old))
    #expect(succession.hasPrevious == hasExchanged)
    if hasExchanged { #expect(try ModelBundle(path: succession.previous).identity == old) }
  }

  /// The page, the command and another station meet at the bundle.
  @Test func refusedWhileAnotherIsUnderWay() async throws {
    try await ConnectionTests.run {
      $0.images = .all
      $0.program = AssayProgram.path
      $0.trainingData = "/nowhere"
    } _: { station in
      let place = try RetrainingPlace(BundleSuccession(station.bundle))
      let reply = try await station.call("POST", "/v1/models/part/retrain")
      #expect(reply.status == 409 && reply.text.contains("under way"))
      _ = try await station.call("POST", "/v1/inspect/part", body: Pictures.grey(0))
      _ = try await station.call("POST", "/v1/records/1/correction", body: Array("{\"class\":\"dent\"}".utf8))
      let arguments = ["retrain", station.bundle, "/nowhere", "--from-record", station.folder.path + "/record"]
      let outcome = try await Task.detached { try AssayProgram.run(arguments) }.value
      #expect(outcome.status == 69 && outcome.messages.contains("under way"), "\(outcome.messages)")
      place.remove()
    }
  }

  /// Stopped by a signal, or orphaned because its station was killed: it ends, and nothing half done is left.
  @Test(arguments: ["SIGTERM", "SIGINT", "its station is killed"]) func leavesNothing(_ end: String) async throws {
    try await TestStation.run {
      $0.images = .all
    } _: { (station: TestStation) async throws -> Void in
      for index in 0..<6 {
        let isScratched = index % 2 == 0
        let id = try #require(try await station.inspect(7000 + index, isScratched: isScratched).json["id"] as? Int)
        let body = Array("{\"class\":\"\(isScratched ? "scratch" : "good")\"}".utf8)
        #expect(try await station.call("POST", "/v1/records/\(id)/correction", body: body).status == 201)
      }
      let before = try ModelBundle(path: station.bundle).identity
      let record = station.folder.path + "/record"
      let (parent, child) = try Self.started(
        [AssayProgram.path, "retrain", station.bundle, TestParts.data, "--from-record", record],
        cache: try Self.cache(in: station.folder.path))
      // Not SIGTERM: it inherits what the tests' threads ignore, and would hold their output open for ever.
      defer { kill(parent.processIdentifier, SIGKILL) }
      let place = (station.bundle as NSString).deletingPathExtension + ".retraining"
      #expect(Self.wait { FileManager.default.fileExists(atPath: place) || Self.hasEnded(child) })
      #expect(!Self.hasEnded(child), "it was over too soon to be stopped")
      switch end {
      case "SIGTERM": kill(child, SIGTERM)
      case "SIGINT": kill(child, SIGINT)
      default: kill(parent.processIdentifier, SIGKILL)
      }
      #expect(Self.wait { Self.hasEnded(child) })
      let folder = (station.bundle as NSString).deletingLastPathComponent
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["part.assay"])
      #expect(try ModelBundle(path: station.bundle).identity == before)
    }
  }

  /// With the installed backbones and without features, so that training lasts.
  private static func cache(in folder: String) throws -> String {
    let files = FileManager.default
    let base = ProcessInfo.processInfo.environment["XDG_CACHE_HOME"] ?? NSHomeDirectory() + "/.cache"
    let own = folder + "/cache/assay"
    try files.createDirectory(atPath: own, withIntermediateDirectories: true)
    for name in try files.contentsOfDirectory(atPath: base + "/assay") where name != "features" {
      try files.createSymbolicLink(atPath: "\(own)/\(name)", withDestinationPath: "\(base)/assay/\(name)")
    }
    return folder + "/cache"
  }

  /// Begins a program below a shell that takes the station's part.
  private static func started(_ arguments: [String], cache: String) throws -> (parent: Process, child: pid_t) {
    let parent = Process()
    parent.environment = ProcessInfo.processInfo.environment.merging(["XDG_CACHE_HOME": cache]) { $1 }
    parent.executableURL = URL(fileURLWithPath: "/bin/sh")
    parent.arguments = ["-c", "ASSAY_STATION_PROCESS=$$ \"$0\" \"$@\" 2>/dev/null & echo $!; wait"] + arguments
    let output = Pipe()
    parent.standardOutput = output
    try parent.run()
    let line = output.fileHandleForReading.availableData
    return (parent, try #require(pid_t(String(decoding: line, as: UTF8.self).dropLast())))
  }
}
