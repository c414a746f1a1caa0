/// Remembers what is known of images by their content, so that a second run need not decode them.
public protocol CopyCache: Sendable {
  /// ``CopySearch/fingerprintSize`` bytes.
  func fingerprint(of hash: String) -> [UInt8]?
  func keep(_ fingerprint: [UInt8], of hash: String)
  /// Whether two images, in this order, were found to be copies.
  func verdict(_ first: String, _ second: String) -> Bool?
  func keep(_ verdict: Bool, _ first: String, _ second: String)
}
