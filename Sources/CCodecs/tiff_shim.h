#ifndef ASSAY_TIFF_SHIM_H
#define ASSAY_TIFF_SHIM_H
// libtiff's fields are variadic and its errors va_list callbacks, neither of which Swift can call or write.
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <tiffio.h>
#include <unistd.h>

/// Where libtiff reads: memory when `bytes` is not null, else the file `descriptor`, by pread.
typedef struct {
  const uint8_t *bytes;
  int32_t descriptor;
  uint64_t size;
  uint64_t position;
  uint64_t wanted;    // one past the furthest byte asked for
  char message[192];  // the first error, in libtiff's own words
} assay_tiff_source;

static tmsize_t assay_tiff_read(thandle_t handle, void *into, tmsize_t count) {
  assay_tiff_source *source = (assay_tiff_source *)handle;
  if (count <= 0) return 0;
  uint64_t end = source->position + (uint64_t)count;
  if (end < source->position) return 0;
  if (end > source->wanted) source->wanted = end;
  if (source->position >= source->size) return 0;
  uint64_t there = source->size - source->position;
  size_t taken = (uint64_t)count < there ? (size_t)count : (size_t)there;
  if (source->bytes) {
    memcpy(into, source->bytes + source->position, taken);
  } else {
    ssize_t got = pread(source->descriptor, into, taken, (off_t)source->position);
    if (got < 0) return 0;
    taken = (size_t)got;
  }
  source->position += taken;
  return (tmsize_t)taken;
}

static tmsize_t assay_tiff_write(thandle_t handle, void *from, tmsize_t count) {
  (void)handle;
  (void)from;
  (void)count;
  return 0;
}

static toff_t assay_tiff_seek(thandle_t handle, toff_t offset, int whence) {
  assay_tiff_source *source = (assay_tiff_source *)handle;
  if (whence == SEEK_CUR) offset += source->position;
  if (whence == SEEK_END) offset += source->size;
  source->position = offset;
  return offset;
}

static int assay_tiff_close(thandle_t handle) {
  (void)handle;
  return 0;
}

static toff_t assay_tiff_size(thandle_t handle) { return ((assay_tiff_source *)handle)->size; }

static int assay_tiff_failed(TIFF *tiff, void *user, const char *module, const char *format, va_list values) {
  (void)tiff;
  (void)module;
  assay_tiff_source *source = (assay_tiff_source *)user;
  if (!source->message[0]) vsnprintf(source->message, sizeof source->message, format, values);
  return 1;  // handled: the process-wide handler, which prints, is not called
}

static int assay_tiff_warned(TIFF *tiff, void *user, const char *module, const char *format, va_list values) {
  (void)tiff;
  (void)user;
  (void)module;
  (void)format;
  (void)values;
  return 1;
}

/// Opens the first directory with error handlers of this handle only. `largest` bounds a single allocation in bytes.
__attribute__((unused)) static TIFF *assay_tiff_open(assay_tiff_source *source, int64_t largest) {
  TIFFOpenOptions *options = TIFFOpenOptionsAlloc();
  if (!options) return NULL;
  TIFFOpenOptionsSetMaxSingleMemAlloc(options, (tmsize_t)largest);
  TIFFOpenOptionsSetErrorHandlerExtR(options, assay_tiff_failed, source);
  TIFFOpenOptionsSetWarningHandlerExtR(options, assay_tiff_warned, source);
  TIFF *tiff = TIFFClientOpenExt("image", "rm", (thandle_t)source, assay_tiff_read, assay_tiff_write, assay_tiff_seek,
                                 assay_tiff_close, assay_tiff_size, NULL, NULL, options);
  TIFFOpenOptionsFree(options);
  return tiff;
}

/// A field that libtiff stores as uint16, or `fallback` where the file has none and the standard no default.
__attribute__((unused)) static uint16_t assay_tiff_short(TIFF *tiff, uint32_t tag, uint16_t fallback) {
  uint16_t value = fallback;
  return TIFFGetFieldDefaulted(tiff, tag, &value) ? value : fallback;
}

/// A field that libtiff stores as uint32.
__attribute__((unused)) static uint32_t assay_tiff_long(TIFF *tiff, uint32_t tag, uint32_t fallback) {
  uint32_t value = fallback;
  return TIFFGetFieldDefaulted(tiff, tag, &value) ? value : fallback;
}

/// SMaxSampleValue, or -1 where the file has none. Without TIFFTAG_PERSAMPLE libtiff gives the largest of all samples.
__attribute__((unused)) static double assay_tiff_largest_sample(TIFF *tiff) {
  double value = -1;
  return TIFFGetField(tiff, TIFFTAG_SMAXSAMPLEVALUE, &value) ? value : -1;
}

/// The palette's three tables of 2^bits entries, which libtiff owns. Returns 0 when there is none.
__attribute__((unused)) static int32_t assay_tiff_palette(
    TIFF *tiff, uint16_t **red, uint16_t **green, uint16_t **blue) {
  return TIFFGetField(tiff, TIFFTAG_COLORMAP, red, green, blue);
}

/// Lets JPEG-compressed YCbCr arrive as RGB.
__attribute__((unused)) static void assay_tiff_want_rgb(TIFF *tiff) {
  TIFFSetField(tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
}
#endif
