#ifndef ASSAY_MOSQUITTO_SHIM_H
#define ASSAY_MOSQUITTO_SHIM_H
// libmosquitto is opened when a station wants it, so that one without a broker needs no such library.
#include <dlfcn.h>
#include <mosquitto.h>
#include <stddef.h>

#define ASSAY_MOSQUITTO_CALLS(call)                                                                            \
  call(lib_init) call(new) call(destroy) call(username_pw_set) call(will_set) call(tls_set)                    \
  call(connect) call(disconnect) call(publish) call(socket) call(want_write) call(loop_read) call(loop_write)  \
  call(loop_misc) call(connect_callback_set) call(disconnect_callback_set) call(publish_callback_set)          \
  call(strerror) call(connack_string)

typedef struct {
#define ASSAY_FIELD(name) __typeof__(mosquitto_##name) *_Nonnull name;
  ASSAY_MOSQUITTO_CALLS(ASSAY_FIELD)
#undef ASSAY_FIELD
} assay_mosquitto;

/// The library's functions, or null with the loader's own words in `message`. Call it once.
static inline const assay_mosquitto *_Nullable assay_mosquitto_load(const char *_Nullable *_Nonnull message) {
  static assay_mosquitto api;
  void *library = dlopen("libmosquitto.so.1", RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    *message = dlerror();
    return NULL;
  }
#define ASSAY_FIND(name)                                              \
  if (!(*(void **)&api.name = dlsym(library, "mosquitto_" #name))) {  \
    *message = dlerror();                                             \
    return NULL;                                                      \
  }
  ASSAY_MOSQUITTO_CALLS(ASSAY_FIND)
#undef ASSAY_FIND
  return &api;
}
#endif
