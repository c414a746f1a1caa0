import AssayPlant
import AssayWorkflows
import Testing

@Suite struct MQTTOptionsTests {
  @Test func addresses() throws {
    let plain = try MQTTOptions(url: "mqtt://broker")
    #expect(plain.host == "broker" && plain.port == 1883 && plain.prefix == "assay" && !plain.usesTLS)
    let full = try MQTTOptions(url: "mqtts://line3@10.0.0.7:9000/plant/line3/")
    #expect(full.host == "10.0.0.7" && full.port == 9000 && full.user == "line3" && full.usesTLS)
    #expect(full.statusTopic == "plant/line3/status" && full.resultTopic("lid") == "plant/line3/lid/result")
    let encrypted = try MQTTOptions(url: "mqtts://[::1]")
    #expect(encrypted.port == 8883 && encrypted.host == "::1")
  }

  /// A password would be in the list of processes; wildcards and $ are not for publishing (MQTT 3.1.1, 4.7).
  @Test(arguments: [
    "broker", "http://broker", "mqtt://", "mqtt://u:secret@broker", "mqtt://broker/a/+/b", "mqtt://broker/%23",
    "mqtt://broker/$SYS", "mqtt://broker:70000", "mqtt://broker/a?b",
  ])
  func refused(url: String) {
    let error = #expect(throws: WorkflowError.self) { try MQTTOptions(url: url) }
    #expect(error?.kind == .usage && error?.description.contains("secret") == false)
  }
}
