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

/* How a plane is cut into tiles of 4 x 4 outputs of a 3 x 3 convolution; tiles are counted through all images. */
typedef struct {
  /* Of the image that is read or written. */
  int height, width;
  /* Tiles of an image. */
  int rows, columns;
  /* Zeros around the image that is read. */
  int pad;
  /* Floats from one image to the next. */
  long image;
} assay_tiling;

/* Parts of Winograd's minimal filtering F(4 x 4, 3 x 3), each for one block of channels. There are 36 frequencies;
   `stride` is the number of floats from one to the next. `columns`, 1 or 2, is a number of blocks of outputs. */
typedef struct {
  int block;

  /* v[frequency][tile] = B^T d B for the 6 x 6 inputs of each tile. */
  void (*input)(const float *x, const assay_tiling *tiling, long first, long count, float *v, long stride);

  /* z[frequency][tile] = A dy A^T for the 4 x 4 gradients of each tile. */
  void (*gradient)(const float *dy, const assay_tiling *tiling, long first, long count, float *z, long stride);

  /* y = activation(A^T m A + bias) for m[frequency][tile]; bias may be null. */
  void (*output)(const float *m, long stride, const assay_tiling *tiling, long first, long count, const float *bias,
                 int activation, float *y);

  /* u[frequency][row] = G g G^T, where the 3 x 3 weights g of a lane begin at w + row * row_step + lane * lane_step;
     `is_rotated`: by 180 degrees. */
  void (*weights)(const float *w, long lane_step, long row_step, int is_rotated, long rows, float *u, long stride);

  /* dw = G^T u G, placed as in `weights`. */
  void (*weight_gradient)(const float *u, long stride, long rows, float *dw, long lane_step, long row_step);

  /* c[tile] = sum over the channels of a[channel] * u[channel], of one frequency: a[blocks][tile][block],
     u[columns][blocks * block][block], c[columns][tile][block], where `..._step` lead from one of the first index to
     the next. */
  void (*product)(const float *a, long a_step, long tiles, int blocks, const float *u, long u_step, float *c,
                  long c_step, int columns);

  /* du = or += sum over the tiles of v * z, of one frequency: v[blocks][tile][block], z[columns][tile][block],
     du[columns][blocks * block][block]. */
  void (*correlation)(const float *v, long v_step, int blocks, const float *z, long z_step, long tiles, float *du,
                      long u_step, int columns, int add);
} assay_winograd;

/* As assay_kernels_for_block. */
const assay_winograd *assay_winograd_for_block(int block);

/* The processor that the calling thread runs on. */
int assay_present_processor(void);

/* Keeps the calling thread on one of the processors it may run on: the one `step` places behind `first`.
   Threads that meet many times a step must not end up on one processor while another program keeps the others busy. */
void assay_stay_on_processor(int first, int step);

/* Lets the calling thread run anywhere again. */
void assay_leave_processor(void);

#endif
