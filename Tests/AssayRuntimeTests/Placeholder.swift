import Testing

import AssayRuntime
