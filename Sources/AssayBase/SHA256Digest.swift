import Crypto
public import Foundation

/// The SHA-256 of some bytes, as a dictionary key.
public struct SHA256Digest: Hashable, Sendable {
  private let words: SIMD4<UInt64>

  public init(of bytes: some DataProtocol) {
    words = SHA256.hash(data: bytes).withUnsafeBytes { $0.loadUnaligned(as: SIMD4<UInt64>.self) }
  }

  /// - Parameter stored: at least 32 bytes.
  package init(_ stored: UnsafeRawBufferPointer) {
    words = stored.loadUnaligned(as: SIMD4<UInt64>.self)
  }

  public var bytes: [UInt8] { withUnsafeBytes(of: words) { Array($0) } }

  /// 64 hexadecimal digits.
  public var hex: String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }

  public init?(hex: String) {
    let digits = Array(hex.utf8).compactMap { Character(UnicodeScalar($0)).hexDigitValue }
    guard digits.count == 64, hex.utf8.count == 64 else { return nil }
    let bytes = stride(from: 0, to: 64, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    words = bytes.withUnsafeBytes { $0.loadUnaligned(as: SIMD4<UInt64>.self) }
  }
}
