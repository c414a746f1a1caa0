import AssayBase
import AssayPlant
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
    "broker", "http://broker", "mqtt://", "mqtt://[]/a", "mqtt://%20/a", "mqtt://a%0Ab", "mqtt://u:secret@broker",
    "mqtt://broker/a/+/b",
    "mqtt://broker/%23",
    "mqtt://broker/$SYS", "mqtt://broker:70000", "mqtt://broker/a?b", "mqtt://broker/a%2Bb", "mqtt://broker/a%00b",
    "mqtt://broker/a%C2%9Bb", "mqtt://broker/a%EF%BF%BEb",
  ])
  func refused(url: String) {
    let error = #expect(throws: WorkflowError.self) { try MQTTOptions(url: url) }
    #expect(error?.kind == .usage && error?.description.contains("secret") == false)
  }

  /// A bundle's name is one level of a topic: no wildcard, no separator, no character that a broker refuses (MQTT 3.1.1,
  /// 1.5.3 and 4.7), and no more than 65,535 bytes together.
  @Test func namesOfBundles() throws {
    let options = try MQTTOptions(url: "mqtt://broker/plant")
    for name in ["part", "Prüfling 7", "部品", "a.b_c-1", "$lid"] { try options.check(model: name) }
    let long = String(repeating: "a", count: 65_535)
    let unassigned = [0xFDD0, 0xFFFE, 0x1_FFFF].compactMap { Unicode.Scalar($0 as UInt32) }.map { "a\(Character($0))b" }
    for name in ["a#b", "#", "a+b", "a/b", "", "a\u{0}b", "a\nb", "a\u{85}b", long] + unassigned {
      let error = #expect(throws: WorkflowError.self) { try options.check(model: name) }
      #expect(error?.kind == .usage && error?.description.contains("rename") == true)
      #expect(error?.description.contains(name.isEmpty ? "it is empty" : name) == true)
    }
  }
}
