#ifndef ASSAY_CODECS_SHIM_H
#define ASSAY_CODECS_SHIM_H
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <turbojpeg.h>
#include <webp/decode.h>
#include "memory_shim.h"
#include "png_shim.h"
#include "tiff_shim.h"
#endif
