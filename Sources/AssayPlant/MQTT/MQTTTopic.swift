/// What may stand in a topic, by MQTT 3.1.1: 1.5.3 (UTF-8 strings) and 4.7 (topic names).
enum MQTTTopic {
  /// Bytes of a topic at most (4.7.3).
  static let longest = 65_535

  /// Why a text cannot be part of a topic, as a clause; nil when it can.
  static func fault(_ text: String) -> String? {
    for scalar in text.unicodeScalars {
      switch scalar.value {
      // A topic to publish on names no others.
      case UInt32(UInt8(ascii: "+")), UInt32(UInt8(ascii: "#")): return "it has the wildcard \(scalar)"
      case 0: return "it has the character U+0000"
      // Brokers may close the connection of whoever sends these.
      case 0x01..<0x20, 0x7F..<0xA0: return "it has a control character"
      case 0xFDD0...0xFDEF: return "it has a character that Unicode does not assign"
      case let value where value & 0xFFFE == 0xFFFE: return "it has a character that Unicode does not assign"
      default: break
      }
    }
    return text.utf8.count > longest ? "it has \(text.utf8.count) bytes, more than \(longest)" : nil
  }

  /// The same for a name that is one level of a topic.
  static func fault(level name: String) -> String? {
    if name.isEmpty { return "it is empty" }
    return name.contains("/") ? "it has a /" : fault(name)
  }
}
