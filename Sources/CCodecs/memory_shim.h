#ifndef ASSAY_MEMORY_SHIM_H
#define ASSAY_MEMORY_SHIM_H
// Swift's module of glibc has no malloc.h.
#include <malloc.h>

/// Blocks of `block` bytes and more are the system's again once they are freed, and so is what is free above `kept` bytes at
/// the end of a thread's memory. Without it glibc learns from the first large block that is freed (up to 32 MB) to keep
/// such blocks, in every thread.
static inline void assay_give_back_blocks(int block, int kept) {
  mallopt(M_MMAP_THRESHOLD, block);
  mallopt(M_TRIM_THRESHOLD, kept);
}
#endif
