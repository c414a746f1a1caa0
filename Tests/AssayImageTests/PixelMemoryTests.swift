import AssayImage
import Testing

@Suite struct PixelMemoryTests {
  /// Bit 1 of the word in front of a block of glibc's malloc says that it is the system's own mapping (malloc.c,
  /// IS_MMAPPED), which goes back when it is freed. Freeing a large one makes glibc keep smaller ones, unless it was told.
  @Test func blocksOfPicturesAreTheSystemsOwn() {
    PixelMemory.giveBackWhenFreed()
    UnsafeMutableRawPointer.allocate(byteCount: 31 << 20, alignment: 16).deallocate()
    // What other tests have freed may hold one or two of them.
    let blocks = (0..<6).map { _ in UnsafeMutableRawPointer.allocate(byteCount: 30 << 20, alignment: 16) }
    defer { for block in blocks { block.deallocate() } }
    #expect(blocks.count { ($0 - 8).load(as: UInt.self) & 2 != 0 } >= 4)
  }
}
