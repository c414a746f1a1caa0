#ifndef ASSAY_KERNELS_H
#define ASSAY_KERNELS_H

/* The few hot loops of training that oneDNN has no fast primitive for. They are C because a Swift function cannot be
   compiled for another instruction set than its module.

   A plane is one block of channels of one image in oneDNN's layout nChw<block>c: `count` positions of `block` floats.
   Coefficients are vectors of `block` floats. Nothing here allocates, locks or starts threads. */

enum { ASSAY_IDENTITY = 0, ASSAY_RELU = 1, ASSAY_RELU6 = 2 };

typedef struct {
  /* Channels to a block: 16 with AVX-512, otherwise 8. */
  int block;

  /* sum[c] = sum of (x - shift[c]), squares[c] = sum of (x - shift[c])^2 over the plane. */
  void (*sums)(const float *x, long count, const float *shift, float *sum, float *squares);

  /* y = activation(x * a + b + residual); residual may be null; y may be x. */
  void (*normalise)(const float *x, const float *residual, float *y, long count, const float *a, const float *b,
                    int activation);

  /* g = (dy + other) where the activation was open; sum[c] = sum of g, products[c] = sum of g * (x - mean).
     `other` may be null. The activation's opening is told from y, or from x * a + b when y is null.
     With `store`, g is written to dy. */
  void (*normalise_sums)(float *dy, const float *other, const float *x, const float *y, long count, const float *a,
                         const float *b, const float *mean, int activation, int store, float *sum, float *products);

  /* dx = g * gain + x * slope + offset, where g is dy as far as the activation (told from x * a + b) was open. */
  void (*normalise_gradient)(const float *dy, const float *x, float *dx, long count, const float *a, const float *b,
                             int activation, const float *gain, const float *slope, const float *offset);

  /* dy = (dy + other) as far as the activation that gave y was open; other may be null. */
  void (*gate)(float *dy, const float *other, const float *y, long count, int activation);

  /* y = x * a + b, or y += x * a + b. */
  void (*affine)(const float *x, float *y, long count, const float *a, const float *b, int accumulate);

  /* products[c] = sum of x * y. */
  void (*dot)(const float *x, const float *y, long count, float *products);

  /* Adds one image's share of the gradient of a depthwise convolution's weights to gradient[kh][kw][block]. */
  void (*depthwise_weights)(const float *x, const float *dy, int height, int width, int out_height, int out_width,
                            int kernel_height, int kernel_width, int stride_y, int stride_x, int dilation_y,
                            int dilation_x, int pad_top, int pad_left, float *gradient);
} assay_kernels;

/* Kernels for blocks of 16 (AVX-512) or 8 channels (AVX2, or any x86-64). Null when this processor cannot run them. */
const assay_kernels *assay_kernels_for_block(int block);

/* The processor that the calling thread runs on. */
int assay_present_processor(void);

/* Keeps the calling thread on one of the processors it may run on: the one `step` places behind `first`.
   Threads that meet many times a step must not end up on one processor while another program keeps the others busy. */
void assay_stay_on_processor(int first, int step);

#endif
