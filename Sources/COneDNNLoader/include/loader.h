#ifndef ASSAY_ONEDNN_LOADER_H
#define ASSAY_ONEDNN_LOADER_H
// The functions of oneDNN that Assay calls, under their own names: the library is opened when the first of them is called, so that a
// program which trains nothing needs none, and the linker needs to know no folder.

/// Opens oneDNN.
/// - Returns: null, or why it cannot be used, in words.
const char *_Nullable assay_onednn_failure(void);

#endif
