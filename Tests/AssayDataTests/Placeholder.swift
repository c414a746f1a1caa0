import Testing

import AssayData
