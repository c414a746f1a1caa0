#ifndef ASSAY_OPENVINO_SHIM_H
#define ASSAY_OPENVINO_SHIM_H
// OpenVINO is opened when a network is to run, so that a machine with another engine needs no such library.
#include <dlfcn.h>
#include <openvino/c/openvino.h>
#include <stddef.h>
#if __has_include(<assay_locations.h>)
#include <assay_locations.h>
#endif
#ifndef ASSAY_OPENVINO_FOLDER
#define ASSAY_OPENVINO_FOLDER ""
#endif

#define ASSAY_OPENVINO_CALLS(call)                                                                              \
  call(get_openvino_version) call(version_free) call(get_error_info) call(get_last_err_msg) call(core_create)   \
  call(core_get_available_devices) call(available_devices_free) call(core_read_model_from_memory_buffer)        \
  call(core_compile_model) call(model_reshape_single_input) call(model_outputs_size)                            \
  call(model_const_output_by_index) call(model_const_output_by_name) call(model_free)                           \
  call(partial_shape_create) call(partial_shape_free) call(const_port_get_shape) call(shape_free)               \
  call(output_const_port_free) call(compiled_model_output_by_name) call(compiled_model_create_infer_request)    \
  call(compiled_model_free) call(infer_request_get_input_tensor) call(infer_request_get_tensor)                 \
  call(infer_request_infer) call(infer_request_free) call(tensor_get_byte_size) call(tensor_data)               \
  call(tensor_free)

typedef struct {
#define ASSAY_FIELD(name) __typeof__(ov_##name) *_Nonnull name;
  ASSAY_OPENVINO_CALLS(ASSAY_FIELD)
#undef ASSAY_FIELD
} assay_openvino;

/// The library's functions, or null with the loader's own words in `message`. Call it once.
static inline const assay_openvino *_Nullable assay_openvino_load(const char *_Nonnull file,
                                                                  const char *_Nullable *_Nonnull message) {
  static assay_openvino api;
  void *library = dlopen(file, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (!library) {
    *message = dlerror();
    return NULL;
  }
#define ASSAY_FIND(name)                                        \
  if (!(*(void **)&api.name = dlsym(library, "ov_" #name))) {   \
    *message = dlerror();                                       \
    return NULL;                                                \
  }
  ASSAY_OPENVINO_CALLS(ASSAY_FIND)
#undef ASSAY_FIND
  return &api;
}

// `ov_core_compile_model` takes its properties as variadic arguments, which Swift cannot pass.
// Precision is pinned: on CPUs with bfloat16 OpenVINO would otherwise compute with 8 bits of mantissa.
static inline ov_status_e assay_openvino_compile(const assay_openvino *_Nonnull api, const ov_core_t *_Nonnull core,
                                                 const ov_model_t *_Nonnull model, const char *_Nonnull hint,
                                                 const char *_Nonnull streams, const char *_Nonnull threads,
                                                 ov_compiled_model_t *_Nullable *_Nonnull compiled) {
  return api->core_compile_model(core, model, "CPU", 10, compiled, "INFERENCE_PRECISION_HINT", "f32",
                                 "PERFORMANCE_HINT", hint, "NUM_STREAMS", streams, "INFERENCE_NUM_THREADS", threads,
                                 "ENABLE_CPU_PINNING", "NO");
}

#endif
