#ifndef ASSAY_ONEDNN_SHIM_H
#define ASSAY_ONEDNN_SHIM_H
#include <oneapi/dnnl/dnnl.h>
#endif
