#ifndef ASSAY_OPENVINO_SHIM_H
#define ASSAY_OPENVINO_SHIM_H
#include <openvino/c/openvino.h>
#endif
