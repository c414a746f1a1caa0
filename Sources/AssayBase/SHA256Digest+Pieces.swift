import Crypto

extension SHA256Digest {
  /// Of what is never in memory as a whole.
  /// - Parameter pieces: calls its parameter with one piece after the other.
  package init(pieces: (_ add: (UnsafeRawBufferPointer) -> Void) -> Void) {
    var hash = SHA256()
    pieces { hash.update(bufferPointer: $0) }
    self = hash.finalize().withUnsafeBytes { SHA256Digest($0) }
  }
}
