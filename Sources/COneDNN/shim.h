#ifndef ASSAY_ONEDNN_SHIM_H
#define ASSAY_ONEDNN_SHIM_H
#include <oneapi/dnnl/dnnl.h>

// oneDNN's threads are libgomp's, whose idle threads spin and so take a core from everything else. Heads, coresets and
// searches divide their work themselves and tell libgomp, thread by thread, to use one.
extern void omp_set_num_threads(int count);

// End-to-end training goes the other way: its own kernels run on libgomp's threads too, so that there is one team and
// none spins while another works.
extern void GOMP_parallel(void (*function)(void *), void *data, unsigned threads, unsigned flags);
extern int omp_get_thread_num(void);
#endif
