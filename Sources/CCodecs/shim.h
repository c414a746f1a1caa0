#ifndef ASSAY_CODECS_SHIM_H
#define ASSAY_CODECS_SHIM_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <png.h>
#include <tiffio.h>
#include <turbojpeg.h>
#include <webp/decode.h>

// libpng reports errors by longjmp and libtiff through variadic callbacks; neither can be expressed in Swift.
// These shims turn both into return values and a message.

typedef struct {
  char message[200];
} assay_message;

// MARK: PNG

typedef struct {
  const unsigned char *bytes;
  size_t count;
  size_t position;
  int ran_out;
  assay_message *message;
  jmp_buf jump;
} assay_png_source;

typedef struct {
  png_structp png;
  png_infop info;
  assay_png_source source;
  unsigned width, height;
  int channels;        // after expansion, alpha dropped: 1 or 3
  int bits;            // 8 or 16
  int source_channels; // before alpha is dropped: 1...4
} assay_png;

static inline void assay_png_error(png_structp png, png_const_charp text) {
  assay_png_source *source = (assay_png_source *)png_get_error_ptr(png);
  snprintf(source->message->message, sizeof source->message->message, "%s", text);
  longjmp(source->jump, 1);
}

static inline void assay_png_warning(png_structp png, png_const_charp text) {
  (void)png;
  (void)text;
}

static inline void assay_png_read(png_structp png, png_bytep out, size_t count) {
  assay_png_source *source = (assay_png_source *)png_get_io_ptr(png);
  if (count > source->count - source->position) {
    source->ran_out = 1;
    png_error(png, "the file ends early");
  }
  memcpy(out, source->bytes + source->position, count);
  source->position += count;
}

static inline void assay_png_close(assay_png *self) {
  if (self->png) png_destroy_read_struct(&self->png, &self->info, NULL);
}

// Opens a PNG for decoding to 8- or 16-bit gray or RGB; returns 0, or 1 with a message.
static inline int assay_png_open(assay_png *self, const unsigned char *bytes, size_t count, assay_message *message) {
  memset(self, 0, sizeof *self);
  self->source.bytes = bytes;
  self->source.count = count;
  self->source.message = message;
  self->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &self->source, assay_png_error, assay_png_warning);
  if (!self->png) return 1;
  self->info = png_create_info_struct(self->png);
  if (!self->info || setjmp(self->source.jump)) {
    assay_png_close(self);
    return 1;
  }
  png_set_read_fn(self->png, &self->source, assay_png_read);
  png_set_user_limits(self->png, 0x7fffffff, 0x7fffffff);
  png_read_info(self->png, self->info);
  int colour = png_get_color_type(self->png, self->info);
  int bits = png_get_bit_depth(self->png, self->info);
  self->width = png_get_image_width(self->png, self->info);
  self->height = png_get_image_height(self->png, self->info);
  if (colour == PNG_COLOR_TYPE_PALETTE) png_set_palette_to_rgb(self->png);
  if (colour == PNG_COLOR_TYPE_GRAY && bits < 8) png_set_expand_gray_1_2_4_to_8(self->png);
  if (colour & PNG_COLOR_MASK_ALPHA) png_set_strip_alpha(self->png);
  if (bits == 16) png_set_swap(self->png);
  png_set_interlace_handling(self->png);
  png_read_update_info(self->png, self->info);
  self->channels = png_get_channels(self->png, self->info);
  self->bits = png_get_bit_depth(self->png, self->info);
  return 0;
}

// Decodes into `out` (height rows of `stride` bytes). Returns 0, or 1 with a message.
static inline int assay_png_decode(assay_png *self, unsigned char *out, size_t stride) {
  png_bytep *rows = (png_bytep *)malloc(sizeof(png_bytep) * self->height);
  if (!rows) return 1;
  for (unsigned y = 0; y < self->height; ++y) rows[y] = out + (size_t)y * stride;
  if (setjmp(self->source.jump)) {
    free(rows);
    return 1;
  }
  png_read_image(self->png, rows);
  png_read_end(self->png, NULL);
  free(rows);
  return 0;
}

// MARK: PNG writing

typedef struct {
  unsigned char *bytes;
  size_t count, capacity;
} assay_buffer;

static inline void assay_png_write(png_structp png, png_bytep bytes, size_t count) {
  assay_buffer *buffer = (assay_buffer *)png_get_io_ptr(png);
  if (buffer->count + count > buffer->capacity) {
    size_t capacity = (buffer->count + count) * 2;
    unsigned char *grown = (unsigned char *)realloc(buffer->bytes, capacity);
    if (!grown) png_error(png, "out of memory");
    buffer->bytes = grown;
    buffer->capacity = capacity;
  }
  memcpy(buffer->bytes + buffer->count, bytes, count);
  buffer->count += count;
}

static inline void assay_png_flush(png_structp png) { (void)png; }

// Encodes 8-bit gray (1), RGB (3) or RGBA (4 channels). The caller frees buffer->bytes.
static inline int assay_png_encode(const unsigned char *pixels, unsigned width, unsigned height, int channels,
                                   assay_buffer *buffer, assay_message *message) {
  assay_png_source source;
  memset(&source, 0, sizeof source);
  source.message = message;
  memset(buffer, 0, sizeof *buffer);
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &source, assay_png_error, assay_png_warning);
  if (!png) return 1;
  png_infop info = png_create_info_struct(png);
  if (!info || setjmp(source.jump)) {
    png_destroy_write_struct(&png, &info);
    return 1;
  }
  png_set_write_fn(png, buffer, assay_png_write, assay_png_flush);
  int colour = channels == 1 ? PNG_COLOR_TYPE_GRAY : channels == 3 ? PNG_COLOR_TYPE_RGB : PNG_COLOR_TYPE_RGBA;
  png_set_IHDR(png, info, width, height, 8, colour, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
               PNG_FILTER_TYPE_DEFAULT);
  png_set_compression_level(png, 3);
  png_write_info(png, info);
  for (unsigned y = 0; y < height; ++y) png_write_row(png, pixels + (size_t)y * width * channels);
  png_write_end(png, info);
  png_destroy_write_struct(&png, &info);
  return 0;
}

// MARK: TIFF

typedef struct {
  const unsigned char *bytes;
  toff_t count, position;
  assay_message *message;
} assay_tiff_source;

static inline tmsize_t assay_tiff_read(thandle_t handle, void *out, tmsize_t count) {
  assay_tiff_source *source = (assay_tiff_source *)handle;
  if (source->position >= source->count) return 0;
  toff_t rest = source->count - source->position;
  if ((toff_t)count > rest) count = (tmsize_t)rest;
  memcpy(out, source->bytes + source->position, (size_t)count);
  source->position += (toff_t)count;
  return count;
}

static inline tmsize_t assay_tiff_write(thandle_t handle, void *bytes, tmsize_t count) {
  (void)handle;
  (void)bytes;
  (void)count;
  return 0;
}

static inline toff_t assay_tiff_seek(thandle_t handle, toff_t offset, int whence) {
  assay_tiff_source *source = (assay_tiff_source *)handle;
  if (whence == SEEK_SET) source->position = offset;
  if (whence == SEEK_CUR) source->position += offset;
  if (whence == SEEK_END) source->position = source->count + offset;
  return source->position;
}

static inline int assay_tiff_close(thandle_t handle) {
  (void)handle;
  return 0;
}

static inline toff_t assay_tiff_size(thandle_t handle) { return ((assay_tiff_source *)handle)->count; }

static inline int assay_tiff_error(TIFF *tiff, void *user, const char *module, const char *format, va_list arguments) {
  (void)tiff;
  (void)module;
  assay_message *message = (assay_message *)user;
  if (message->message[0] == 0) vsnprintf(message->message, sizeof message->message, format, arguments);
  return 1;
}

static inline int assay_tiff_warning(TIFF *tiff, void *user, const char *module, const char *format, va_list arguments) {
  (void)tiff;
  (void)user;
  (void)module;
  (void)format;
  (void)arguments;
  return 1;
}

// Opens a TIFF in memory with error handlers of its own (the global ones are shared by all threads).
static inline TIFF *assay_tiff_open(assay_tiff_source *source, assay_message *message) {
  TIFFOpenOptions *options = TIFFOpenOptionsAlloc();
  if (!options) return NULL;
  TIFFOpenOptionsSetErrorHandlerExtR(options, assay_tiff_error, message);
  TIFFOpenOptionsSetWarningHandlerExtR(options, assay_tiff_warning, message);
  TIFF *tiff = TIFFClientOpenExt("memory", "rm", (thandle_t)source, assay_tiff_read, assay_tiff_write, assay_tiff_seek,
                                 assay_tiff_close, assay_tiff_size, NULL, NULL, options);
  TIFFOpenOptionsFree(options);
  return tiff;
}

static inline unsigned assay_tiff_u16(TIFF *tiff, unsigned tag, unsigned fallback) {
  uint16_t value = 0;
  return TIFFGetFieldDefaulted(tiff, tag, &value) ? value : fallback;
}

static inline unsigned assay_tiff_u32(TIFF *tiff, unsigned tag, unsigned fallback) {
  uint32_t value = 0;
  return TIFFGetField(tiff, tag, &value) ? value : fallback;
}

static inline int assay_tiff_palette(TIFF *tiff, uint16_t **red, uint16_t **green, uint16_t **blue) {
  return TIFFGetField(tiff, TIFFTAG_COLORMAP, red, green, blue);
}

#endif
