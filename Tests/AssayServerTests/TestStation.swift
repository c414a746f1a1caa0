import AssayModel
import AssayServer
import AssayWorkflows
import Foundation
import Logging
import Synchronization
import Testing

/// Parts by formula, as the tests of training have them: brushed metal, on the bad ones a dark scratch.
enum TestParts {
  /// 64 x 64 pixels as a PGM; the scratch of seed s runs through column 12 + s % 40.
  static func part(_ seed: Int, isScratched: Bool) -> [UInt8] {
    var state = UInt64(bitPattern: Int64(seed)) &* 0x9E37_79B9_7F4A_7C15 &+ 1
    func noise(_ range: ClosedRange<Int>) -> Int {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return range.lowerBound + Int(state >> 33) % range.count
    }
    let rows = (0..<64).map { _ in noise(-14...14) }
    var pixels = [UInt8](repeating: 0, count: 64 * 64)
    for y in 0..<64 {
      for x in 0..<64 {
        var value = 140 + rows[y] + noise(-6...6)
        if isScratched, abs(x - (12 + seed % 40) - (y - 32) / 8) <= 1, (12..<52).contains(y) { value -= 90 }
        pixels[y * 64 + x] = UInt8(max(0, min(255, value)))
      }
    }
    return Array("P5 64 64 255\n".utf8) + pixels
  }

  /// The same part as a camera of 12 bits leaves it in 16, without a word of it.
  static func deep(_ part: [UInt8]) -> [UInt8] {
    Array("P5 64 64 65535\n".utf8)
      + part.dropFirst(13).flatMap { [UInt8(Int($0) * 16 >> 8), UInt8(Int($0) * 16 & 0xFF)] }
  }

  /// Learned from once; tests copy it.
  static let data: String = {
    let folder = NSTemporaryDirectory() + "assay-station-data-\(getpid())"
    for index in 0..<32 {
      for (name, isScratched) in [("good", false), ("scratch", true)] {
        let path = "\(folder)/\(name)"
        try! FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        try! Data(part(index + (isScratched ? 1000 : 0), isScratched: isScratched)).write(
          to: URL(fileURLWithPath: "\(path)/\(index).pgm"))
      }
    }
    return folder
  }()

  private static let trained: String = {
    let path = NSTemporaryDirectory() + "assay-station-\(getpid())/part.assay"
    _ = try! Trainer.train(
      data, output: path, options: TrainingOptions(features: FeatureOptions(inputSize: 96, cache: nil)))
    return path
  }()

  /// A bundle of its own for a test.
  static func bundle(in folder: String, name: String = "part") throws -> String {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let path = "\(folder)/\(name).assay"
    try FileManager.default.copyItem(atPath: trained, toPath: path)
    return path
  }
}

/// A folder that goes with its test.
final class TestFolder: Sendable {
  let path = NSTemporaryDirectory() + "assay-test-" + UUID().uuidString

  init() { try! FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func write(_ name: String, _ bytes: [UInt8]) throws {
    let file = path + "/" + name
    try FileManager.default.createDirectory(
      atPath: (file as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    try Data(bytes).write(to: URL(fileURLWithPath: file))
  }
}

/// A server on a free port of this machine, for one test.
struct TestStation: Sendable {
  let folder: TestFolder
  let port: Int
  let bundle: String

  static func run(
    change: (inout StationOptions) -> Void = { _ in }, links: (Station) throws -> Void = { _ in },
    _ body: @escaping @Sendable (TestStation) async throws -> Void
  ) async throws {
    let folder = TestFolder()
    let bundle = try TestParts.bundle(in: folder.path + "/bundles")
    var options = StationOptions(bundles: [bundle])
    options.port = 0
    options.recordFolder = folder.path + "/record"
    options.reloadSeconds = 0.2
    // On a busy machine a test may have to wait; those of the limits set their own.
    options.exchangeSeconds = 240
    options.idleSeconds = 240
    options.longestWait = 120
    change(&options)
    var logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    logger.logLevel = .critical
    let opened = try Station(options, logger: logger)
    let server = try StationServer(opened)
    try links(opened)
    let (ports, publisher) = AsyncStream.makeStream(of: Int.self)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        try await server.run(signals: []) { publisher.yield($0) }
        publisher.finish()
      }
      group.addTask {
        for await port in ports {
          try await body(TestStation(folder: folder, port: port, bundle: bundle))
          return
        }
      }
      // The body ends first; the server is then cancelled.
      try await group.next()
      group.cancelAll()
      try? await group.waitForAll()
    }
  }

  func call(
    _ method: String, _ path: String, headers: [String: String] = [:], body: [UInt8] = [], host: String = "localhost"
  ) async throws -> Wire.Reply {
    let port = port
    let reply = await Wire.blocking { () -> Wire.Reply? in
      guard let wire = Wire(port: port) else { return nil }
      wire.send(Wire.request(method, path, headers: headers, body: body, host: host))
      return wire.receive()
    }
    return try #require(reply, "\(method) \(path) was not answered")
  }

  func get(_ path: String, headers: [String: String] = [:]) async throws -> Wire.Reply {
    try await call("GET", path, headers: headers)
  }

  func inspect(_ seed: Int, isScratched: Bool, query: String = "") async throws -> Wire.Reply {
    try await call("POST", "/v1/inspect/part" + query, body: TestParts.part(seed, isScratched: isScratched))
  }
}
