#define _GNU_SOURCE
#include "kernels.h"

#include <pthread.h>
#include <sched.h>

/* Vectors are passed only to functions that are always inlined, so how they would be passed does not matter. */
#pragma clang diagnostic ignored "-Wpsabi"

#define JOIN_(a, b) a##_##b
#define JOIN(a, b) JOIN_(a, b)

#define BLOCK 8
#define ROWS 6
#define NAME(x) JOIN(base, x)
#include "plane.inc"
#include "winograd.inc"
#undef NAME

#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define NAME(x) JOIN(avx2, x)
#include "plane.inc"
#include "winograd.inc"
#undef NAME
#undef BLOCK
#undef ROWS
#pragma clang attribute pop

#pragma clang attribute push(__attribute__((target("avx512f,avx512dq,avx512bw,avx512vl,avx2,fma"))), apply_to = function)
#define BLOCK 16
#define ROWS 14
#define NAME(x) JOIN(avx512, x)
#include "plane.inc"
#include "winograd.inc"
#undef NAME
#undef BLOCK
#undef ROWS
#pragma clang attribute pop

/* 2: AVX-512, 1: AVX2, 0: any x86-64, -1: this processor has not what the block needs. */
static int level_for_block(int block) {
  __builtin_cpu_init();
  if (block == 16)
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl")
                   && __builtin_cpu_supports("avx512dq")
               ? 2
               : -1;
  if (block != 8) return -1;
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

const assay_kernels *assay_kernels_for_block(int block) {
  static const assay_kernels *const tables[] = {&base_table, &avx2_table, &avx512_table};
  int level = level_for_block(block);
  return level < 0 ? 0 : tables[level];
}

const assay_winograd *assay_winograd_for_block(int block) {
  static const assay_winograd *const tables[] = {&base_winograd_table, &avx2_winograd_table, &avx512_winograd_table};
  int level = level_for_block(block);
  return level < 0 ? 0 : tables[level];
}

int assay_present_processor(void) { return sched_getcpu(); }

/* What the program may use, as it was before any thread was told to stay somewhere. */
static cpu_set_t everywhere;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static void remember(void) {
  if (sched_getaffinity(0, sizeof everywhere, &everywhere) != 0) CPU_ZERO(&everywhere);
}

void assay_stay_on_processor(int first, int step) {
  cpu_set_t own;
  pthread_once(&once, remember);
  int count = CPU_COUNT(&everywhere);
  if (count < 2) return;
  int processor = first;
  for (int left = step % count; left > 0;) {
    processor = (processor + 1) % CPU_SETSIZE;
    if (CPU_ISSET(processor, &everywhere)) left--;
  }
  CPU_ZERO(&own);
  CPU_SET(processor, &own);
  sched_setaffinity(0, sizeof own, &own);
}

void assay_leave_processor(void) {
  pthread_once(&once, remember);
  if (CPU_COUNT(&everywhere) > 0) sched_setaffinity(0, sizeof everywhere, &everywhere);
}
