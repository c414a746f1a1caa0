import AssayImage
import Crypto
import Foundation

/// The SHA-256 of a file's bytes: what identifies an image whatever it is called.
public enum ContentHash {
  /// 64 hexadecimal digits.
  public static func of(_ bytes: [UInt8]) -> String {
    SHA256.hash(data: bytes).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
