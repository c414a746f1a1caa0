#ifndef ASSAY_PNG_SHIM_H
#define ASSAY_PNG_SHIM_H
// libpng reports errors by longjmp, which Swift frames must not see: both ends of every jump are in this header.
#include <png.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  const uint8_t *bytes;
  size_t count;
  size_t position;
  int32_t truncated;  // libpng asked for bytes beyond `count`
  char message[128];  // libpng's own words
  jmp_buf jump;
} assay_png_reader;

typedef struct {
  uint8_t *bytes;  // owned: free with assay_png_free
  size_t count;
  size_t capacity;
  char message[128];
  jmp_buf jump;
} assay_png_writer;

static void assay_png_keep_message(char *message, const char *text) {
  strncpy(message, text ? text : "unknown error", 127);
  message[127] = 0;
}

static void assay_png_read_failed(png_structp png, png_const_charp text) {
  assay_png_reader *reader = (assay_png_reader *)png_get_error_ptr(png);
  assay_png_keep_message(reader->message, text);
  longjmp(reader->jump, 1);
}

static void assay_png_write_failed(png_structp png, png_const_charp text) {
  assay_png_writer *writer = (assay_png_writer *)png_get_error_ptr(png);
  assay_png_keep_message(writer->message, text);
  longjmp(writer->jump, 1);
}

static void assay_png_warned(png_structp png, png_const_charp text) {
  (void)png;
  (void)text;
}

static void assay_png_take(png_structp png, png_bytep into, size_t count) {
  assay_png_reader *reader = (assay_png_reader *)png_get_io_ptr(png);
  if (count > reader->count - reader->position) {
    reader->truncated = 1;
    png_error(png, "the data ends early");
  }
  memcpy(into, reader->bytes + reader->position, count);
  reader->position += count;
}

static void assay_png_put(png_structp png, png_bytep from, size_t count) {
  assay_png_writer *writer = (assay_png_writer *)png_get_io_ptr(png);
  if (count > writer->capacity - writer->count) {
    size_t capacity = 2 * writer->capacity + count + 4096;
    uint8_t *bytes = (uint8_t *)realloc(writer->bytes, capacity);
    if (!bytes) png_error(png, "out of memory");
    writer->bytes = bytes;
    writer->capacity = capacity;
  }
  memcpy(writer->bytes + writer->count, from, count);
  writer->count += count;
}

static void assay_png_flush(png_structp png) { (void)png; }

/// Decodes a PNG whose header was already checked into `pixels`: `row_bytes * height` bytes, palette and low bit depths
/// expanded, alpha dropped, 16-bit samples in host order. Returns 1, or 0 with `message` (and perhaps `truncated`) set.
__attribute__((noinline, unused)) static int32_t assay_png_decode(
    assay_png_reader *reader, uint32_t width, uint32_t height, size_t row_bytes, uint8_t *pixels) {
  png_structp png = png_create_read_struct(
      PNG_LIBPNG_VER_STRING, reader, assay_png_read_failed, assay_png_warned);
  png_infop info = png ? png_create_info_struct(png) : NULL;
  if (!info) {
    png_destroy_read_struct(&png, NULL, NULL);
    assay_png_keep_message(reader->message, "out of memory");
    return 0;
  }
  if (setjmp(reader->jump)) {
    png_destroy_read_struct(&png, &info, NULL);
    return 0;
  }
  png_set_read_fn(png, reader, assay_png_take);
  // The caller's own pixel limit has already been applied; libpng's would refuse long line scans.
  png_set_user_limits(png, 0x7fffffff, 0x7fffffff);
  // Text, colour profiles and the like are skipped unread: they cost time and can be decompression bombs.
  png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
  png_read_info(png, info);
  int colour = png_get_color_type(png, info), depth = png_get_bit_depth(png, info);
  if (colour == PNG_COLOR_TYPE_PALETTE) png_set_palette_to_rgb(png);
  if (colour == PNG_COLOR_TYPE_GRAY && depth < 8) png_set_expand_gray_1_2_4_to_8(png);
  png_set_strip_alpha(png);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  if (depth == 16) png_set_swap(png);
#endif
  int passes = png_set_interlace_handling(png);
  png_read_update_info(png, info);
  if (png_get_image_width(png, info) != width || png_get_image_height(png, info) != height ||
      png_get_rowbytes(png, info) != row_bytes)
    png_error(png, "the header changed between two readings");
  for (int pass = 0; pass < passes; pass++)
    for (uint32_t y = 0; y < height; y++) png_read_row(png, pixels + y * row_bytes, NULL);
  png_read_end(png, NULL);
  png_destroy_read_struct(&png, &info, NULL);
  return 1;
}

/// Encodes 8-bit gray (1), RGB (3) or RGBA (4 channels). Returns 1, or 0 with `message` set; free `bytes` in both cases.
__attribute__((noinline, unused)) static int32_t assay_png_encode(
    assay_png_writer *writer, uint32_t width, uint32_t height, int32_t channels, const uint8_t *pixels) {
  png_structp png = png_create_write_struct(
      PNG_LIBPNG_VER_STRING, writer, assay_png_write_failed, assay_png_warned);
  png_infop info = png ? png_create_info_struct(png) : NULL;
  if (!info) {
    png_destroy_write_struct(&png, NULL);
    assay_png_keep_message(writer->message, "out of memory");
    return 0;
  }
  if (setjmp(writer->jump)) {
    png_destroy_write_struct(&png, &info);
    return 0;
  }
  png_set_write_fn(png, writer, assay_png_put, assay_png_flush);
  int colour = channels == 1 ? PNG_COLOR_TYPE_GRAY : channels == 3 ? PNG_COLOR_TYPE_RGB : PNG_COLOR_TYPE_RGB_ALPHA;
  png_set_IHDR(png, info, width, height, 8, colour, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
               PNG_FILTER_TYPE_DEFAULT);
  png_write_info(png, info);
  for (uint32_t y = 0; y < height; y++) png_write_row(png, pixels + (size_t)y * width * (size_t)channels);
  png_write_end(png, NULL);
  png_destroy_write_struct(&png, &info);
  return 1;
}

__attribute__((unused)) static void assay_png_free(assay_png_writer *writer) {
  free(writer->bytes);
  writer->bytes = NULL;
}
#endif
