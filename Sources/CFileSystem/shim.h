#ifndef ASSAY_FILE_SYSTEM_SHIM_H
#define ASSAY_FILE_SYSTEM_SHIM_H

// glibc declares this only under _GNU_SOURCE, which a Swift module cannot define after the fact.
extern int renameat2(int from_folder, const char *from, int to_folder, const char *to, unsigned int flags);

#define ASSAY_RENAME_NOREPLACE 1u
#define ASSAY_RENAME_EXCHANGE 2u

#endif
