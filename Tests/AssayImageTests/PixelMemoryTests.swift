import AssayImage
import Testing

@Suite struct PixelMemoryTests {
  /// Bit 1 of the word in front of a block of glibc's malloc says that it is the system's own mapping (malloc.c,
  /// IS_MMAPPED), which goes back when it is freed. Freeing a large one makes glibc keep smaller ones, unless it was told.
  @Test func blocksOfPicturesAreTheSystemsOwn() {
    PixelMemory.giveBackWhenFreed()
    UnsafeMutableRawPointer.allocate(byteCount: 27 << 20, alignment: 16).deallocate()
    let block = UnsafeMutableRawPointer.allocate(byteCount: 8 << 20, alignment: 16)
    defer { block.deallocate() }
    #expect((block - 8).load(as: UInt.self) & 2 != 0)
  }
}
