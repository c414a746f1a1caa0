#ifndef ASSAY_MODBUS_SHIM_H
#define ASSAY_MODBUS_SHIM_H
// libmodbus is opened when a station wants it, so that one without a PLC needs no such library.
#include <dlfcn.h>
#include <modbus/modbus.h>
#include <stddef.h>

// The server's side, then the client's, with which the tests play the PLC.
#define ASSAY_MODBUS_CALLS(call)                                                                             \
  call(new_tcp_pi) call(tcp_pi_listen) call(set_socket) call(set_response_timeout) call(mapping_new)         \
  call(mapping_free) call(reply) call(reply_exception) call(free) call(strerror)                             \
  call(connect) call(close) call(write_bit) call(write_registers) call(read_bits) call(read_input_bits)      \
  call(read_registers) call(read_input_registers) call(get_float_abcd)

typedef struct {
#define ASSAY_FIELD(name) __typeof__(modbus_##name) *_Nonnull name;
  ASSAY_MODBUS_CALLS(ASSAY_FIELD)
#undef ASSAY_FIELD
} assay_modbus;

/// The library's functions, or null with the loader's own words in `message`. Call it once.
static inline const assay_modbus *_Nullable assay_modbus_load(const char *_Nullable *_Nonnull message) {
  static assay_modbus api;
  void *library = dlopen("libmodbus.so.5", RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    *message = dlerror();
    return NULL;
  }
#define ASSAY_FIND(name)                                           \
  if (!(*(void **)&api.name = dlsym(library, "modbus_" #name))) {  \
    *message = dlerror();                                          \
    return NULL;                                                   \
  }
  ASSAY_MODBUS_CALLS(ASSAY_FIND)
#undef ASSAY_FIND
  return &api;
}
#endif
