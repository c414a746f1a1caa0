import AssayBase

/// The SHA-256 of a file's bytes: what identifies an image whatever it is called.
public enum ContentHash {
  /// 64 hexadecimal digits.
  public static func of(_ bytes: [UInt8]) -> String {
    SHA256Digest(of: bytes).hex
  }
}
