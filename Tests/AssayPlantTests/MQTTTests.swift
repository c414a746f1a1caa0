import AssayBase
import AssayHTTP
import AssayPlant
import AssayStation
import Foundation
import Logging
import Testing

/// Against Debian's mosquitto, read by its own client.
@Suite(.enabled(if: Programs.hasBroker, Programs.brokerComment)) struct MQTTTests {
  private func publisher(
    _ url: String, change: (inout MQTTOptions) -> Void = { _ in }
  ) throws -> MQTTPublisher {
    var options = try MQTTOptions(url: url)
    options.firstDelay = 0.05
    options.longestDelay = 0.4
    change(&options)
    return try MQTTPublisher(options, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }) {
      [Station.ServedModel(name: "lid", version: "0123", classes: ["good"])]
    }
  }

  private let online =
    "p/status 1 1 {\"models\":[{\"name\":\"lid\",\"version\":\"0123\"}],\"state\":\"online\",\"version\":\"\(Versions.assay)\"}"

  @Test func resultsArriveAndTheStateIsRetained() throws {
    let broker = try Broker()
    try broker.start()
    let publisher = try publisher("mqtt://127.0.0.1:\(broker.port)/p")
    #expect(eventually { publisher.health.isUp })
    let subscriber = try Subscriber(broker, "p/#")
    // Retained: a subscriber that comes later is told.
    #expect(eventually { subscriber.has(online) })
    publisher.enqueue(topic: "p/lid/result", Array("{\"verdict\":\"good\"}".utf8))
    #expect(eventually { subscriber.has("p/lid/result 1 0 {\"verdict\":\"good\"}") })
    // Many at once keep their order.
    for index in 0..<500 { publisher.enqueue(topic: "p/lid/result", Array("\(index)".utf8)) }
    #expect(eventually { subscriber.lines.count == 502 })
    #expect(subscriber.lines.suffix(500) == (0..<500).map { "p/lid/result 1 0 \($0)" })
    publisher.close()
    #expect(eventually { subscriber.lines.last == "p/status 1 0 {\"state\":\"offline\"}" })
    #expect(publisher.health == LinkHealth(name: "mqtt", isUp: false, failure: "closed", delivered: 501))
  }

  /// The broker dies with results on the way: all arrive once it is back, in order.
  @Test func nothingIsLostWhileTheBrokerIsAway() throws {
    // The broker keeps the subscriber's session, so that it gets what was published before it came back.
    let broker = try Broker("allow_anonymous true\npersistence true\npersistence_location %/\n")
    try broker.start()
    let publisher = try publisher("mqtt://localhost:\(broker.port)/p")
    #expect(eventually { publisher.health.isUp })
    let session = ["-c", "-i", "reader"]
    var subscriber: Subscriber? = try Subscriber(broker, "p/lid/result", arguments: session)
    #expect(
      eventually {
        publisher.enqueue(topic: "p/lid/result", Array("begin".utf8))
        return subscriber?.lines.isEmpty == false
      })
    subscriber = nil
    for index in 0..<100 { publisher.enqueue(topic: "p/lid/result", Array("\(index)".utf8)) }
    broker.stop(SIGTERM)
    for index in 100..<300 { publisher.enqueue(topic: "p/lid/result", Array("\(index)".utf8)) }
    #expect(eventually { !publisher.health.isUp && publisher.health.failure != nil })
    #expect(publisher.health.waiting >= 200)
    try broker.start()
    #expect(eventually { publisher.health.waiting == 0 && publisher.health.isUp })
    let reader = try Subscriber(broker, "p/lid/result", arguments: session)
    #expect(eventually { reader.has("p/lid/result 1 0 299") })
    // Twice is allowed, the order of the first arrivals is not changed.
    var seen: [String] = []
    for line in reader.lines where !line.hasSuffix("begin") && !seen.contains(line) { seen.append(line) }
    #expect(seen == (0..<300).map { "p/lid/result 1 0 \($0)" })
    #expect(publisher.health.dropped == 0)
    publisher.close()
  }

  @Test func credentialsAndEncryption() throws {
    let broker = try Broker(
      """
      allow_anonymous false
      password_file %/users
      cafile %/ca.pem
      certfile %/broker.pem
      keyfile %/broker.key
      tls_version tlsv1.2

      """, files: ["users": "line3:right\n", "password": "right\n", "wrong": "wrong\n"])
    let folder = broker.folder
    try Programs.run("mosquitto_passwd", ["-U", folder + "/users"])
    try Certificates.make(in: folder)
    try broker.start()
    let url = "mqtts://line3@localhost:\(broker.port)/p"
    let publisher = try publisher(url) { options in
      options.passwordFile = folder + "/password"
      options.authority = folder + "/ca.pem"
    }
    #expect(eventually { publisher.health.isUp }, "\(publisher.health)")
    let subscriber = try Subscriber(
      broker, "p/#", arguments: ["--cafile", folder + "/ca.pem", "-u", "line3", "-P", "right"])
    #expect(eventually { subscriber.has(online) })
    publisher.enqueue(topic: "p/lid/result", Array("x".utf8))
    #expect(eventually { subscriber.has("p/lid/result 1 0 x") })
    publisher.close()

    // A wrong password, and a broker whose certificate somebody else has signed, are named and not talked to.
    let stranger = try self.publisher(url) { options in
      options.passwordFile = folder + "/wrong"
      options.authority = folder + "/ca.pem"
    }
    #expect(eventually { stranger.health.failure?.contains("authori") == true }, "\(stranger.health)")
    stranger.close()
    let other = try self.publisher(url) { options in
      options.passwordFile = folder + "/password"
      options.authority = folder + "/other.pem"
    }
    #expect(eventually { other.health.failure?.contains("TLS") == true }, "\(other.health)")
    #expect(!other.health.isUp)
    other.close()
  }

  @Test func optionsThatDoNotFit() throws {
    func kind(_ url: String, _ change: (inout MQTTOptions) -> Void) -> WorkflowError.Kind? {
      let error = #expect(throws: WorkflowError.self) { try publisher(url, change: change) }
      return error?.kind
    }
    let empty = FileManager.default.temporaryDirectory.appendingPathComponent("empty-\(UUID().uuidString)").path
    try Data().write(to: URL(fileURLWithPath: empty))
    defer { try? FileManager.default.removeItem(atPath: empty) }
    #expect(kind("mqtt://h") { $0.passwordFile = empty } == .usage)
    #expect(kind("mqtt://u@h") { $0.passwordFile = "/nowhere" } == .noInput)
    #expect(kind("mqtt://u@h") { $0.passwordFile = empty } == .badData)
    #expect(kind("mqtt://h") { $0.authority = "/dev/null" } == .usage)
    #expect(kind("mqtts://h") { $0.authority = "/nowhere" } == .noInput)
    #expect(kind("mqtts://h") { $0.certificate = "/dev/null" } == .usage)
  }

  /// A station that is killed cannot say goodbye; the broker does it.
  @Test func theLastWillIsRetained() throws {
    let broker = try Broker()
    try broker.start()
    let subscriber = try Subscriber(broker, "p/status")
    let child = Process()
    child.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    child.arguments = ["--testing-library", "swift-testing", "--filter", "MQTTTests/publishUntilKilled"]
    child.environment = ProcessInfo.processInfo.environment.merging(
      ["ASSAY_MQTT_BROKER": "mqtt://127.0.0.1:\(broker.port)/p"]) { $1 }
    child.standardOutput = FileHandle.nullDevice
    child.standardError = FileHandle.nullDevice
    try child.run()
    #expect(eventually { subscriber.lines.last.map { $0.contains("online") } ?? false })
    kill(child.processIdentifier, SIGKILL)
    child.waitUntilExit()
    #expect(eventually { subscriber.lines.last == "p/status 1 0 {\"state\":\"offline\"}" })
    let later = try Subscriber(broker, "p/status")
    #expect(eventually { later.lines == ["p/status 1 1 {\"state\":\"offline\"}"] })
  }

  /// The child of the test above; on its own it does nothing.
  @Test func publishUntilKilled() throws {
    guard let url = ProcessInfo.processInfo.environment["ASSAY_MQTT_BROKER"] else { return }
    let publisher = try publisher(url)
    sleep(120)
    publisher.close()
  }

  @Test func theOldestGoFirst() throws {
    let broker = try Broker()
    let publisher = try publisher("mqtt://127.0.0.1:\(broker.port)/p") { $0.capacity = 10 }
    for index in 0..<25 { publisher.enqueue(topic: "p/lid/result", Array("\(index)".utf8)) }
    #expect(publisher.health.waiting == 10 && publisher.health.dropped == 15)
    publisher.close()

    let small = try self.publisher("mqtt://127.0.0.1:\(broker.port)/p") { $0.byteCapacity = 1000 }
    for _ in 0..<25 { small.enqueue(topic: "p/lid/result", [UInt8](repeating: 65, count: 300)) }
    #expect(small.health.waiting == 3 && small.health.dropped == 22)
    small.close()
  }
}
