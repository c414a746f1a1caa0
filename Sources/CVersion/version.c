#include "CVersion.h"

// The version is a definition of this file alone, so that nothing else is compiled again for it.
const char *assay_version(void) { return ASSAY_VERSION; }
