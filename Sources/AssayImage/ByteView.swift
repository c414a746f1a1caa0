/// Bounds-checked reading of a file's bytes: outside the data every access answers zero or nil, so that
/// a parser of untrusted input can not read past the end.
struct ByteView {
  let base: UnsafeRawBufferPointer

  var count: Int { base.count }

  subscript(index: Int) -> UInt8 { index >= 0 && index < base.count ? base[index] : 0 }

  func uint16LE(_ at: Int) -> Int { Int(self[at]) | Int(self[at + 1]) << 8 }
  func uint16BE(_ at: Int) -> Int { Int(self[at]) << 8 | Int(self[at + 1]) }
  func uint32LE(_ at: Int) -> Int { uint16LE(at) | uint16LE(at + 2) << 16 }
  func uint32BE(_ at: Int) -> Int { uint16BE(at) << 16 | uint16BE(at + 2) }
  func int32LE(_ at: Int) -> Int { Int(Int32(truncatingIfNeeded: uint32LE(at))) }
}
