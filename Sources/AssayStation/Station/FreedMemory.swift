import CMemory

/// How a program that runs for months gives back what it has freed.
public enum FreedMemory {
  /// To be called once, before there are threads.
  ///
  /// glibc keeps freed blocks for the next caller, in as many arenas as eight times the cores. `PixelMemory` has pictures
  /// given back at once; of all else this leaves four heaps, which `trim()` empties.
  public static func goesBack() { _ = mallopt(M_ARENA_MAX, 4) }

  /// Smaller blocks go back when this is called now and then; it takes milliseconds.
  package static func trim() { _ = malloc_trim(0) }
}
