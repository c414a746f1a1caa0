#ifndef ASSAY_PROCESS_SHIM_H
#define ASSAY_PROCESS_SHIM_H

#include <sys/prctl.h>

// prctl takes a variable number of arguments, which Swift cannot call.
static inline int assay_signal_when_parent_ends(int signal) { return prctl(PR_SET_PDEATHSIG, (unsigned long)signal); }

#endif
