import Testing

import AssayReport
