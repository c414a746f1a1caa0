#ifndef ASSAY_OPENVINO_SHIM_H
#define ASSAY_OPENVINO_SHIM_H

#include <openvino/c/openvino.h>

// `ov_core_compile_model` takes its properties as variadic arguments, which Swift cannot pass.
// Precision is pinned: on CPUs with bfloat16 OpenVINO would otherwise compute with 8 bits of mantissa.
static inline ov_status_e assay_compile(const ov_core_t *core, const ov_model_t *model, const char *hint,
                                        const char *streams, const char *threads, ov_compiled_model_t **compiled) {
  return ov_core_compile_model(core, model, "CPU", 10, compiled, "INFERENCE_PRECISION_HINT", "f32", "PERFORMANCE_HINT",
                               hint, "NUM_STREAMS", streams, "INFERENCE_NUM_THREADS", threads, "ENABLE_CPU_PINNING",
                               "NO");
}

#endif
