import AssayBase
import AssayPlant
import CAravis
import Foundation
import Testing

/// Against Aravis' simulated cameras.
@Suite(.serialized, .enabled(if: PlantLibrary.aravis.failure == nil, "install Debian's libaravis-0.8-0"))
struct CameraTests {
  private func camera(_ id: String, features: [String] = [], timeout: Double = 5) throws -> Camera {
    var options = CameraOptions(id: id)
    options.features = features
    options.timeout = timeout
    return try Camera(options)
  }

  @Test func theSimulatedCamera() throws {
    let found = try CameraDescription.all(includesFake: true)
    #expect(found.contains { $0.id == "Fake_1" && $0.protocol == "Fake" && $0.vendor == "Aravis" })
    let camera = try self.camera("Fake_1", features: ["Width=128", "Height=96"])
    let first = try camera.grab()
    #expect(first.width == 128 && first.height == 96 && first.format == .mono8 && Set(first.bytes).count > 50)
    // Its pattern moves from picture to picture: none is given twice.
    let second = try camera.grab()
    #expect(second.bytes != first.bytes && camera.pictures == 2 && camera.failure == nil)
    camera.close()
  }

  @Test func whatCannotBe() throws {
    func kind(_ body: () throws -> Void) -> WorkflowError.Kind? {
      #expect(throws: WorkflowError.self, performing: body)?.kind
    }
    #expect(kind { _ = try camera("Nobody-1") } == .unavailable)
    #expect(kind { _ = try camera("Fake_1", features: ["NoSuchFeature=1"]) } == .usage)
  }

  /// A GigE Vision camera over the loopback interface: it goes, and comes back.
  @Test func aNetworkCameraIsLostAndFound() async throws {
    let calls = try PlantLibrary.aravis()
    var simulator = calls.arv_gv_fake_camera_new("127.0.0.1", "GV07")
    // Its port may be another test run's for a moment.
    func start() -> Bool {
      if simulator == nil { simulator = calls.arv_gv_fake_camera_new("127.0.0.1", "GV07") }
      return simulator != nil
    }
    func stop() {
      if let own = simulator { calls.g_object_unref(UnsafeMutableRawPointer(own)) }
      simulator = nil
    }
    defer { stop() }
    try #require(await eventually { start() })
    var opened: Camera?
    #expect(
      await eventually {
        opened = try? self.camera("Aravis-GV07", features: ["Width=128", "Height=96"], timeout: 3)
        return opened != nil
      })
    let camera = try #require(opened)
    let frame = try await camera.picture()
    #expect(frame.width > 0 && Set(frame.bytes).count > 50)
    stop()
    let error = await #expect(throws: WorkflowError.self) { try await camera.picture() }
    #expect(error?.kind == .unavailable && camera.failure != nil)
    try #require(await eventually { start() })
    #expect(await eventually { (try? camera.grab()) != nil } && camera.failure == nil)
    camera.close()
  }
}
