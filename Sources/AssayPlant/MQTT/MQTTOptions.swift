package import AssayBase
import Foundation

/// Where results are published, and how the station shows who it is.
package struct MQTTOptions: Sendable, Equatable {
  package let host: String
  package let port: Int
  /// Topics begin with it; without a slash at the end.
  package let prefix: String
  package let usesTLS: Bool
  package let user: String?
  /// A file with the password on its first line.
  package var passwordFile: String?
  /// PEM files: authorities that may have signed the broker's certificate (the system's when nil), and the station's own
  /// certificate and key.
  package var authority: String?
  package var certificate: String?
  package var key: String?
  /// Results that may wait while the broker is away.
  package var capacity = 10_000
  /// Bytes of them.
  package var byteCapacity = 64 << 20
  /// Seconds before the first attempt to connect again, and the most that it grows to by doubling.
  package var firstDelay = 0.5
  package var longestDelay = 60.0

  /// - Parameter url: `mqtt://[USER@]HOST[:1883][/PREFIX]`, or `mqtts://` (8883) for TLS. The prefix is `assay` when there
  ///   is none.
  /// - Throws: `WorkflowError` (usage).
  package init(url: String) throws(WorkflowError) {
    func refuse(_ cause: String) -> WorkflowError {
      WorkflowError(.usage, "\(url): \(cause); give mqtt://HOST[:PORT][/PREFIX], or mqtts:// for TLS")
    }
    guard let parts = URLComponents(string: url), let scheme = parts.scheme, ["mqtt", "mqtts"].contains(scheme) else {
      throw refuse("this is no address of an MQTT broker")
    }
    let named = parts.host ?? ""
    // An IPv6 address stands in brackets; there may be nothing in them.
    let host = named.hasPrefix("[") && named.hasSuffix("]") ? String(named.dropFirst().dropLast()) : named
    guard !host.isEmpty else { throw refuse("the broker's host is missing") }
    guard !host.unicodeScalars.contains(where: { $0.properties.isWhitespace || $0.value < 0x20 || $0.value == 0x7F })
    else { throw refuse("no host has a blank or a control character in its name") }
    guard parts.password == nil else {
      throw WorkflowError(
        .usage, "a password in an address is seen by everybody who lists processes; use --mqtt-password-file")
    }
    guard parts.query == nil, parts.fragment == nil else { throw refuse("? and # have no meaning here") }
    usesTLS = scheme == "mqtts"
    self.host = host
    port = parts.port ?? (usesTLS ? 8883 : 1883)
    guard (1...65_535).contains(port) else { throw refuse("a port is 1 to 65535") }
    user = parts.user
    var path = Substring(parts.path)
    while path.first == "/" { path = path.dropFirst() }
    while path.last == "/" { path = path.dropLast() }
    prefix = path.isEmpty ? "assay" : String(path)
    if let fault = MQTTTopic.fault(prefix) { throw refuse("a topic cannot begin so: \(fault)") }
    guard !prefix.hasPrefix("$") else { throw refuse("a topic that begins with $ is the broker's own") }
    guard prefix.utf8.count <= 1000 else { throw refuse("a prefix has at most 1000 bytes") }
  }

  /// - Throws: `WorkflowError` (usage) when results of a bundle of this name could not be published.
  package func check(model name: String) throws(WorkflowError) {
    guard let fault = fault(model: name) else { return }
    throw WorkflowError(
      .usage,
      "\(name): results of a bundle of this name cannot be published by MQTT, since the name is part of the topic and "
        + "\(fault); rename the bundle's folder (`assay serve` takes another name as NAME=PATH)")
  }

  /// Why a bundle's name cannot be part of a topic, as a clause; nil when it can.
  package func fault(model name: String) -> String? {
    if let fault = MQTTTopic.fault(level: name) { return fault }
    let length = resultTopic(name).utf8.count
    return length > MQTTTopic.longest ? "its topic would have \(length) bytes, more than \(MQTTTopic.longest)" : nil
  }

  /// For messages.
  package var address: String {
    "\(usesTLS ? "mqtts" : "mqtt")://\(host.contains(":") ? "[\(host)]" : host):\(port)/\(prefix)"
  }

  package var statusTopic: String { prefix + "/status" }
  package func resultTopic(_ model: String) -> String { "\(prefix)/\(model)/result" }

  /// - Throws: `WorkflowError` when options do not fit or a file cannot be read.
  package func password() throws(WorkflowError) -> String? {
    guard let passwordFile else { return nil }
    guard let text = try? String(contentsOfFile: passwordFile, encoding: .utf8) else {
      throw WorkflowError(.noInput, "\(passwordFile): the password cannot be read; check path and permissions")
    }
    guard let line = text.split(whereSeparator: \.isNewline).first, !line.isEmpty else {
      throw WorkflowError(.badData, "\(passwordFile): the file is empty; put the password on its first line")
    }
    return String(line)
  }

  /// - Throws: `WorkflowError` when options do not fit or a file cannot be read.
  package func check() throws(WorkflowError) {
    guard passwordFile == nil || user != nil else {
      throw WorkflowError(.usage, "--mqtt-password-file needs a user: \(usesTLS ? "mqtts" : "mqtt")://USER@\(host)")
    }
    guard (certificate == nil) == (key == nil) else {
      throw WorkflowError(.usage, "--mqtt-certificate and --mqtt-key belong together")
    }
    guard usesTLS || (authority == nil && certificate == nil) else {
      throw WorkflowError(.usage, "certificates need an encrypted connection: mqtts://\(host)")
    }
    guard capacity > 0, byteCapacity > 0 else { throw WorkflowError(.usage, "--mqtt-buffer must be above 0") }
    for file in [authority, certificate, key].compactMap({ $0 }) where !FileManager.default.isReadableFile(atPath: file)
    {
      throw WorkflowError(.noInput, "\(file): it cannot be read; check path and permissions")
    }
    _ = try password()
  }
}
