#ifndef ASSAY_MEMORY_SHIM_H
#define ASSAY_MEMORY_SHIM_H

// glibc's settings of malloc, which Swift's own module of it leaves out.
#include <malloc.h>

#endif
