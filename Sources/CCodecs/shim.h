#ifndef ASSAY_CODECS_SHIM_H
#define ASSAY_CODECS_SHIM_H
#include <stddef.h>
#include <stdio.h>
#include <png.h>
#include <tiffio.h>
#include <turbojpeg.h>
#include <webp/decode.h>
#endif
