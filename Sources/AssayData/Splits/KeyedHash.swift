import AssayBase
import Foundation

/// A uniform number in 0..<1 from a seed and a key: the same on every machine and whatever else is in the data.
enum KeyedHash {
  static func uniform(seed: UInt64, purpose: String, key: String) -> Double {
    let digest = SHA256Digest(of: Data("\(purpose)\u{0}\(seed)\u{0}\(key)".utf8))
    let bits = digest.bytes.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return Double(bits >> 11) * 0x1p-53
  }
}
