#include "loader.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#if __has_include(<assay_locations.h>)
#include <assay_locations.h>
#endif
#ifndef ASSAY_ONEDNN_FOLDER
#define ASSAY_ONEDNN_FOLDER ""
#endif
#if !defined(__x86_64__)
#error "the stubs below are for x86-64"
#endif

#define LIBRARY "libdnnl.so.3"

// A function that is called and not named here is an error of the linker.
#define FUNCTIONS(call)                                                                                               \
  call(convolution_backward_data_primitive_desc_create) call(convolution_backward_weights_primitive_desc_create)      \
  call(convolution_forward_primitive_desc_create) call(eltwise_backward_primitive_desc_create)                        \
  call(eltwise_forward_primitive_desc_create) call(engine_create) call(engine_destroy) call(get_effective_cpu_isa)    \
  call(layer_normalization_backward_primitive_desc_create) call(layer_normalization_forward_primitive_desc_create)    \
  call(memory_create) call(memory_desc_clone) call(memory_desc_create_with_tag) call(memory_desc_destroy)             \
  call(memory_desc_equal) call(memory_desc_get_size) call(memory_destroy) call(memory_set_data_handle)                \
  call(pooling_backward_primitive_desc_create) call(pooling_forward_primitive_desc_create)                            \
  call(post_ops_append_eltwise) call(post_ops_create) call(post_ops_destroy) call(primitive_attr_create)              \
  call(primitive_attr_destroy) call(primitive_attr_set_post_ops) call(primitive_attr_set_scratchpad_mode)             \
  call(primitive_create) call(primitive_desc_destroy) call(primitive_desc_query) call(primitive_desc_query_md)        \
  call(primitive_destroy) call(primitive_execute) call(reorder_primitive_desc_create) call(sgemm)                     \
  call(softmax_backward_primitive_desc_create) call(softmax_forward_primitive_desc_create) call(stream_create)        \
  call(stream_destroy) call(stream_wait) call(version)

// Where each function is, once the library is open; the stubs below read it.
#define SLOT(name) __attribute__((used, visibility("hidden"))) void *assay_slot_dnnl_##name;
FUNCTIONS(SLOT)
#undef SLOT

// A stub goes on to the function with all arguments as they are. Only the first call of all finds no address: it opens the library, or
// ends the program.
#define STUB(name)                                                  \
  __asm__(                                                          \
      ".text\n.p2align 4\n"                                         \
      ".globl dnnl_" #name "\n.hidden dnnl_" #name "\n"             \
      ".type dnnl_" #name ", @function\n"                           \
      "dnnl_" #name ":\n"                                           \
      "  movq assay_slot_dnnl_" #name "(%rip), %rax\n"              \
      "  testq %rax, %rax\n"                                        \
      "  je 1f\n"                                                   \
      "  jmpq *%rax\n"                                              \
      "1:\n"                                                        \
      "  leaq assay_slot_dnnl_" #name "(%rip), %r11\n"              \
      "  jmp assay_onednn_first_call\n"                             \
      ".size dnnl_" #name ", .-dnnl_" #name "\n");
FUNCTIONS(STUB)
#undef STUB

// Registers that may hold arguments are kept over the opening; those on the stack stay where they are. r11 holds the slot's address.
__asm__(
    ".text\n.p2align 4\n"
    ".type assay_onednn_first_call, @function\n"
    "assay_onednn_first_call:\n"
    "  pushq %r11\n  pushq %rdi\n  pushq %rsi\n  pushq %rdx\n  pushq %rcx\n  pushq %r8\n  pushq %r9\n"
    "  subq $128, %rsp\n"
    "  movups %xmm0, (%rsp)\n  movups %xmm1, 16(%rsp)\n  movups %xmm2, 32(%rsp)\n  movups %xmm3, 48(%rsp)\n"
    "  movups %xmm4, 64(%rsp)\n  movups %xmm5, 80(%rsp)\n  movups %xmm6, 96(%rsp)\n  movups %xmm7, 112(%rsp)\n"
    "  callq assay_onednn_open_or_end\n"
    "  movups (%rsp), %xmm0\n  movups 16(%rsp), %xmm1\n  movups 32(%rsp), %xmm2\n  movups 48(%rsp), %xmm3\n"
    "  movups 64(%rsp), %xmm4\n  movups 80(%rsp), %xmm5\n  movups 96(%rsp), %xmm6\n  movups 112(%rsp), %xmm7\n"
    "  addq $128, %rsp\n"
    "  popq %r9\n  popq %r8\n  popq %rcx\n  popq %rdx\n  popq %rsi\n  popq %rdi\n  popq %r11\n"
    "  jmpq *(%r11)\n"
    ".size assay_onednn_first_call, .-assay_onednn_first_call\n");

static char failure[1024];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static const char *place(char *path, size_t size) {
  const char *named = getenv("ASSAY_ONEDNN");
  struct stat status;
  if (named && *named) {
    snprintf(path, size, "%s", named);
    if (stat(path, &status) == 0 && S_ISDIR(status.st_mode)) snprintf(path, size, "%s/" LIBRARY, named);
    return path;
  }
  if (*ASSAY_ONEDNN_FOLDER) {
    snprintf(path, size, "%s", ASSAY_ONEDNN_FOLDER "/" LIBRARY);
    if (stat(path, &status) == 0) return path;
  }
  return LIBRARY;
}

static void open_once(void) {
  char path[768];
  const char *file = place(path, sizeof path);
  void *library = dlopen(file, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (!library) {
    snprintf(failure, sizeof failure, "%s; run `make setup`, or let ASSAY_ONEDNN name the folder that has " LIBRARY, dlerror());
    return;
  }
  const struct { const char *name; void **slot; } wanted[] = {
#define WANTED(name) {"dnnl_" #name, &assay_slot_dnnl_##name},
      FUNCTIONS(WANTED)
#undef WANTED
  };
  const size_t count = sizeof wanted / sizeof *wanted;
  void *found[sizeof wanted / sizeof *wanted];
  for (size_t i = 0; i < count; i++) {
    found[i] = dlsym(library, wanted[i].name);
    if (!found[i]) {
      snprintf(failure, sizeof failure, "%s: it has no %s, and oneDNN 3.2 is needed; run `make setup`", file, wanted[i].name);
      return;
    }
  }
  // Only now, so that no stub goes on before all can.
  for (size_t i = 0; i < count; i++) __atomic_store_n(wanted[i].slot, found[i], __ATOMIC_RELEASE);
}

const char *assay_onednn_failure(void) {
  pthread_once(&once, open_once);
  return *failure ? failure : NULL;
}

__attribute__((used, visibility("hidden"))) void assay_onednn_open_or_end(void) {
  const char *reason = assay_onednn_failure();
  if (!reason) return;
  fprintf(stderr, "assay: oneDNN cannot be opened: %s\n", reason);
  // EX_UNAVAILABLE, as for every library that is missing.
  _exit(69);
}
