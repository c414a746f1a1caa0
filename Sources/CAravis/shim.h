#ifndef ASSAY_ARAVIS_SHIM_H
#define ASSAY_ARAVIS_SHIM_H
#include <arv.h>
#endif
