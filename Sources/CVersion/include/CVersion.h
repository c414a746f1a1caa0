#ifndef CVERSION_H
#define CVERSION_H

/// The program's version, by the tag it was built from. A string that lives for ever.
const char *assay_version(void);

#endif
