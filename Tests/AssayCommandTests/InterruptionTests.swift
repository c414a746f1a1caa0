import Foundation
import Testing

/// Ctrl-C and SIGTERM are answered by a word, whatever the command is at.
@Suite struct InterruptionTests {
  private static let shop = Workshop.shared

  /// Work enough that it is not over before it can be stopped; all pictures are different.
  private static let parts: String = {
    for (name, isScratched) in [("good", false), ("scratch", true)] {
      let base = Workshop.part(isScratched ? 3 : 2, isScratched: isScratched)
      for index in 0..<1500 {
        var picture = base
        for place in 0..<2 { picture[base.count - 1 - place] = UInt8(index >> (8 * place) & 0xFF) }
        shop.write("parts/\(name)/\(index).pgm", picture)
      }
    }
    return shop.folder + "/parts"
  }()

  private static func begin(_ words: [String]) throws -> PseudoTerminal {
    let names = [
      "PARTS": parts, "CLASSES": shop.classes, "OUT": shop.folder + "/stopped-\(UUID().uuidString)",
      "CLASSIFIER": Workshop.Kind.classifier.bundle, "ANOMALY": Workshop.Kind.anomaly.bundle,
    ]
    // Lines instead of a bar, which could be read half.
    return try PseudoTerminal(
      words.map { names[$0] ?? $0 }, columns: 100, environment: ["TERM": "dumb"], in: shop.folder)
  }

  /// Work that may be cut off says what is left of it.
  @Test(arguments: [
    (
      ["train", "PARTS", "-o", "OUT", "--backbone", "tiny"],
      "features are kept, and the same command goes on from there"
    ),
    (
      ["train", "PARTS", "-o", "OUT", "--backbone", "tiny", "--no-cache", "--multi-label"],
      "no half-written bundle is left"
    ),
    (
      ["train", "PARTS", "-o", "OUT", "--backbone", "tiny", "--no-cache", "--method", "fewshot"],
      "no half-written bundle is left"
    ),
    (
      ["train", "PARTS", "-o", "OUT", "--backbone", "tiny", "--no-cache", "--method", "anomaly"],
      "no half-written bundle is left"
    ),
    // Fine-tuning, before it has begun to train.
    (
      ["train", "PARTS", "-o", "OUT", "--backbone", "tiny", "--no-cache", "--method", "finetune"],
      "no half-written bundle is left"
    ),
    (["compare", "PARTS", "--backbones", "tiny", "--methods", "linear", "--no-cache"], "nothing is kept"),
    (["evaluate", "CLASSIFIER", "PARTS"], "nothing was written"),
    (["evaluate", "ANOMALY", "PARTS"], "nothing was written"),
    (["evaluate", "--folds", "3", "PARTS", "--backbone", "tiny", "--no-cache"], "nothing was written"),
    (["adapt", "CLASSIFIER", "PARTS", "-o", "OUT"], "no bundle was written"),
    (["threshold", "CLASSIFIER", "PARTS", "--max-overkill", "0.5"], "nothing half done is left"),
    (["data", "PARTS"], "nothing half done is left"),
    (["inspect", "CLASSIFIER", "PARTS", "--json"], " of 3000: "),
  ]) func itSaysWhatIsLeft(_ words: [String], _ kept: String) throws {
    let terminal = try Self.begin(words)
    terminal.wait { $0.text.contains(/\(\d{3,}\)\r\n/) }
    terminal.send(SIGINT)
    #expect(terminal.end() == 143, "\(words): \(terminal.text)")
    let last = try #require(terminal.text.split(separator: "\r\n").last)
    #expect(last.hasPrefix("assay: stopped ") && last.contains(kept), "\(words): \(terminal.text)")
    #expect(words[0] == "inspect" || last.contains(" of "), "where it was: \(last)")
  }

  /// Work that ends by itself says so until it does.
  @Test(arguments: [SIGINT, SIGTERM]) func fineTuningFinishesTheBatch(_ signal: Int32) throws {
    let terminal = try Self.begin([
      "train", "CLASSES", "-o", "OUT", "--backbone", "tiny", "--method", "finetune", "--epochs", "100000",
    ])
    terminal.wait { $0.text.contains("epoch 2/") }
    terminal.send(signal)
    #expect(terminal.end() == 143, "\(terminal.text)")
    #expect(
      terminal.text.contains("assay: stopping in fold 1 of ")
        && terminal.text.contains("; Ctrl-C again ends at once\r\n")
    )
    #expect(terminal.text.split(separator: "\r\n").last?.hasPrefix("assay: stopped") == true, "\(terminal.text)")
  }

  @Test func watchingFinishesThePicture() throws {
    Self.shop.write("arriving/a.pgm", Workshop.part(0, isScratched: false))
    let terminal = try Self.begin(["watch", "CLASSIFIER", "arriving", "--interval", "60", "--action", "link"])
    terminal.wait { $0.text.contains("watching arriving") }
    terminal.send(SIGINT)
    #expect(terminal.end() == 0, "\(terminal.text)")
    #expect(terminal.text.contains("assay: stopping: finishing the picture at hand; Ctrl-C again ends at once\r\n"))
  }

  @Test func servingFinishesItsRequests() throws {
    let terminal = try Self.begin([
      "serve", "CLASSIFIER", "--port", "0", "--record", "off", "--log-level", "critical",
    ])
    terminal.wait { $0.text.contains("serving at") }
    terminal.send(SIGINT)
    #expect(terminal.end() == 0, "\(terminal.text)")
    #expect(
      terminal.text.contains("assay: stopping: finishing the requests that were accepted, then"), "\(terminal.text)")
  }

  /// The second time it ends there and then, whatever it is at.
  @Test func theSecondTimeItEndsAtOnce() throws {
    let terminal = try Self.begin(["serve", "CLASSIFIER", "--port", "0", "--record", "off", "--log-level", "critical"])
    terminal.wait { $0.text.contains("serving at") }
    let port = try #require(terminal.text.firstMatch(of: /:(\d+)\//).flatMap { Int($0.1) })
    // A caller who has begun to ask keeps the station open.
    let caller = try FileHandle.connected(to: port)
    try caller.write(
      contentsOf: Data("POST /v1/inspect/classifier HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n".utf8))
    Thread.sleep(forTimeInterval: 0.3)
    terminal.send(SIGINT)
    terminal.wait { $0.text.contains("again ends at once") }
    terminal.send(SIGINT)
    #expect(terminal.end() == 143, "\(terminal.text)")
    try caller.close()
  }
}

extension FileHandle {
  /// A connection to a port of this machine.
  fileprivate static func connected(to port: Int) throws -> FileHandle {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    let result = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    try #require(result == 0)
    return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
  }
}
