import Testing

import AssayMetrics
