#ifndef ASSAY_ONNXRUNTIME_SHIM_H
#define ASSAY_ONNXRUNTIME_SHIM_H
// ONNX Runtime is opened when a network is to run in it. Its wheel has the library and no headers: what is called is declared here.
//
// `OrtApi` is a table of functions that only ever grows at its end, so the place of a function never changes. Places and types are
// those of onnxruntime_c_api.h; the oldest version of the table that is asked for is ASSAY_ORT_API_VERSION.
#include <dlfcn.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#if __has_include(<assay_locations.h>)
#include <assay_locations.h>
#endif
#ifndef ASSAY_ONNXRUNTIME_FOLDER
#define ASSAY_ONNXRUNTIME_FOLDER ""
#endif

#define ASSAY_ORT_API_VERSION 17

// Values of ONNX Runtime's enumerations.
#define ASSAY_ORT_LOGGING_ERROR 3
#define ASSAY_ORT_OPTIMIZE_NOTHING 0
#define ASSAY_ORT_OPTIMIZE_ALL 99
#define ASSAY_ORT_FLOAT 1
#define ASSAY_ORT_DEVICE_ALLOCATOR 0
#define ASSAY_ORT_MEMORY_DEFAULT 0

typedef struct OrtStatus OrtStatus;
typedef struct OrtEnv OrtEnv;
typedef struct OrtSession OrtSession;
typedef struct OrtSessionOptions OrtSessionOptions;
typedef struct OrtRunOptions OrtRunOptions;
typedef struct OrtValue OrtValue;
typedef struct OrtTypeInfo OrtTypeInfo;
typedef struct OrtTensorTypeAndShapeInfo OrtTensorTypeAndShapeInfo;
typedef struct OrtMemoryInfo OrtMemoryInfo;
typedef struct OrtAllocator OrtAllocator;

#define ASSAY_OUT(type) type *_Nullable *_Nonnull

// Place in the table, name, type of the result, parameters. A status that is null means that all went well.
#define ASSAY_ORT_CALLS(call)                                                                                                  \
  call(2, GetErrorMessage, const char *_Nullable, (const OrtStatus *_Nonnull))                                                 \
  call(3, CreateEnv, OrtStatus *_Nullable, (int level, const char *_Nonnull name, ASSAY_OUT(OrtEnv)))                          \
  call(6, DisableTelemetryEvents, OrtStatus *_Nullable, (const OrtEnv *_Nonnull))                                              \
  call(8, CreateSessionFromArray, OrtStatus *_Nullable,                                                                        \
       (const OrtEnv *_Nonnull, const void *_Nonnull bytes, size_t count, const OrtSessionOptions *_Nonnull,                   \
        ASSAY_OUT(OrtSession)))                                                                                                \
  call(9, Run, OrtStatus *_Nullable,                                                                                           \
       (OrtSession *_Nonnull, const OrtRunOptions *_Nullable, const char *_Nonnull const *_Nonnull inputNames,                 \
        const OrtValue *_Nonnull const *_Nonnull inputs, size_t inputCount,                                                    \
        const char *_Nonnull const *_Nonnull outputNames, size_t outputCount, OrtValue *_Nullable *_Nonnull outputs))          \
  call(10, CreateSessionOptions, OrtStatus *_Nullable, (ASSAY_OUT(OrtSessionOptions)))                                         \
  call(19, DisableCpuMemArena, OrtStatus *_Nullable, (OrtSessionOptions *_Nonnull))                                            \
  call(23, SetSessionGraphOptimizationLevel, OrtStatus *_Nullable, (OrtSessionOptions *_Nonnull, int level))                   \
  call(24, SetIntraOpNumThreads, OrtStatus *_Nullable, (OrtSessionOptions *_Nonnull, int count))                               \
  call(25, SetInterOpNumThreads, OrtStatus *_Nullable, (OrtSessionOptions *_Nonnull, int count))                               \
  call(30, SessionGetInputCount, OrtStatus *_Nullable, (const OrtSession *_Nonnull, size_t *_Nonnull))                         \
  call(31, SessionGetOutputCount, OrtStatus *_Nullable, (const OrtSession *_Nonnull, size_t *_Nonnull))                        \
  call(34, SessionGetOutputTypeInfo, OrtStatus *_Nullable,                                                                     \
       (const OrtSession *_Nonnull, size_t index, ASSAY_OUT(OrtTypeInfo)))                                                     \
  call(36, SessionGetInputName, OrtStatus *_Nullable,                                                                          \
       (const OrtSession *_Nonnull, size_t index, OrtAllocator *_Nonnull, ASSAY_OUT(char)))                                    \
  call(37, SessionGetOutputName, OrtStatus *_Nullable,                                                                         \
       (const OrtSession *_Nonnull, size_t index, OrtAllocator *_Nonnull, ASSAY_OUT(char)))                                    \
  call(49, CreateTensorWithDataAsOrtValue, OrtStatus *_Nullable,                                                               \
       (const OrtMemoryInfo *_Nonnull, void *_Nonnull values, size_t bytes, const int64_t *_Nonnull shape, size_t rank,        \
        int type, ASSAY_OUT(OrtValue)))                                                                                        \
  call(55, CastTypeInfoToTensorInfo, OrtStatus *_Nullable,                                                                     \
       (const OrtTypeInfo *_Nonnull, const OrtTensorTypeAndShapeInfo *_Nullable *_Nonnull))                                    \
  call(60, GetTensorElementType, OrtStatus *_Nullable, (const OrtTensorTypeAndShapeInfo *_Nonnull, int *_Nonnull))             \
  call(61, GetDimensionsCount, OrtStatus *_Nullable, (const OrtTensorTypeAndShapeInfo *_Nonnull, size_t *_Nonnull))            \
  call(62, GetDimensions, OrtStatus *_Nullable,                                                                                \
       (const OrtTensorTypeAndShapeInfo *_Nonnull, int64_t *_Nonnull, size_t))                                                 \
  call(65, GetTensorTypeAndShape, OrtStatus *_Nullable,                                                                        \
       (const OrtValue *_Nonnull, ASSAY_OUT(OrtTensorTypeAndShapeInfo)))                                                       \
  call(69, CreateCpuMemoryInfo, OrtStatus *_Nullable, (int allocator, int memory, ASSAY_OUT(OrtMemoryInfo)))                   \
  call(76, AllocatorFree, OrtStatus *_Nullable, (OrtAllocator *_Nonnull, void *_Nonnull))                                      \
  call(78, GetAllocatorWithDefaultOptions, OrtStatus *_Nullable, (ASSAY_OUT(OrtAllocator)))                                    \
  call(93, ReleaseStatus, void, (OrtStatus *_Nullable))                                                                        \
  call(95, ReleaseSession, void, (OrtSession *_Nullable))                                                                      \
  call(96, ReleaseValue, void, (OrtValue *_Nullable))                                                                          \
  call(98, ReleaseTypeInfo, void, (OrtTypeInfo *_Nullable))                                                                    \
  call(99, ReleaseTensorTypeAndShapeInfo, void, (OrtTensorTypeAndShapeInfo *_Nullable))                                        \
  call(100, ReleaseSessionOptions, void, (OrtSessionOptions *_Nullable))                                                       \
  call(130, AddSessionConfigEntry, OrtStatus *_Nullable,                                                                       \
       (OrtSessionOptions *_Nonnull, const char *_Nonnull key, const char *_Nonnull value))

typedef struct {
#define ASSAY_FIELD(place, name, result, parameters) result (*_Nonnull name) parameters;
  ASSAY_ORT_CALLS(ASSAY_FIELD)
#undef ASSAY_FIELD
  /// For example `1.32.0`.
  const char *_Nonnull version;
} assay_onnxruntime;

/// The library's functions, or null with the reason in `message`. Call it once.
static inline const assay_onnxruntime *_Nullable assay_onnxruntime_load(const char *_Nonnull file,
                                                                        const char *_Nullable *_Nonnull message) {
  static assay_onnxruntime api;
  static char reason[160];
  typedef struct {
    const void *(*GetApi)(uint32_t version);
    const char *(*GetVersionString)(void);
  } Base;
  void *library = dlopen(file, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (!library) {
    *message = dlerror();
    return NULL;
  }
  const Base *(*base)(void) = (const Base *(*)(void))dlsym(library, "OrtGetApiBase");
  if (!base) {
    *message = dlerror();
    return NULL;
  }
  *message = reason;
  // Asked first: a table that it does not have the library complains of on the standard error stream.
  unsigned major = 0, minor = 0;
  api.version = base()->GetVersionString();
  if (!api.version || sscanf(api.version, "%u.%u", &major, &minor) != 2 || major != 1 || minor < ASSAY_ORT_API_VERSION) {
    snprintf(reason, sizeof reason, "it is version %.40s, and 1.%d or a later 1.x is needed",
             api.version ? api.version : "unknown", ASSAY_ORT_API_VERSION);
    return NULL;
  }
  const void *const *table = (const void *const *)base()->GetApi(ASSAY_ORT_API_VERSION);
  if (!table) {
    snprintf(reason, sizeof reason, "version %.40s does not have version %d of its interface", api.version,
             ASSAY_ORT_API_VERSION);
    return NULL;
  }
#define ASSAY_FIND(place, name, result, parameters) *(const void **)&api.name = table[place];
  ASSAY_ORT_CALLS(ASSAY_FIND)
#undef ASSAY_FIND
  return &api;
}

#endif
