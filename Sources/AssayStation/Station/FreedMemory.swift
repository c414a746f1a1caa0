import CMemory

/// How a program that runs for months gives back what it has freed.
public enum FreedMemory {
  /// To be called once, before there are threads.
  ///
  /// glibc keeps freed blocks for the next caller: of up to 32 MiB each once one of that size has been freed, in as many
  /// arenas as eight times the cores. After a rush of large photographs the station would hold their memory for ever.
  /// Blocks of 4 MiB and more, so pictures, go back at once; the page faults that this costs are lost in their decoding.
  public static func goesBack() {
    _ = mallopt(M_MMAP_THRESHOLD, 4 << 20)
    _ = mallopt(M_ARENA_MAX, 4)
  }

  /// Smaller blocks go back when this is called now and then; it takes milliseconds.
  package static func trim() { _ = malloc_trim(0) }
}
