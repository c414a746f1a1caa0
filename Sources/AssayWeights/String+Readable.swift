extension String {
  /// For messages: names in a file may be long or hold anything.
  package func readable(_ limit: Int = 80) -> String {
    let plain = prefix(limit).map { $0.isASCII && !$0.isNewline && ($0.asciiValue ?? 0) >= 32 ? $0 : "?" }
    return String(plain) + (dropFirst(limit).isEmpty ? "" : "...")
  }
}
