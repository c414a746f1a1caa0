import AssayHTTP
import AssayStation
import AssayStationSupport
import AssayTestSupport
import Foundation
import Testing

/// What comes in has one bound: it waits for room, or is told which limit it does not fit.
@Suite struct MemoryTests {
  private static let bundle: @Sendable (String) throws -> String = { try TinyBundle.write(.classifier, in: $0) }

  private static func small(_ options: inout TestOptions) { options.memory = 16 << 20 }
  private static func hasty(_ options: inout TestOptions) { options.longestWait = 0.2 }
  private static func smallAndHasty(_ options: inout TestOptions) {
    small(&options)
    hasty(&options)
  }

  /// As large as its pixels.
  private static func anymap(_ side: Int) -> [UInt8] {
    Array("P5 \(side) \(side) 255\n".utf8) + [UInt8](repeating: 0, count: side * side)
  }

  /// Of 16 MiB bodies have 4 and decoded pixels 9.
  @Test func whatNeverFitsIsTooLarge() async throws {
    try await TestStation.run(Self.bundle, change: Self.small) { (station: TestStation) async throws in
      for body in [Self.anymap(2200), Pictures.grey(0, width: 3400, height: 3400)] {
        let reply = try await station.call("POST", "/v1/inspect/part", body: body)
        #expect(reply.status == 413, "\(reply.status)")
        #expect((reply.json["error"] as? String)?.contains("--memory") == true, "\(reply.text)")
      }
      #expect(try await station.call("POST", "/v1/inspect/part", body: Self.anymap(1900)).status == 200)
      for share in ByteBudget.Share.allCases {
        #expect(station.station.budget.free(of: share) == station.station.budget.limit(of: share), "given back")
      }
    }
  }

  @Test func whatDoesNotFitNowWaits() async throws {
    try await TestStation.run(Self.bundle, change: Self.smallAndHasty) { (station: TestStation) async throws in
      let budget = station.station.budget
      let room = try #require(budget.takeNow(4 << 20, of: .bodies))
      let refused = try await station.call("POST", "/v1/inspect/part", body: Self.anymap(1500))
      #expect(refused.status == 503 && refused.headers["retry-after"] == "1", "\(refused.text)")
      #expect((refused.json["error"] as? String)?.contains("--memory") == true)
      // Small ones need no room of that kind.
      #expect(try await station.call("POST", "/v1/inspect/part", body: Self.anymap(100)).status == 200)
      room.giveBack()
      #expect(try await station.call("POST", "/v1/inspect/part", body: Self.anymap(1500)).status == 200)
    }
  }

  /// Of 16 MiB large answers have 2: kept pictures that nobody fetches to their end do not add up.
  @Test func aKeptPictureWaitsForRoom() async throws {
    try await TestStation.run(Self.bundle) { options in
      Self.smallAndHasty(&options)
      options.images = .all
    } _: { (station: TestStation) async throws in
      let picture = Self.anymap(1200)
      let id = try #require(try await station.call("POST", "/v1/inspect/part", body: picture).json["id"] as? Int)
      let budget = station.station.budget
      let whole = budget.limit(of: .answers)
      let room = try #require(budget.takeNow(whole, of: .answers))
      let address = "/v1/records/\(id)/image"
      #expect(try await station.get(address).status == 503)
      #expect(try await station.get("/v1/records?limit=500").status == 503)
      #expect(try await station.get("/v1/records?limit=5").status == 200, "small answers need none")
      room.giveBack()
      let reply = try await station.get(address)
      #expect(reply.status == 200 && reply.body == picture)
      #expect(reply.headers["content-type"] == "image/x-portable-anymap")
      #expect(try await station.call("HEAD", address).headers["content-length"] == String(picture.count))
      #expect(budget.free(of: .answers) == whole, "given back")
    }
  }

  /// A form with two pictures of one name: neither is passed over.
  @Test func aSecondPictureDoesNotVanish() async throws {
    try await TestStation.run(Self.bundle) { (station: TestStation) async throws in
      func form(_ count: Int) -> [UInt8] {
        (0..<count).flatMap { index in
          Array("--b\r\nContent-Disposition: form-data; name=\"image\"; filename=\"\(index).png\"\r\n\r\n".utf8)
            + Pictures.grey(0) + Array("\r\n".utf8)
        } + Array("--b--\r\n".utf8)
      }
      let type = ["Content-Type": "multipart/form-data; boundary=b"]
      #expect(try await station.call("POST", "/v1/inspect/part", headers: type, body: form(1)).status == 200)
      #expect(try await station.call("POST", "/v1/inspect/part", headers: type, body: form(2)).status == 400)
    }
  }

  /// All workers hang: who waits is answered at the bound, before a worker is free.
  @Test func longestWaitIsABound() async throws {
    try await TestStation.run(Self.bundle, change: Self.hasty) { (station: TestStation) async throws in
      let queue = station.station.queue
      let gate = DispatchSemaphore(value: 0)
      defer { for _ in 0..<100 { gate.signal() } }
      while queue.length == 0 {
        queue.add(
          InspectionQueue.Job { _ in
            gate.wait()
            return { _ in }
          } refuse: { _ in
          })
        try await Task.sleep(for: .milliseconds(1))
      }
      let busy = queue.running
      let reply = try await station.call("POST", "/v1/inspect/part", body: Pictures.grey(0))
      #expect(reply.status == 503 && (reply.json["error"] as? String)?.contains("--longest-wait") == true)
      #expect(queue.running == busy, "no worker has come back yet")
    }
  }
}
