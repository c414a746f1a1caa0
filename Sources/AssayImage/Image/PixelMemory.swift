import CCodecs

/// Memory of pictures: large, of a program's many threads, and needed for milliseconds.
public enum PixelMemory {
  /// Lets the system have the memory of pictures back when they are gone; to be called once, at the start of a program.
  ///
  /// Otherwise the C library keeps what it has once given out: eight threads that have each decoded a photograph of 9
  /// megapixels hold 220 MiB from then on.
  public static func giveBackWhenFreed() { assay_give_back_blocks(4 << 20, 32 << 20) }
}
