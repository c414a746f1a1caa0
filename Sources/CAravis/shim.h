#ifndef ASSAY_ARAVIS_SHIM_H
#define ASSAY_ARAVIS_SHIM_H
// Aravis is opened when a camera is used, so that a station without one needs neither it nor GLib and libusb.
#include <arv.h>
#include <dlfcn.h>
#include <stddef.h>

#define ASSAY_ARAVIS_CALLS(call)                                                                                    \
  call(arv_enable_interface) call(arv_update_device_list) call(arv_get_n_devices) call(arv_get_device_id)           \
  call(arv_get_device_vendor) call(arv_get_device_model) call(arv_get_device_serial_nbr)                            \
  call(arv_get_device_address) call(arv_get_device_protocol) call(arv_camera_new) call(arv_camera_get_device)       \
  call(arv_camera_get_device_id) call(arv_device_set_features_from_string) call(arv_camera_get_payload)             \
  call(arv_camera_get_pixel_format) call(arv_camera_get_pixel_format_as_string)                                     \
  call(arv_camera_dup_available_pixel_formats_as_strings) call(arv_camera_set_acquisition_mode)                     \
  call(arv_camera_is_software_trigger_supported) call(arv_camera_set_trigger) call(arv_camera_software_trigger)     \
  call(arv_camera_create_stream) call(arv_camera_start_acquisition) call(arv_camera_stop_acquisition)               \
  call(arv_buffer_new_allocate) call(arv_stream_push_buffer) call(arv_stream_try_pop_buffer)                        \
  call(arv_stream_timeout_pop_buffer) call(arv_buffer_get_status) call(arv_buffer_get_data)                         \
  call(arv_buffer_get_image_width) call(arv_buffer_get_image_height) call(arv_buffer_get_image_pixel_format)        \
  call(arv_camera_is_gv_device) call(arv_camera_gv_set_stream_options)                                               \
  call(arv_gv_fake_camera_new) call(g_object_unref) call(g_error_free) call(g_free)

typedef struct {
#define ASSAY_FIELD(name) __typeof__(name) *_Nonnull name;
  ASSAY_ARAVIS_CALLS(ASSAY_FIELD)
#undef ASSAY_FIELD
} assay_aravis;

/// The library's functions, or null with the loader's own words in `message`. Call it once.
static inline const assay_aravis *_Nullable assay_aravis_load(const char *_Nullable *_Nonnull message) {
  static assay_aravis api;
  // GLib cannot be loaded twice or unloaded.
  void *library = dlopen("libaravis-0.8.so.0", RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (!library) {
    *message = dlerror();
    return NULL;
  }
#define ASSAY_FIND(name)                                  \
  if (!(*(void **)&api.name = dlsym(library, #name))) {   \
    *message = dlerror();                                 \
    return NULL;                                          \
  }
  ASSAY_ARAVIS_CALLS(ASSAY_FIND)
#undef ASSAY_FIND
  return &api;
}
#endif
