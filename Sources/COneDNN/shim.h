#ifndef ASSAY_ONEDNN_SHIM_H
#define ASSAY_ONEDNN_SHIM_H
#include <oneapi/dnnl/dnnl.h>

// oneDNN's threads are libgomp's, whose idle threads spin and so take a core from everything else. Assay divides the work
// itself and tells libgomp, thread by thread, to use one.
extern void omp_set_num_threads(int count);
#endif
